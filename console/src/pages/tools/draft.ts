// A tool while it is written: what the form holds, and how it becomes what the API takes.
import type { components } from '../../api';

type Schemas = components['schemas'];
export type Tool = Schemas['Tool'];
export type NewTool = Schemas['NewTool'];
export type Trial = Schemas['ToolTrial'];
export type ToolDraft = Schemas['ToolDraft'];
export type Offered = Schemas['OfferedSecret'];

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export const TYPES = ['string', 'integer', 'number', 'boolean', 'array', 'object'] as const;
export const CATEGORIES = ['communication', 'resource', 'external', 'coordination'] as const;
export const LEVELS = ['automatic', 'suggestion', 'consultation', 'approval', 'off'] as const;
export const PROVES = ['booked', 'rescheduled', 'cancelled', 'contact_updated', 'paid', 'sent'] as const;

/** For fields that hold code. */
export const mono = { input: { fontFamily: 'var(--mantine-font-family-monospace)' } };

type Json = Record<string, unknown>;

/** One row of the parameters' table. `rest`: what the table does not show of it. */
export interface Parameter {
  key: string;
  name: string;
  type: string;
  description: string;
  required: boolean;
  rest: Json;
}

export interface Values {
  name: string;
  title: string;
  description: string;
  effect: 'reads' | 'writes';
  idempotent: boolean;
  proves: string;
  enabled: boolean;
  /** Empty: as usual. */
  level: '' | (typeof LEVELS)[number];
  category: '' | (typeof CATEGORIES)[number];
  amount: string;
  /** Arguments of the example call, as JSON; empty: there is none. */
  example: string;
  /** As a table, or as the text of a schema. */
  as: 'table' | 'schema';
  table: Parameter[];
  parameters: string;
  request: {
    method: (typeof METHODS)[number];
    url: string;
    query: { name: string; value: string }[];
    headers: { name: string; value: string }[];
    auth: {
      kind: 'none' | 'header' | 'bearer' | 'basic' | 'client_credentials';
      header: string;
      username: string;
      secret: string;
      token_url: string;
      client_id: string;
      scope: string;
      resource: string;
      send_as: 'basic' | 'form';
    };
    rest: 'query' | 'body' | 'nowhere';
    body: string;
    encoding: 'json' | 'form';
    timeout_ms: number;
  };
  answer: { pointer: string; max_chars: number };
}

let last = 0;
export function parameter(name = '', type = 'string', description = '', required = true, rest: Json = {}): Parameter {
  last += 1;
  return { key: `p${last}`, name, type, description, required, rest };
}

export function blank(): Values {
  return {
    name: '', title: '', description: '', effect: 'reads', idempotent: false, proves: '', enabled: true,
    level: '', category: '', amount: '', example: '',
    as: 'table', table: [], parameters: '',
    request: {
      method: 'GET', url: 'https://', query: [], headers: [],
      auth: { kind: 'none', header: '', username: '', secret: '', token_url: '', client_id: '', scope: '', resource: '', send_as: 'basic' },
      rest: 'query', body: '', encoding: 'json', timeout_ms: 10_000,
    },
    answer: { pointer: '', max_chars: 8000 },
  };
}

/** The empty page's example: it works at once, without an account. */
export function example(texts: { title: string; description: string; country: string }): Values {
  const values = blank();
  return {
    ...values,
    name: 'public_holidays',
    title: texts.title,
    description: texts.description,
    table: [parameter('year', 'integer', '', true), parameter('country', 'string', texts.country, true, { pattern: '^[A-Z]{2}$' })],
    request: { ...values.request, url: 'https://date.nager.at/api/v3/PublicHolidays/{year}/{country}', rest: 'nowhere' },
  };
}

/** A schema that the table can show without losing anything: its properties, one plain type each. */
export function toTable(schema: unknown): Parameter[] | null {
  const { type, properties, required, additionalProperties, ...more } = (schema ?? {}) as Json;
  if ((type !== undefined && type !== 'object') || additionalProperties === true || Object.keys(more).length > 0) return null;
  const wanted = new Set((required as string[] | undefined) ?? []);
  const rows: Parameter[] = [];
  for (const [name, property] of Object.entries((properties as Json | undefined) ?? {})) {
    if (typeof property !== 'object' || property === null) return null;
    const { type: kind, description, ...rest } = property as Json;
    if (typeof kind !== 'string') return null;
    rows.push(parameter(name, kind, typeof description === 'string' ? description : '', wanted.has(name), rest));
  }
  return rows;
}

export function toSchema(rows: Parameter[]): Json {
  const named = rows.filter((row) => row.name.trim() !== '');
  const properties = Object.fromEntries(
    named.map(({ name, type, description, rest }) => [name.trim(), { type, ...(description ? { description } : {}), ...rest }]),
  );
  return { type: 'object', properties, required: named.filter((r) => r.required).map((r) => r.name.trim()), additionalProperties: false };
}

export function fromTool(tool: Tool | NewTool): Values {
  const values = blank();
  const request = tool.request;
  const table = toTable(tool.parameters);
  const auth = (request?.auth ?? { kind: 'none' }) as Partial<Values['request']['auth']> & { kind: 'none' };
  return {
    ...values,
    name: tool.name,
    title: tool.title ?? '',
    description: tool.description,
    effect: tool.effect ?? 'reads',
    idempotent: tool.idempotent ?? false,
    proves: tool.proves ?? '',
    enabled: tool.enabled ?? true,
    level: tool.level ?? '',
    category: tool.category ?? '',
    amount: tool.amount ?? '',
    example: tool.example ? pretty(tool.example) : '',
    as: table ? 'table' : 'schema',
    table: table ?? [],
    parameters: pretty(tool.parameters),
    request: request
      ? {
          method: request.method,
          url: request.url,
          query: request.query ?? [],
          headers: request.headers ?? [],
          auth: { ...values.request.auth, ...auth },
          rest: request.rest,
          body: request.body === undefined || request.body === null ? '' : pretty(request.body),
          encoding: request.encoding ?? 'json',
          timeout_ms: request.timeout_ms,
        }
      : values.request,
    answer: { pointer: tool.answer?.pointer ?? '', max_chars: tool.answer?.max_chars ?? 8000 },
  };
}

export function pretty(value: unknown): string {
  return JSON.stringify(value ?? {}, null, 2);
}

export interface Unreadable {
  field: 'parameters' | 'request.body' | 'example';
}

/** What the API takes, or the field whose JSON cannot be read. */
export function toTool(values: Values): { tool: NewTool } | Unreadable {
  let parameters: unknown = toSchema(values.table);
  if (values.as === 'schema') {
    const read = parse(values.parameters || '{}');
    if (!read) return { field: 'parameters' };
    parameters = read.value;
  }
  const written = values.request.body.trim();
  const body = written ? parse(written) : { value: undefined };
  if (!body) return { field: 'request.body' };
  const example = values.example.trim() ? parse(values.example) : { value: null };
  if (!example) return { field: 'example' };
  const { auth, method, rest } = values.request;
  const tool = {
    name: values.name.trim(),
    title: values.title.trim(),
    description: values.description.trim(),
    parameters,
    effect: values.effect,
    idempotent: values.effect === 'writes' && values.idempotent,
    proves: values.proves || null,
    enabled: values.enabled,
    level: values.level || null,
    category: values.category || null,
    amount: values.amount.trim() || null,
    example: example.value,
    request: {
      method,
      url: values.request.url.trim(),
      query: values.request.query.filter((f) => f.name || f.value),
      headers: values.request.headers.filter((f) => f.name || f.value),
      auth: proof(auth),
      rest: method === 'GET' && rest === 'body' ? ('query' as const) : rest,
      ...(method !== 'GET' && body.value !== undefined ? { body: body.value } : {}),
      encoding: values.request.encoding,
      timeout_ms: values.request.timeout_ms,
    },
    answer: values.answer,
  };
  return { tool: tool as NewTool };
}

function proof(auth: Values['request']['auth']): unknown {
  switch (auth.kind) {
    case 'none': return { kind: 'none' };
    case 'header': return { kind: 'header', header: auth.header.trim(), secret: auth.secret };
    case 'bearer': return { kind: 'bearer', secret: auth.secret };
    case 'basic': return { kind: 'basic', username: auth.username, secret: auth.secret };
    case 'client_credentials': {
      const { kind, secret, scope, resource, send_as } = auth;
      return { kind, secret, token_url: auth.token_url.trim(), client_id: auth.client_id.trim(), scope, resource, send_as };
    }
  }
}

function parse(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

/** `api.example.com` of a URL that may still hold places. The port of a connection that is not safe is named always. */
export function hostOf(url: string): string {
  const [, scheme = '', host = ''] = /^(https?):\/\/([^/?#]+)/i.exec(url.trim().toLowerCase()) ?? [];
  if (scheme === 'https') return host.replace(/:443$/, '');
  return host === '' || /:\d+$/.test(host) ? host : `${host}:80`;
}

/** The same of where tokens are bought. */
export const tokenHostOf = hostOf;

/** Arguments to begin a trial with. */
export function sample(values: Values): string {
  const made = toTool(values);
  const schema = ('tool' in made ? made.tool.parameters : {}) as { properties?: Record<string, { type?: unknown; default?: unknown }> };
  const of = (type: unknown) => ({ integer: 1, number: 1, boolean: true, array: [], object: {} })[String(type)] ?? '';
  const entries = Object.entries(schema.properties ?? {}).map(([name, p]) => [name, p?.default ?? of(p?.type)]);
  return pretty(Object.fromEntries(entries));
}
