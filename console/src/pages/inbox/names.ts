// What to call a contact and a channel.
import type { Item } from './model';

export function nameOf(of: Item): string {
  return of.contact.name ?? of.contact.address?.value ?? of.contact.id;
}
