// What a form about a contact changes, and of which state of the contact.
import type { Contact } from './data';
import type { ContactChange } from './around';

/** A contact as it was when the form was opened; what is learnt about it meanwhile does not move it. */
export interface Opened {
  before: { name: string; language: string; note: string };
  tag: string | undefined;
}

export function opened(contact: Pick<Contact, 'name' | 'language' | 'note'>, tag: string | undefined): Opened {
  return { before: { name: contact.name ?? '', language: contact.language ?? '', note: contact.note ?? '' }, tag };
}

/** What is empty is cleared, what was not touched is left out; `undo` puts it back. Nothing, where nothing was touched. */
export function edited({ before }: Opened, values: Opened['before']): { change: ContactChange; undo: ContactChange } | null {
  const keys = (Object.keys(before) as (keyof typeof before)[]).filter((k) => values[k].trim() !== before[k]);
  if (keys.length === 0) return null;
  return {
    change: Object.fromEntries(keys.map((k) => [k, values[k].trim() || null])),
    undo: Object.fromEntries(keys.map((k) => [k, before[k] || null])),
  };
}
