// The server's event stream: what changed is read again, so that every open page is live.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useSyncExternalStore } from 'react';

import { BASE } from './client';

export interface LiveEvent {
  /** `contact.changed`, `message.received`, … */
  kind: string;
  subject: string;
  conversation?: string;
}

type Listener = (event: LiveEvent) => void;
export type LiveState = 'connecting' | 'open' | 'lost';

const listeners = new Set<Listener>();
const watchers = new Set<() => void>();
let state: LiveState = 'connecting';

function turn(next: LiveState): void {
  if (next === state) return;
  state = next;
  watchers.forEach((watch) => watch());
}

/** First words of the query keys that a kind of event makes old: the noun, its plural, and who shows it too. */
export function staleRoots(kind: string): string[] {
  const noun = kind.split('.')[0] ?? kind;
  const plural = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  const also: Record<string, string[]> = {
    message: ['conversations'],
    // A handoff is a task, too.
    conversation: ['tasks'],
    turn: ['messages', 'conversations'],
    effect: ['messages'],
    note: ['messages'],
    tenant: ['session', 'settings'],
    settings: ['session', 'settings'],
    member: ['session', 'my-number'],
    role: ['session'],
    appointment: ['availability', 'contacts'],
    task: ['contacts'],
    tool: ['actions'],
    approval: ['turns'],
  };
  return [...new Set([noun, plural, ...(also[noun] ?? [])])];
}

/** Is what is kept under `key` old now? What belongs to another conversation (`['messages', 'cnv_…']`) is not. */
export function makesOld(event: LiveEvent, key: readonly unknown[]): boolean {
  if (!staleRoots(event.kind).includes(String(key[0]))) return false;
  const [its, of] = [event.conversation, key[1]];
  const elsewhere = its && typeof of === 'string' && of !== its && of.split('_')[0] === its.split('_')[0];
  return !elsewhere;
}

/** Keeps one stream open for the business; mounted once, by the shell. */
export function useLiveStream(business: string | undefined): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!business) return;
    let source: EventSource | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let flush: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    let again = false;
    let flushed = 0;
    let heardOf: LiveEvent[] = [];

    const refetch = () => {
      flush = undefined;
      flushed = Date.now();
      const events = heardOf;
      heardOf = [];
      void queries.invalidateQueries({ predicate: (query) => events.some((event) => makesOld(event, query.queryKey)) });
    };
    const heard = (message: MessageEvent<string>) => {
      const event = read(message.data);
      if (!event) return;
      listeners.forEach((listen) => listen(event));
      heardOf.push(event);
      // A burst of events is one refetch, and a busy hour is one a second.
      flush ??= setTimeout(refetch, Math.max(120, flushed + 1000 - Date.now()));
    };
    const connect = () => {
      source = new EventSource(`${BASE}/events?tenant=${encodeURIComponent(business)}`, { withCredentials: true });
      source.onopen = () => {
        // What happened while nobody listened is not told again.
        if (failures > 0 || again) void queries.invalidateQueries();
        failures = 0;
        again = false;
        turn('open');
      };
      source.onmessage = heard;
      // We read too slowly and some were left out.
      source.addEventListener('missed', () => void queries.invalidateQueries());
      // The server ends a stream after some minutes, so that we are asked again who we are: no failure, and nothing to say.
      source.addEventListener('again', () => {
        source?.close();
        again = true;
        connect();
      });
      source.onerror = () => {
        source?.close();
        failures += 1;
        turn(failures > 1 ? 'lost' : 'connecting');
        const pause = Math.min(30_000, 500 * 2 ** Math.min(failures, 6)) * (0.75 + Math.random() / 2);
        retry = setTimeout(connect, pause);
      };
    };
    const wake = () => {
      if (state === 'open' || document.hidden) return;
      clearTimeout(retry);
      source?.close();
      connect();
    };
    turn('connecting');
    connect();
    addEventListener('online', wake);
    document.addEventListener('visibilitychange', wake);
    return () => {
      removeEventListener('online', wake);
      document.removeEventListener('visibilitychange', wake);
      clearTimeout(retry);
      clearTimeout(flush);
      source?.close();
    };
  }, [business, queries]);
}

function read(data: string): LiveEvent | undefined {
  try {
    const event = JSON.parse(data) as Partial<LiveEvent>;
    return typeof event.kind === 'string' ? { subject: '', ...event, kind: event.kind } : undefined;
  } catch {
    return undefined;
  }
}

/** Hear events as they come, for what a refetch does not show: a sound, a ring, a typing mark. */
export function useLive(listen: Listener): void {
  const latest = useRef(listen);
  useEffect(() => {
    latest.current = listen;
  });
  useEffect(() => {
    const hear: Listener = (event) => latest.current(event);
    listeners.add(hear);
    return () => void listeners.delete(hear);
  }, []);
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => state,
  );
}
