// One field of a contact, written while somebody else, or the bot, may write as well.

/** What a field showed when its pencil was pressed, and of which state of the contact. */
export interface Seen<V> {
  value: V;
  tag: string | undefined;
}

/**
 * The state that a new value is for. The present one as long as the field shows what it showed then; else the old one, and the server
 * refuses. A neighbouring field that was saved meanwhile is in nobody's way.
 */
export function stateFor<V>(then: Seen<V>, now: Seen<V>): string | undefined {
  return JSON.stringify(then.value) === JSON.stringify(now.value) ? now.tag : then.tag;
}
