// What is being written and what is on its way, per conversation: it outlives a change of conversation and a reload.
import { useCallback, useSyncExternalStore } from 'react';

import type { Message, Pending } from './model';

export interface Draft {
  text: string;
  mode: 'reply' | 'note';
  quote: Message | null;
  files: { id: string; name: string; mime: string; size: number; kind: 'image' | 'audio' | 'video' | 'document' }[];
}

const EMPTY: Draft = { text: '', mode: 'reply', quote: null, files: [] };
const STORED = 'frontdesk.drafts';

const drafts = new Map<string, Draft>(read());
const pending = new Map<string, Pending[]>();
const watchers = new Set<() => void>();

function tell(): void {
  watchers.forEach((watch) => watch());
}

function watch(then: () => void): () => void {
  watchers.add(then);
  return () => watchers.delete(then);
}

function read(): [string, Draft][] {
  try {
    return JSON.parse(sessionStorage.getItem(STORED) ?? '[]') as [string, Draft][];
  } catch {
    return [];
  }
}

function keep(): void {
  try {
    sessionStorage.setItem(STORED, JSON.stringify([...drafts]));
  } catch {
    // Storage is full or closed to us: the draft lasts as long as the page.
  }
}

export function setDraft(conversation: string, change: Partial<Draft>): void {
  const next = { ...(drafts.get(conversation) ?? EMPTY), ...change };
  const empty = next.text === '' && !next.quote && next.files.length === 0 && next.mode === 'reply';
  if (empty) drafts.delete(conversation);
  else drafts.set(conversation, next);
  keep();
  tell();
}

export function useDraft(conversation: string): [Draft, (change: Partial<Draft>) => void] {
  const draft = useSyncExternalStore(watch, () => drafts.get(conversation) ?? EMPTY);
  const set = useCallback((change: Partial<Draft>) => setDraft(conversation, change), [conversation]);
  return [draft, set];
}

const NONE: Pending[] = [];

export function usePending(conversation: string): Pending[] {
  return useSyncExternalStore(watch, () => pending.get(conversation) ?? NONE);
}

export function addPending(conversation: string, one: Pending): void {
  pending.set(conversation, [...(pending.get(conversation) ?? NONE), one]);
  tell();
}

export function changePending(conversation: string, key: string, change: Partial<Pending> | null): void {
  const others = (pending.get(conversation) ?? NONE).flatMap((one) => {
    if (one.key !== key) return [one];
    return change ? [{ ...one, ...change }] : [];
  });
  if (others.length > 0) pending.set(conversation, others);
  else pending.delete(conversation);
  tell();
}

export function hasDraft(conversation: string): boolean {
  return (drafts.get(conversation)?.text ?? '') !== '';
}
