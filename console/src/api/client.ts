// The one way to the server: a client typed by its OpenAPI document, and what every request carries.
import createClient from 'openapi-fetch';

import { readProblem } from './problem';
import type { paths } from './schema';

export const BASE = '/api/v1';

let business: string | undefined;
let onSignedOut: () => void = () => {};

/** Which business the following requests are about. */
export function selectBusiness(id: string | undefined): void {
  business = id;
}

export function selectedBusiness(): string | undefined {
  return business;
}

/** Called when the server no longer knows who we are. */
export function whenSignedOut(then: () => void): void {
  onSignedOut = then;
}

/** `fetch` with the business, an idempotency key, and refusals thrown as `ApiProblem`. */
export async function deskFetch(input: Request): Promise<Response> {
  const headers = new Headers(input.headers);
  if (business && !headers.has('x-tenant-id')) headers.set('x-tenant-id', business);
  if (input.method === 'POST' && !headers.has('idempotency-key')) headers.set('idempotency-key', newKey());
  const response = await fetch(new Request(input, { headers, credentials: 'same-origin', redirect: 'error' }));
  if (response.ok) return response;
  const problem = await readProblem(response);
  if (response.status === 401) onSignedOut();
  throw problem;
}

/** A key under which one intention may be sent again without being done twice. */
export function newKey(): string {
  // `crypto.randomUUID` exists only on https and localhost; a console in a shop's own network may have neither.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Keys for one window: whoever asks the same again asks once, whoever asks something else asks anew. */
export function keyring(): (asked: unknown) => string {
  const keys = new Map<string, string>();
  return (asked) => {
    const text = JSON.stringify(asked);
    const key = keys.get(text) ?? newKey();
    keys.set(text, key);
    return key;
  };
}

export const api = createClient<paths>({
  baseUrl: BASE,
  fetch: deskFetch,
  querySerializer: { array: { style: 'form', explode: true } },
});

/** The answer itself: `await ask(api.GET('/contacts'))`. Refusals were thrown as `ApiProblem` before. */
export async function ask<T>(call: Promise<{ data?: T; response: Response }>): Promise<T> {
  return (await call).data as T;
}

/** The answer with its tag, for an update that must not overwrite somebody else's. */
export async function askTagged<T>(call: Promise<{ data?: T; response: Response }>): Promise<{ value: T; tag: string | undefined }> {
  const { data, response } = await call;
  return { value: data as T, tag: response.headers.get('etag') ?? undefined };
}

/** Headers of an update that is refused (412 `stale`) if the thing changed since `tag` was read. */
export function ifMatch(tag: string | undefined): Record<string, string> {
  return tag ? { 'if-match': tag } : {};
}

/** A request by hand, where the document has no type for it: files, streams. */
export async function send(method: string, path: string, init: RequestInit = {}): Promise<Response> {
  return deskFetch(new Request(new URL(BASE + path, location.origin), { ...init, method }));
}

/** JSON in, JSON out, by hand. */
export async function sendJson<T>(method: string, path: string, body?: unknown): Promise<T> {
  const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await send(method, path, json);
  return (response.status === 204 ? undefined : await response.json()) as T;
}
