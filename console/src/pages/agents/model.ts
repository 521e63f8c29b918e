// What the server tells about agents, and how they are asked for.
import { useQuery } from '@tanstack/react-query';

import { ifMatch, send, sendJson } from '../../api';

export interface ModelChoice {
  vendor: string;
  model: string;
  base_url?: string | null;
}

export interface Spec {
  prompt: string;
  models: ModelChoice[];
  /** Null: every tool. */
  tools: string[] | null;
  temperature: number | null;
  max_output_tokens: number | null;
}

export interface Agent {
  id: string;
  name: string;
  is_default: boolean;
  version: number;
  spec: Spec;
  published_at: string;
  drafted_at?: string;
  updated_at: string;
}

export interface Fault {
  path: string;
  problem: string;
  line?: number;
  column?: number;
}

export interface Draft {
  spec: Spec;
  is_saved: boolean;
  based_on: number;
  published: number;
  updated_at?: string;
  problems: Fault[];
}

export interface Version {
  version: number;
  is_published: boolean;
  note: string;
  author?: string;
  author_name?: string;
  created_at: string;
  spec: Spec;
}

export interface Variable {
  name: string;
  insert: string;
  meaning: { en: string; es: string };
  sample: string;
}

export interface Tool {
  name: string;
  description: string;
  changes_something: boolean;
}

export interface Vendor {
  vendor: string;
  name: string;
  is_ai: boolean;
  is_configured: boolean;
  missing?: string;
  models: string[];
}

export interface Preview {
  own: string;
  moment: string;
  business: string;
  problems: Fault[];
  characters: number;
  tokens: number;
}

export interface Tagged<T> {
  value: T;
  tag: string | undefined;
}

const at = (id: string) => `/agents/${encodeURIComponent(id)}`;

async function tagged<T>(method: string, path: string, tag?: string, body?: unknown): Promise<Tagged<T>> {
  const headers: Record<string, string> = { 'content-type': 'application/json', ...ifMatch(tag) };
  const response = await send(method, path, body === undefined ? {} : { body: JSON.stringify(body), headers });
  return { value: (await response.json()) as T, tag: response.headers.get('etag') ?? undefined };
}

export const agents = {
  list: () => sendJson<{ items: Agent[] }>('GET', '/agents').then((found) => found.items),
  get: (id: string) => sendJson<Agent>('GET', at(id)),
  create: (body: { name: string; spec?: Spec; prompt?: string }) => sendJson<Agent>('POST', '/agents', body),
  change: (id: string, body: { name?: string; is_default?: boolean }) => sendJson<Agent>('PATCH', at(id), body),
  remove: (id: string) => sendJson<void>('DELETE', at(id)),
  draft: (id: string) => tagged<Draft>('GET', `${at(id)}/draft`),
  save: (id: string, spec: Spec, tag: string | undefined) => tagged<Draft>('PUT', `${at(id)}/draft`, tag, spec),
  discard: (id: string) => sendJson<void>('DELETE', `${at(id)}/draft`),
  publish: (id: string, note: string, tag: string | undefined) => tagged<Version>('POST', `${at(id)}/publish`, tag, { note }),
  versions: (id: string, cursor: string | undefined) =>
    sendJson<{ items: Version[]; next?: string }>('GET', `${at(id)}/versions${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ''}`),
  restore: (id: string, version: number, note?: string) =>
    sendJson<Version>('POST', `${at(id)}/versions/${version}/restore`, note ? { note } : {}),
  preview: (body: { prompt: string; agent_name: string; contact?: string; now?: string }) => sendJson<Preview>('POST', '/agents/preview', body),
};

export function useAgents() {
  return useQuery({ queryKey: ['agents'], queryFn: agents.list });
}

export function useAgent(id: string) {
  return useQuery({ queryKey: ['agents', id], queryFn: () => agents.get(id) });
}

export function useVariables(contact: string | undefined) {
  return useQuery({
    queryKey: ['agent-variables', contact],
    queryFn: () => sendJson<{ items: Variable[] }>('GET', `/agents/variables${contact ? `?contact=${contact}` : ''}`).then((f) => f.items),
  });
}

export function useTools() {
  return useQuery({ queryKey: ['tools', 'of agents'], queryFn: () => sendJson<{ items: Tool[] }>('GET', '/agents/tools').then((f) => f.items) });
}

export function useModels() {
  return useQuery({
    queryKey: ['models'],
    queryFn: () => sendJson<{ vendors: Vendor[]; default_chain: ModelChoice[] }>('GET', '/models'),
  });
}

/** The same spec, whatever order its members came in. */
export function sameSpec(a: Spec, b: Spec): boolean {
  return written(a) === written(b);
}

function written(s: Spec): string {
  const models = s.models.map((m) => [m.vendor, m.model, m.base_url ?? null]);
  return JSON.stringify([s.prompt, models, s.tools, s.temperature, s.max_output_tokens]);
}

/** A spec in lines, to compare two of them. */
export function inLines(s: Spec, words: { models: string; tools: string; temperature: string; longest: string; ours: string; all: string; usual: string }): string {
  const models = s.models.map((m) => `${m.vendor}/${m.model}${m.base_url ? ` @ ${m.base_url}` : ''}`).join(', ') || words.ours;
  return [
    `${words.models}: ${models}`,
    `${words.tools}: ${s.tools ? s.tools.join(', ') || '–' : words.all}`,
    `${words.temperature}: ${s.temperature ?? words.usual}`,
    `${words.longest}: ${s.max_output_tokens ?? words.usual}`,
    '',
    s.prompt,
  ].join('\n');
}
