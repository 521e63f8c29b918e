// How a contact is called where their name or address is shown.
import type { components } from '../../api';

export type ContactView = components['schemas']['ContactView'];
export type ContactDetail = components['schemas']['ContactDetail'];
export type Address = components['schemas']['AddressView'];

export { shownAddress, shownName } from '../../ui/who';

/** Two letters for the circle beside a name. */
export function initials(name: string): string {
  const letters = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  return (letters.length > 0 ? letters.slice(0, 2).map((word) => [...word][0]).join('') : '#').toUpperCase();
}
