// What the command palette finds on the server.
import { sendJson } from '../api/client';

export interface Hit {
  id: string;
  label: string;
  text: string;
}

interface Person {
  id: string;
  name?: string | null;
  addresses?: { value: string }[];
}

interface Talk {
  id: string;
  contact?: { name?: string | null } | null;
  channel?: { name?: string; kind?: string } | string;
  snippet?: string | null;
}

const at = (path: string, query: string) => `${path}?q=${encodeURIComponent(query)}&limit=6`;

export async function findPeople(query: string): Promise<Hit[]> {
  const { items } = await sendJson<{ items: Person[] }>('GET', at('/contacts', query));
  return items.map((p) => ({ id: p.id, label: p.name ?? p.addresses?.[0]?.value ?? p.id, text: p.addresses?.map((a) => a.value).join(', ') ?? '' }));
}

export async function findTalks(query: string): Promise<Hit[]> {
  const { items } = await sendJson<{ items: Talk[] }>('GET', at('/conversations', query));
  return items.map((c) => ({ id: c.id, label: c.contact?.name ?? c.id, text: c.snippet ?? '' }));
}
