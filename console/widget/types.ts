// What the server says, and what the page tells us.

export type About = {
  title: string;
  color: string;
  greeting: string | null;
  language: string;
  text_limit: number;
  file_limit: number;
  files_at_once: number;
  file_types: string[];
};

export type Choice = { id: string; title: string; description?: string };

export type Part =
  | { type: 'text'; text: string }
  | { type: 'file'; id: string; image: boolean; mime: string | null; name: string | null; caption: string | null }
  | { type: 'choices'; text: string; choices: Choice[] }
  | { type: 'location'; latitude: number; longitude: number; name: string | null; address: string | null };

export type Message = {
  seq: number;
  id: string;
  client_id: string | null;
  author: 'visitor' | 'bot' | 'staff' | 'system';
  at: string;
  parts: Part[];
};

export type Page = { messages: Message[]; head: number; more: boolean };

export type Upload = { id: string; mime: string; name: string | null; size: number; image: boolean };

/** A message that the server has not confirmed yet. It survives a reload. */
export type Pending = {
  id: string;
  at: string;
  text?: string;
  choice?: Choice;
  files?: Upload[];
  /** Refused for good, in the server's words. */
  failed?: string;
};

/** A user of the page's own site, signed by its server. */
export type Identity = { user_id: string; name?: string; email?: string; hash: string };
