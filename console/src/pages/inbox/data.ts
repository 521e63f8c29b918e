// What the inbox reads, through the API.
import { useQuery } from '@tanstack/react-query';

import { selectedBusiness, sendJson, usePages, type components, type Page } from '../../api';
import { BASE } from '../../api/client';
import type { Author, Conversation, Item, Message, Named, Note } from './model';

export * from './changes';
export * from './around';
export * from './counts';

export interface Filters {
  state?: 'bot' | 'human' | 'waiting' | 'paused' | 'closed';
  /** `me`, `none` or a person. */
  assignee?: string;
  channel?: string;
  contact?: string;
  unread?: boolean;
  snoozed?: boolean;
  /** Beginnings of the contact's name or number. */
  q?: string;
}

export function query(values: object): string {
  const given = Object.entries(values).filter(([, v]) => v !== undefined && v !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([k, v]) => [k, String(v)]))}`;
}

export function useConversations(filters: Filters) {
  return usePages<Item>(['conversations', 'list', filters], (cursor) => sendJson('GET', `/conversations${query({ ...filters, cursor })}`));
}

export function useConversation(id: string) {
  return useQuery({ queryKey: ['conversations', 'one', id], queryFn: () => sendJson<Conversation>('GET', `/conversations/${id}`) });
}

/** Oldest first; the pages behind are those before. */
export function useMessages(id: string) {
  const pages = usePages<Message>(['messages', id], (cursor) => sendJson('GET', `/conversations/${id}/messages${query({ cursor, limit: 50 })}`));
  return { ...pages, items: pages.items?.toReversed() };
}

/** All of them: they are few. */
export function useNotes(id: string) {
  return useQuery({
    queryKey: ['notes', id],
    queryFn: async () => (await sendJson<Page<Note>>('GET', `/conversations/${id}/notes?limit=200`)).items,
  });
}

export interface Hit {
  message: string;
  conversation: string;
  contact: Named;
  channel: Item['channel'];
  author: Author;
  snippet: string;
  /** From and to in `snippet`. */
  highlights: [from: number, to: number][];
  at: string;
}

/** Messages in which all the words stand. */
export function useSearch(words: string) {
  return usePages<Hit>(['messages', 'search', words], (cursor) => sendJson('GET', `/search/messages${query({ q: words, cursor })}`), words.length >= 2);
}

export function useByContact(words: string) {
  return usePages<Item>(['conversations', 'named', words], () => sendJson('GET', `/conversations${query({ q: words, limit: 5 })}`), words.length >= 2);
}

/** The address of a file; a picture cannot send headers, so the business is in it. */
export function mediaUrl(id: string): string {
  return `${BASE}/media/${id}${query({ tenant: selectedBusiness() })}`;
}

export interface Trace {
  id: string | null;
  state: string;
  outcome?: string | null;
  problem?: string | null;
  agent_name?: string | null;
  agent_version?: number | null;
  prompt?: unknown;
  started_at?: string;
  millis?: number | null;
  incoming?: { id: string; text: string }[];
  steps: { at: string; millis: number | null; step: TraceStep }[];
  decisions?: Decision[];
  sends: {
    id: string;
    state: string;
    attempts: number;
    problem: string | null;
    text: string | null;
    delivery: Message['delivery'];
    tries: { n: number; started_at: string; millis: number | null; outcome: string | null; detail: string | null }[];
  }[];
  used?: { model_calls: number; tool_calls: number; corrections: number; tokens: Usage & { cost_micros?: number } };
}

/** What was decided about a call, and by which rule. */
export type Decision = components['schemas']['TraceDecision'];

interface Usage {
  input: number;
  cached: number;
  output: number;
}

type TraceStep =
  | { kind: 'model'; model: string; dialect?: string; text?: string; calls?: { id: string; name: string; arguments: unknown; broken?: string }[]; usage?: Usage }
  | { kind: 'tools'; results: { call: string; name: string; ok: boolean; content: string; data?: unknown; receipt?: string }[] }
  | { kind: 'correction' | 'note'; text: string }
  | { kind: 'more' }
  | { kind: 'finished'; text: string; gave_up?: string };

/** The turn of a message, told whole. */
export function useTrace(message: string | undefined) {
  return useQuery({ queryKey: ['turns', message], queryFn: () => sendJson<Trace>('GET', `/turns/${message}`), enabled: !!message });
}

export interface Macro {
  id: string;
  name: string;
  text: string;
}

export function useMacros(enabled: boolean) {
  return useQuery({ queryKey: ['macros'], queryFn: async () => (await sendJson<Page<Macro>>('GET', '/macros?limit=200')).items, enabled, staleTime: 5 * 60_000 });
}

export interface Template {
  name: string;
  language: string;
  /** With blanks such as `{{1}}` or `{{name}}`, like the body. */
  header?: string | null;
  body: string;
  footer?: string | null;
  buttons: string[];
  /** Why filling in the blanks is not enough to send it. */
  needs_more?: string | null;
}

export function useTemplates(channel: string) {
  return useQuery({ queryKey: ['channels', channel, 'templates'], queryFn: async () => (await sendJson<Page<Template>>('GET', `/channels/${channel}/templates`)).items });
}

export function useTeam() {
  return useQuery({ queryKey: ['members'], queryFn: async () => (await sendJson<Page<Named>>('GET', '/members?limit=200')).items, staleTime: 5 * 60_000 });
}

export function useChannels() {
  return useQuery({ queryKey: ['channels'], queryFn: async () => (await sendJson<Page<Conversation['channel']>>('GET', '/channels')).items, staleTime: 5 * 60_000 });
}
