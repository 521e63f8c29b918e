// The server, as a browser reaches it.

import type { About, Identity, Message, Page, Pending, Upload } from './types';

/** The server answered, and it was no. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfter: number;

  constructor(status: number, code: string, detail: string, retryAfter: number) {
    super(detail);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /** Asking again may help. */
  get passing(): boolean {
    return this.status === 429 || this.status === 408 || this.status >= 500;
  }
}

export type Hints = { message(message: Message): void; typing(on: boolean): void; open(): void };

/** The server sends a sign of life every 20 seconds. */
const SILENCE = 50_000;

export class Api {
  pass = '';
  private readonly base: string;

  constructor(server: string, account: string) {
    this.base = `${server}/webchat/${encodeURIComponent(account)}`;
  }

  about = () => this.json<About>('GET', '');
  enter = (pass: string | null, identity: Identity | null) =>
    this.json<{ pass: string; resumed: boolean }>('POST', '/session', { ...(pass && { pass }), ...(identity && { identity }) });
  latest = (limit: number) => this.json<Page>('GET', `/messages?limit=${limit}`);
  after = (seq: number) => this.json<Page>('GET', `/messages?after=${seq}&limit=100`);
  before = (seq: number, limit: number) => this.json<Page>('GET', `/messages?before=${seq}&limit=${limit}`);
  seen = (seq: number) => this.ask('POST', '/seen', { seq });

  say(message: Pending): Promise<{ seq: number; id: string; at: string }> {
    const { id, text, choice, files } = message;
    const body = {
      id,
      ...(text && { text }),
      ...(choice && { choice: { id: choice.id, title: choice.title } }),
      ...(files?.length && { files: files.map((file) => file.id) }),
    };
    return this.json('POST', '/messages', body);
  }

  async upload(file: File): Promise<Upload> {
    const headers = { 'content-type': 'application/octet-stream', 'x-file-name': encodeURIComponent(file.name) };
    return (await this.fetched('/files', { method: 'POST', body: file, headers })).json();
  }

  file = async (id: string): Promise<Blob> => (await this.fetched(`/files/${id}`, {})).blob();

  /** Follows the conversation until the connection ends, one way or the other. */
  async follow(after: number, hints: Hints, stop: AbortSignal): Promise<void> {
    const life = new AbortController();
    const end = () => life.abort();
    stop.addEventListener('abort', end);
    let watchdog = setTimeout(end, SILENCE);
    try {
      const headers = { accept: 'text/event-stream' };
      const response = await this.fetched(`/stream?after=${after}`, { headers, signal: life.signal });
      const reader = response.body?.getReader();
      if (!reader) return;
      hints.open();
      const decoder = new TextDecoder();
      let rest = '';
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(watchdog);
        watchdog = setTimeout(end, SILENCE);
        const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) hear(block, hints);
      }
    } finally {
      clearTimeout(watchdog);
      stop.removeEventListener('abort', end);
    }
  }

  private async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    return (await this.ask(method, path, body)).json();
  }

  private ask(method: string, path: string, body?: unknown): Promise<Response> {
    if (body === undefined) return this.fetched(path, { method });
    return this.fetched(path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  }

  private async fetched(path: string, init: RequestInit): Promise<Response> {
    const headers: Record<string, string> = { ...(init.headers as Record<string, string>) };
    if (this.pass) headers.authorization = `Bearer ${this.pass}`;
    const response = await fetch(this.base + path, { ...init, headers, credentials: 'omit', referrerPolicy: 'no-referrer' });
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    const wait = Number(response.headers.get('retry-after')) || 0;
    throw new Refused(response.status, problem.code ?? '', problem.detail ?? '', wait);
  }
}

/** One event of the stream. */
function hear(block: string, hints: Hints) {
  let kind = '';
  let data = '';
  for (const line of block.split('\n')) {
    if (line.startsWith('event:')) kind = line.slice(6).trim();
    if (line.startsWith('data:')) data += line.slice(5).trim();
  }
  if (kind === 'message') hints.message(JSON.parse(data));
  if (kind === 'typing') hints.typing(JSON.parse(data).on);
}
