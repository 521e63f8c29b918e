// What the pages of connected servers ask the API.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, ask, type components } from '../../api';

type Schemas = components['schemas'];
export type Server = Schemas['McpServer'];
export type ServerTool = Schemas['McpTool'];
export type Definition = Schemas['McpDefinition'];
export type Auth = Schemas['McpAuth'];
export type Level = Schemas['Level'];
export type Trial = Schemas['McpTrial'];

export const LEVELS: Level[] = ['automatic', 'suggestion', 'consultation', 'approval', 'off'];

/** The first word is the one that `tool.changed` makes old. */
const SERVERS = ['tools', 'servers'] as const;

/** Removed ones are not read again while their page is still leaving. */
const gone = new Set<string>();

export function useServers() {
  return useQuery({ queryKey: SERVERS, queryFn: () => ask(api.GET('/mcp-servers')) });
}

export function useServer(id: string) {
  return useQuery({ queryKey: [...SERVERS, id], queryFn: () => ask<Server>(api.GET('/mcp-servers/{id}', { params: { path: { id } } })), enabled: () => !gone.has(id) });
}

export function useServerTools(id: string) {
  return useQuery({ queryKey: [...SERVERS, id, 'tools'], queryFn: () => ask(api.GET('/mcp-servers/{id}/tools', { params: { path: { id } } })), enabled: () => !gone.has(id) });
}

/** Something that changes servers or their tools; what is shown is read anew. */
export function useAct<I, O>(act: (input: I) => Promise<O>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: () => Promise.all(['tools', 'tool', 'actions'].map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
}

export interface Connection {
  name: string;
  title: string;
  url: string;
  auth: Auth;
  secret?: string;
}

export function connect(body: Connection): Promise<Server> {
  return ask<Server>(api.POST('/mcp-servers', { body: body as never }));
}

export function change(id: string, body: Partial<Connection> & { enabled?: boolean }): Promise<Server> {
  return ask<Server>(api.PATCH('/mcp-servers/{id}', { params: { path: { id } }, body: body as never }));
}

export async function remove(id: string): Promise<void> {
  gone.add(id);
  try {
    await api.DELETE('/mcp-servers/{id}', { params: { path: { id }, query: { force: true } } });
  } catch (error) {
    gone.delete(id);
    throw error;
  }
}

export function askAgain(id: string): Promise<Server> {
  return ask<Server>(api.POST('/mcp-servers/{id}/refresh', { params: { path: { id } } }));
}

/** Where the browser goes to ask for access. `giver`: whom the client secret is from. */
export function authorize(id: string, giver?: string): Promise<{ url: string }> {
  const query = giver === undefined ? {} : { giver };
  return ask<{ url: string }>(api.POST('/mcp-servers/{id}/authorize', { params: { path: { id }, query } }));
}

export async function disconnect(id: string): Promise<void> {
  await api.DELETE('/mcp-servers/{id}/authorize', { params: { path: { id } } });
}

export interface Yes {
  id: string;
  hash: string;
  effect?: 'reads' | 'writes';
  repeatable?: boolean;
  level?: Level | null;
}

export async function approve(id: string, tools: Yes[]): Promise<void> {
  await ask(api.POST('/mcp-servers/{id}/approve', { params: { path: { id } }, body: { tools } as never }));
}

export async function choose(id: string, tool: string, body: object): Promise<void> {
  await ask(api.PATCH('/mcp-servers/{id}/tools/{tool}', { params: { path: { id, tool } }, body: body as never }));
}

export function tryOut(id: string, tool: string, args: unknown): Promise<Trial> {
  return ask<Trial>(api.POST('/mcp-servers/{id}/tools/{tool}/test', { params: { path: { id, tool } }, body: { arguments: args } as never }));
}

/** A definition as one text, so that two of them can be held against each other. */
export function asText(d: Definition): string {
  const parts = { parameters: d.parameters, ...(d.answers ? { answers: d.answers } : {}), hints: d.hints };
  return [d.title, d.description, JSON.stringify(parts, null, 2)].filter(Boolean).join('\n\n');
}

/** Arguments to begin a trial with. */
export function sample(parameters: unknown): string {
  const { properties = {}, required = [] } = (parameters ?? {}) as { properties?: Record<string, { type?: unknown }>; required?: string[] };
  const of = (type: unknown) => ({ integer: 1, number: 1, boolean: true, array: [], object: {} })[String(type)] ?? '';
  return JSON.stringify(Object.fromEntries(required.map((name) => [name, of(properties[name]?.type)])), null, 2);
}
