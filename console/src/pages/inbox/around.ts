// The contact of a conversation, with what is booked, to do, and said elsewhere.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { ifMatch, send } from '../../api';

export interface Contact {
  id: string;
  name?: string | null;
  language?: string | null;
  /** What staff wrote; the bot does not read it. */
  note?: string | null;
  /** What the bot or staff learnt, such as `birthday`. */
  facts: Record<string, string>;
  addresses: { kind: string; value: string }[];
  tags: string[];
  conversations: { id: string; channel_kind: string; channel_name: string; state: string; last_message_at: string }[];
  appointments: { id: string; title: string; starts_at: string; ends_at: string; status: string }[];
  tasks: { id: string; title: string; state: string; due_at?: string | null }[];
}

export function useContact(id: string, enabled: boolean) {
  return useQuery({
    queryKey: ['contacts', id],
    queryFn: async () => {
      const response = await send('GET', `/contacts/${id}`);
      return { contact: (await response.json()) as Contact, tag: response.headers.get('etag') ?? undefined };
    },
    enabled,
  });
}

export type ContactChange = Partial<Pick<Contact, 'name' | 'language' | 'note'>>;

/** Refused when somebody else changed it since it was read. */
export function useChangeContact(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ change, tag }: { change: ContactChange; tag: string | undefined }) => {
      await send('PATCH', `/contacts/${id}`, { body: JSON.stringify(change), headers: { 'content-type': 'application/json', ...ifMatch(tag) } });
    },
    onSettled: () => Promise.all([queries.invalidateQueries({ queryKey: ['contacts'] }), queries.invalidateQueries({ queryKey: ['conversations'] })]),
  });
}
