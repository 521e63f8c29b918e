// What the browser keeps between pages: the pass, unsent messages, and how far the visitor has read. No cookies, no messages.

import type { Pending } from './types';

type Kept = {
  pass: string | null;
  /** Whose pass it is: the site's own user, or nobody's. */
  user: string;
  queue: Pending[];
  read: number;
};

const NOTHING: Kept = { pass: null, user: '', queue: [], read: 0 };

export class Memory {
  private readonly key: string;
  /** Where the browser keeps nothing (private mode, a full disk), at least the page does. */
  private fallback: Kept = NOTHING;
  /** The last change could not be stored: what is stored is older than the fallback. */
  private unstored = false;

  constructor(account: string) {
    this.key = `frontdesk.chat.${account}`;
  }

  get(): Kept {
    if (this.unstored) return this.fallback;
    try {
      const text = localStorage.getItem(this.key);
      if (!text) return this.fallback;
      const kept = { ...NOTHING, ...JSON.parse(text) };
      return Array.isArray(kept.queue) ? kept : NOTHING;
    } catch {
      return this.fallback;
    }
  }

  /** Reads anew before it writes: another tab may have written meanwhile. */
  change(change: (kept: Kept) => Partial<Kept>): void {
    const kept = this.get();
    this.fallback = { ...kept, ...change(kept) };
    try {
      localStorage.setItem(this.key, JSON.stringify(this.fallback));
      this.unstored = false;
    } catch {
      // Kept in memory only.
      this.unstored = true;
    }
  }

  forget(): void {
    this.fallback = NOTHING;
    this.unstored = false;
    try {
      localStorage.removeItem(this.key);
    } catch {
      // There was nothing.
    }
  }

  /** Another tab sent, or took back, a message. */
  watch(changed: () => void): void {
    addEventListener('storage', (event) => {
      if (event.key === this.key) changed();
    });
  }
}

/** 128 random bits; `crypto.randomUUID` needs a secure page, this does not. */
export function freshId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
