// What to call a contact and a channel.
import { shownName } from '../../ui/who';
import type { Item } from './model';

export function nameOf(of: Item): string {
  const { id, name, address } = of.contact;
  return shownName({ id, name, addresses: address ? [address] : [] });
}
