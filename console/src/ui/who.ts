// What somebody is called who may not have told their name.
import i18next from 'i18next';

export interface Address {
  kind: string;
  value: string;
}

/** As people read it: `+57…` for a number; of a visitor's key only its end, which is enough to tell two apart. */
export function shownAddress(address: Address): string {
  if (address.kind === 'phone') return `+${address.value}`;
  if (address.kind !== 'visitor') return address.value;
  // `web/v/…` is a browser, `web/<account>/u/…` somebody whom the site knows by that name.
  const known = /\/u\/(.+)$/.exec(address.value)?.[1];
  return known ?? i18next.t('visitor', { mark: address.value.slice(-4) });
}

export function shownName(contact: { name?: string | null; addresses: Address[]; id: string }): string {
  const first = contact.addresses[0];
  return contact.name ?? (first ? shownAddress(first) : contact.id);
}
