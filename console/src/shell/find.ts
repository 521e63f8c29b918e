// What the command palette finds on the server.
import { sendJson } from '../api/client';
import { shownAddress, shownName, type Address } from '../ui/who';

export interface Hit {
  id: string;
  label: string;
  text: string;
}

interface Person {
  id: string;
  name?: string | null;
  addresses?: Address[];
}

interface Talk {
  id: string;
  contact: { id: string; name?: string | null; address?: Address | null };
  channel?: { name?: string; kind?: string } | string;
  snippet?: string | null;
}

const at = (path: string, query: string) => `${path}?q=${encodeURIComponent(query)}&limit=6`;

export async function findPeople(query: string): Promise<Hit[]> {
  const { items } = await sendJson<{ items: Person[] }>('GET', at('/contacts', query));
  return items.map((p) => ({ id: p.id, label: shownName({ addresses: [], ...p }), text: p.addresses?.map(shownAddress).join(', ') ?? '' }));
}

export async function findTalks(query: string): Promise<Hit[]> {
  const { items } = await sendJson<{ items: Talk[] }>('GET', at('/conversations', query));
  return items.map((c) => ({ id: c.id, label: shownName({ ...c.contact, addresses: c.contact.address ? [c.contact.address] : [] }), text: c.snippet ?? '' }));
}
