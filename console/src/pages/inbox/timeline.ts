// Messages and notes in one order, by day, with runs of the same author together.
import type { Message, Note, Pending } from './model';

export type Row =
  | { kind: 'day'; key: string; at: string }
  | { kind: 'message'; key: string; message: Message; first: boolean }
  | { kind: 'note'; key: string; note: Note };

/** Five minutes of silence begin a new run. */
const RUN = 5 * 60_000;

/** `messages` oldest first. Notes older than what is loaded wait until that is loaded. */
export function rows(messages: Message[], notes: Note[], complete: boolean, dayOf: (at: string) => string): Row[] {
  const oldest = complete ? '' : (messages[0]?.at ?? '');
  const all = [
    ...messages.map((message) => ({ at: message.at, message, note: undefined })),
    ...notes.filter((n) => n.created_at >= oldest).map((note) => ({ at: note.created_at, message: undefined, note })),
  ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const out: Row[] = [];
  let day = '';
  let before: Message | undefined;
  for (const { at, message, note } of all) {
    const its = dayOf(at);
    if (its !== day) {
      out.push({ kind: 'day', key: `day ${its}`, at });
      before = undefined;
    }
    day = its;
    if (note) {
      out.push({ kind: 'note', key: note.id, note });
      before = undefined;
    } else if (message) {
      const same = before?.author === message.author && before.author_name === message.author_name && Date.parse(at) - Date.parse(before.at) < RUN;
      out.push({ kind: 'message', key: message.id, message, first: !same });
      before = message;
    }
  }
  return out;
}

/** Whether what is on its way is in the thread already: the thread may hear of it before its sender does. Ids grow with time. */
export function hasArrived(pending: Pending, messages: Message[]): boolean {
  const said = pending.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  if (said === '' || pending.problem) return false;
  const heard = (message: Message) => message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  return messages.some((message) => message.author === 'staff' && message.id > (pending.after ?? '') && heard(message) === said);
}
