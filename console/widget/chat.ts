// The conversation: what was said, what waits to be sent, and the line to the server. Knows nothing of the page.

import { Api, Refused } from './api';
import { type Memory, freshId } from './memory';
import type { About, Choice, Identity, Message, Pending, Upload } from './types';

const PAGE = 40;
const LONGEST_WAIT = 30_000;
/** When nothing comes although something should: the stream may end at another process than the answer. */
const LOOKS = [8_000, 20_000, 45_000, 90_000];

export class Chat {
  about: About | null = null;
  messages: Message[] = [];
  /** There are earlier ones. */
  more = false;
  typing = false;
  offline = false;
  /** Neither shown nor to be shown on this page. */
  blocked = false;
  identity: Identity | null = null;

  readonly api: Api;
  private readonly memory: Memory;
  private readonly changed: () => void;
  private entering: Promise<void> | null = null;
  private following: AbortController | null = null;
  private flushing = false;
  private watched = false;
  private failures = 0;
  private wake: (() => void) | null = null;
  private looks: number[] = [];
  private typingEnds = 0;

  constructor(api: Api, memory: Memory, changed: () => void) {
    this.api = api;
    this.memory = memory;
    this.changed = changed;
    memory.watch(changed);
    addEventListener('online', () => this.hurry());
    addEventListener('pageshow', (event) => event.persisted && this.hurry());
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.hurry());
  }

  get pending(): Pending[] {
    const known = new Set(this.messages.map((message) => message.client_id));
    return this.memory.get().queue.filter((message) => !known.has(message.id));
  }
  get head(): number {
    return this.messages.at(-1)?.seq ?? 0;
  }
  get unread(): number {
    const { read } = this.memory.get();
    return this.messages.filter((message) => message.author !== 'visitor' && message.seq > read).length;
  }

  /** At the beginning of a page: how it looks, and whether somebody was here before. */
  async begin(identity: Identity | null): Promise<void> {
    this.identity = identity;
    try {
      this.about = await this.api.about();
    } catch (error) {
      this.blocked = error instanceof Refused && !error.passing;
      throw error;
    }
    const { pass, user, queue } = this.memory.get();
    if (user && user !== (identity?.user_id ?? '')) this.memory.forget();
    else if (pass || queue.length) await this.load().catch(() => {});
    this.changed();
  }

  /** The site's user signed in or out while the page stayed. */
  async identify(identity: Identity | null): Promise<void> {
    const { user } = this.memory.get();
    if (user !== '' && user !== identity?.user_id) this.memory.forget();
    this.identity = identity;
    const followed = this.watched;
    this.reset();
    if (followed) await this.open();
    this.changed();
  }

  /** The visitor opens the chat. */
  async open(): Promise<void> {
    this.watched = true;
    await this.load();
  }

  /** Everything up to here is on the visitor's screen. */
  read(): void {
    const seq = this.head;
    if (seq <= this.memory.get().read) return;
    this.memory.change(() => ({ read: seq }));
    this.api.seen(seq).catch(() => {});
    this.changed();
  }

  say(message: { text?: string; choice?: Choice; files?: Upload[] }): void {
    const pending: Pending = { id: freshId(), at: new Date().toISOString(), ...message };
    this.memory.change(({ queue }) => ({ queue: [...queue, pending] }));
    this.changed();
    void this.flush();
  }

  retry(id: string): void {
    const mended = ({ failed: _, ...message }: Pending): Pending => message;
    this.memory.change(({ queue }) => ({ queue: queue.map((message) => (message.id === id ? mended(message) : message)) }));
    this.changed();
    void this.flush();
  }

  discard(id: string): void {
    this.memory.change(({ queue }) => ({ queue: queue.filter((message) => message.id !== id) }));
    this.changed();
  }

  async earlier(): Promise<void> {
    const page = await this.known(() => this.api.before(this.messages[0]?.seq ?? 0, PAGE));
    this.more = page.more;
    this.add(page.messages);
  }

  upload = (file: File): Promise<Upload> => this.known(() => this.api.upload(file));
  file = (id: string): Promise<Blob> => this.known(() => this.api.file(id));

  private async load(): Promise<void> {
    try {
      const page = await this.known(() => (this.head ? this.api.after(this.head) : this.api.latest(PAGE)));
      if (!this.head) this.more = page.more;
      this.add(page.messages);
      this.reached();
      if (this.watched) this.follow();
    } catch (error) {
      this.missed(error);
      throw error;
    }
    void this.flush();
  }

  /** Sends what waits, in order, each until the server has it. The id makes a repeat harmless, also from another tab. */
  private async flush(): Promise<void> {
    if (this.flushing) return;
    this.flushing = true;
    try {
      for (;;) {
        const next = this.pending.find((message) => !message.failed);
        if (!next) return;
        try {
          const { seq, id, at } = await this.known(() => this.api.say(next));
          const parts: Message['parts'] = [
            ...(next.files ?? []).map((f) => ({ type: 'file' as const, id: f.id, image: f.image, mime: f.mime, name: f.name, caption: null })),
            ...(next.text ? [{ type: 'text' as const, text: next.text }] : []),
            ...(next.choice ? [{ type: 'text' as const, text: next.choice.title }] : []),
          ];
          this.reached();
          // Behind what we know there may be what came meanwhile: a gap is read, never skipped.
          if (seq === this.head + 1) this.add([{ seq, id, client_id: next.id, author: 'visitor', at, parts }]);
          else await this.catchUp();
          this.discard(next.id);
          this.watched = true;
          this.follow();
          this.lookOut();
        } catch (error) {
          if (error instanceof Refused && !error.passing) {
            const failed = error.message || String(error.status);
            this.memory.change(({ queue }) => ({ queue: queue.map((m) => (m.id === next.id ? { ...m, failed } : m)) }));
            this.changed();
          } else {
            this.missed(error);
            await this.pause(error);
          }
        }
      }
    } finally {
      this.flushing = false;
    }
  }

  private async catchUp(): Promise<void> {
    for (let more = true; more; ) {
      const page = await this.known(() => (this.head ? this.api.after(this.head) : this.api.latest(PAGE)));
      more = this.head > 0 && page.more;
      this.add(page.messages);
    }
  }

  /** Keeps one line open as long as the page lives. */
  private follow(): void {
    if (this.following || !this.head) return;
    const life = new AbortController();
    this.following = life;
    const hints = {
      open: () => this.reached(),
      message: (message: Message) => this.add([message]),
      typing: (on: boolean) => this.setTyping(on),
    };
    const run = async () => {
      while (!life.signal.aborted) {
        try {
          await this.known(() => this.api.follow(this.head, hints, life.signal));
          // The server ends a line after an hour, or when it restarts.
          await this.pause(null);
        } catch (error) {
          if (life.signal.aborted) return;
          this.missed(error);
          if (error instanceof Refused && !error.passing) break;
          await this.pause(error);
        }
      }
      if (this.following === life) this.following = null;
    };
    void run();
  }

  /** With a pass that the server knows; one that it does not know any more is replaced, and the conversation begins anew. */
  private async known<T>(ask: () => Promise<T>): Promise<T> {
    if (!this.api.pass) await this.enter();
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401) throw error;
      const before = this.memory.get();
      await this.enter();
      if (this.memory.get().pass !== before.pass && !this.identity) this.messages = [];
      return ask();
    }
  }

  private enter(): Promise<void> {
    this.entering ??= this.entered().finally(() => (this.entering = null));
    return this.entering;
  }

  private async entered(): Promise<void> {
    this.api.pass = '';
    const { pass } = await this.api.enter(this.memory.get().pass, this.identity);
    this.api.pass = pass;
    this.memory.change(() => ({ pass, user: this.identity?.user_id ?? '' }));
  }

  /** By number: what is here already is not added again. */
  private add(messages: Message[]): void {
    const here = new Set(this.messages.map((message) => message.seq));
    const fresh = messages.filter((message) => !here.has(message.seq));
    if (!fresh.length) return;
    this.messages = [...this.messages, ...fresh].sort((a, b) => a.seq - b.seq);
    if (fresh.some((message) => message.author !== 'visitor')) {
      this.setTyping(false, 0);
      for (const look of this.looks) clearTimeout(look);
    }
    const arrived = new Set(fresh.map((message) => message.client_id));
    this.memory.change(({ queue }) => ({ queue: queue.filter((message) => !arrived.has(message.id)) }));
    this.changed();
  }

  private setTyping(on: boolean, delay = 2_000): void {
    clearTimeout(this.typingEnds);
    if (on && !this.typing) {
      this.typing = true;
      this.changed();
    }
    // The words come a moment after the thought; and an end that got lost must not last for ever.
    const end = () => {
      const was = this.typing;
      this.typing = false;
      if (was) this.changed();
    };
    if (!on && delay === 0) end();
    else this.typingEnds = window.setTimeout(end, on ? 90_000 : delay);
  }

  private lookOut(): void {
    for (const look of this.looks) clearTimeout(look);
    this.looks = LOOKS.map((ms) => window.setTimeout(() => void this.catchUp().catch(() => {}), ms));
  }

  private reached(): void {
    this.failures = 0;
    if (this.offline) {
      this.offline = false;
      this.changed();
    }
  }

  private missed(error: unknown): void {
    this.failures += 1;
    const offline = !(error instanceof Refused) || error.status >= 500;
    if (offline !== this.offline) {
      this.offline = offline;
      this.changed();
    }
  }

  /** Longer each time, never in step with others; the server may say how long. */
  private pause(error: unknown): Promise<void> {
    const asked = error instanceof Refused ? error.retryAfter * 1000 : 0;
    const usual = Math.min(LONGEST_WAIT, 500 * 2 ** Math.min(this.failures, 10));
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(asked, usual * (0.5 + Math.random() / 2)));
      const before = this.wake;
      this.wake = () => {
        before?.();
        if (!asked) {
          clearTimeout(timer);
          resolve();
        }
      };
    });
  }

  /** The network is back, or the visitor is. */
  private hurry(): void {
    const wake = this.wake;
    this.wake = null;
    wake?.();
    if (this.watched && this.about) void this.load().catch(() => {});
    else void (this.pending.length && this.flush());
  }

  private reset(): void {
    this.following?.abort();
    this.following = null;
    this.api.pass = '';
    this.messages = [];
    this.more = false;
    this.typing = false;
  }
}
