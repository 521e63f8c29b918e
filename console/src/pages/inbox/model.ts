// What the inbox shows, in the API's words.

export type Mode = 'bot' | 'human' | 'paused' | 'closed';

export interface Named {
  id: string;
  name?: string | null;
}

export interface Item {
  id: string;
  contact: Named & { address?: { kind: string; value: string } | null };
  channel: { id: string; kind: string; name: string };
  state: {
    mode: Mode;
    /** While paused. */
    until?: string | null;
    reason?: string | null;
    /** A person must answer and the last word is the contact's. */
    waiting: boolean;
  };
  assignee?: Named | null;
  snoozed_until?: string | null;
  unread: boolean;
  last_message?: { id: string; direction: 'in' | 'out'; author: Author; text: string; delivery?: Delivery | null; at: string } | null;
  last_message_at: string;
}

export interface Conversation extends Item {
  agent?: { id: string; name: string; own: boolean } | null;
  /** The time for free text after the contact's last message, where the channel has that rule. */
  window?: { open: boolean; until?: string | null } | null;
  can: { text: number; media: boolean; templates: boolean; quotes: boolean; read_receipts: boolean };
}

export type Author = 'contact' | 'bot' | 'staff' | 'system';
export type Delivery = 'queued' | 'sending' | 'unknown' | 'sent' | 'delivered' | 'read' | 'played' | 'failed';

export type MediaKind = 'image' | 'audio' | 'voice' | 'video' | 'document' | 'sticker';

export interface Media {
  kind: MediaKind;
  stored?: string | null;
  mime?: string | null;
  file_name?: string | null;
  caption?: string | null;
  transcript?: string | null;
  problem?: string | null;
}

export type Part =
  | { type: 'text'; text: string }
  | ({ type: 'media' } & Media)
  | { type: 'location'; latitude: number; longitude: number; name?: string | null; address?: string | null }
  | { type: 'contacts'; contacts: { name: string; phones?: string[]; emails?: string[] }[] }
  | { type: 'choice'; id: string; title: string }
  | { type: 'form'; name: string; answers: string }
  | { type: 'order'; catalog: string; text?: string | null; items: { product: string; quantity: number; price: string; currency: string }[] }
  | { type: 'reaction'; to: string; emoji?: string | null }
  | { type: 'edit'; of: string; text: string }
  | { type: 'delete'; of: string }
  | { type: 'system'; kind: string; text: string }
  | { type: 'unsupported'; kind: string; detail?: string | null }
  | { type: 'buttons'; text: string; buttons: { id: string; title: string }[] }
  | { type: 'list'; text: string; button: string; sections: { title?: string | null; rows: { id: string; title: string; description?: string | null }[] }[] }
  | { type: 'template'; name: string; language: string; components?: unknown; preview?: string };

export interface ToolUse {
  name: string;
  ok: boolean;
  /** What it proves: `booked`, `rescheduled`, … */
  receipt?: string | null;
}

/** A message that another one quotes; only its id at the vendor where it is not ours to show. */
export interface Quoted {
  vendor_id: string;
  message?: string | null;
  author?: Author | null;
  text?: string | null;
}

export interface Message {
  id: string;
  direction: 'in' | 'out';
  author: Author;
  /** Who of the team wrote it. */
  author_name?: string | null;
  parts: Part[];
  text: string;
  vendor_id?: string | null;
  quotes?: Quoted | null;
  delivery?: Delivery | null;
  failure?: string | null;
  can_retry: boolean;
  turn?: string | null;
  /** What the turn did before it said this; on its first message. */
  tools?: ToolUse[];
  at: string;
}

export interface Note {
  id: string;
  text: string;
  /** `usr_…` or `key_…` */
  author: string;
  author_name?: string | null;
  created_at: string;
}

/** What was said in the window it is said in, but is not stored yet. */
export interface Pending {
  key: string;
  parts: Part[];
  quote?: Quoted;
  at: string;
  /** The newest message that was there when it was written. */
  after?: string;
  problem?: string | null;
}
