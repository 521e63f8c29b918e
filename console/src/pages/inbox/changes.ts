// What the inbox changes, through the API; what was asked for is shown before the server has answered.
import { useMutation, useQueryClient, type InfiniteData, type QueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';

import { ApiProblem, newKey, send, sendJson, type Page } from '../../api';
import { isPassing } from '../../api/problem';
import { useProblemText } from '../../ui';
import { after, change, type Act } from './acts';
import { addPending, changePending, type Draft } from './draft';
import type { Conversation, Item, Message, Note, Part, Pending } from './model';

type Lists = InfiniteData<Page<Item>, string | undefined>;

interface Changed {
  conversation: Conversation;
  /** What puts it back as it was. */
  previous: Record<string, unknown>;
}

/** Shows a change everywhere the conversation is shown; returns what takes that back. */
function show(queries: QueryClient, id: string, as: <T extends Item>(of: T) => T): () => void {
  const lists = queries.getQueriesData<Lists>({ queryKey: ['conversations', 'list'] });
  const one = queries.getQueryData<Conversation>(['conversations', 'one', id]);
  const changed = (item: Item) => (item.id === id ? as(item) : item);
  queries.setQueriesData<Lists>({ queryKey: ['conversations', 'list'] }, (list) =>
    list && { ...list, pages: list.pages.map((page) => ({ ...page, items: page.items.map(changed) })) },
  );
  if (one) queries.setQueryData(['conversations', 'one', id], as(one));
  return () => {
    for (const [key, data] of lists) queries.setQueryData(key, data);
    if (one) queries.setQueryData(['conversations', 'one', id], one);
  };
}

export function useActOn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, act }: { id: string; act: Act }) =>
      act.do === 'take_over' ? sendJson<Changed>('POST', `/conversations/${id}/takeover`) : sendJson<Changed>('PATCH', `/conversations/${id}`, change(act)),
    onMutate: async ({ id, act }) => {
      await queries.cancelQueries({ queryKey: ['conversations'] });
      return show(queries, id, (of) => after(of, act));
    },
    onError: (_error, _asked, undo) => undo?.(),
    onSuccess: ({ conversation }, { id }) => void queries.setQueryData(['conversations', 'one', id], conversation),
    onSettled: () => queries.invalidateQueries({ queryKey: ['conversations'] }),
  });
}

/** Undoes a change with what the server gave for that. */
export function usePutBack(): (id: string, previous: Record<string, unknown>) => Promise<void> {
  const queries = useQueryClient();
  return useCallback(
    async (id, previous) => {
      const { conversation } = await sendJson<Changed>('PATCH', `/conversations/${id}`, previous);
      queries.setQueryData(['conversations', 'one', id], conversation);
      await queries.invalidateQueries({ queryKey: ['conversations'] });
    },
    [queries],
  );
}

function quoted(message: Message | null): Pending['quote'] {
  return message?.vendor_id ? { vendor_id: message.vendor_id, message: message.id, author: message.author, text: message.text } : undefined;
}

/** Sends what a person of the team writes. It is shown at once; when it fails it stays, to be sent again. */
export function useSend(id: string) {
  const queries = useQueryClient();
  const words = useProblemText();
  return useMemo(() => {
    const carry = async (one: Pending) => {
      const body = JSON.stringify({ parts: one.parts, ...(one.quote ? { quotes: one.quote.vendor_id } : {}) });
      try {
        await send('POST', `/conversations/${id}/replies`, { body, headers: { 'content-type': 'application/json', 'idempotency-key': one.key } });
        // Its successor comes with the thread; until then it stays in sight.
        await queries.invalidateQueries({ queryKey: ['messages', id] });
        changePending(id, one.key, null);
        await queries.invalidateQueries({ queryKey: ['conversations'] });
      } catch (error) {
        // A refusal is remembered under its key: another try is another request. A lost answer is asked for again.
        const key = error instanceof ApiProblem && !isPassing(error) ? newKey() : one.key;
        changePending(id, one.key, { key, problem: words(error) });
      }
    };
    return {
      now: (parts: Part[], quote: Message | null) => {
        const thread = queries.getQueryData<InfiniteData<Page<Message>>>(['messages', id]);
        const newest = thread?.pages[0]?.items[0]?.id;
        const one: Pending = { key: newKey(), parts, quote: quoted(quote), at: new Date().toISOString(), after: newest, problem: null };
        addPending(id, one);
        void carry(one);
      },
      again: (one: Pending) => {
        changePending(id, one.key, { problem: null });
        void carry({ ...one, problem: null });
      },
    };
  }, [id, queries, words]);
}

export function useRetryMessage(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (message: string) => sendJson('POST', `/messages/${message}/retry`),
    onSettled: () => queries.invalidateQueries({ queryKey: ['messages', id] }),
  });
}

export function useAddNote(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (text: string) => sendJson<Note>('POST', `/conversations/${id}/notes`, { text }),
    onSuccess: (note) => queries.setQueryData<Note[]>(['notes', id], (notes) => notes && [note, ...notes.filter((n) => n.id !== note.id)]),
    onSettled: () => queries.invalidateQueries({ queryKey: ['notes', id] }),
  });
}

export function useDeleteNote(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (note: string) => sendJson('DELETE', `/conversations/${id}/notes/${note}`),
    onSettled: () => queries.invalidateQueries({ queryKey: ['notes', id] }),
  });
}

/** The text of a saved reply with its places filled in for this conversation. */
export async function fillMacro(macro: string, conversation: string): Promise<string> {
  return (await sendJson<{ text: string }>('GET', `/macros/${macro}/text?conversation=${conversation}`)).text;
}

/** A new one without an id. */
export function useSaveMacro() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, name, text }: { id?: string; name: string; text: string }) =>
      id ? sendJson('PATCH', `/macros/${id}`, { name, text }) : sendJson('POST', '/macros', { name, text }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['macros'] }),
  });
}

export function useRemoveMacro() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => sendJson('DELETE', `/macros/${id}`),
    onSettled: () => queries.invalidateQueries({ queryKey: ['macros'] }),
  });
}

/** Files on their way to the server. */
export function useUploads() {
  const [names, setNames] = useState<string[]>([]);
  const add = useCallback(async (file: File): Promise<Draft['files'][number]> => {
    setNames((all) => [...all, file.name]);
    try {
      const mime = file.type || 'application/octet-stream';
      const response = await send('POST', `/media?file_name=${encodeURIComponent(file.name)}`, { body: file, headers: { 'content-type': mime } });
      const stored = (await response.json()) as { id: string; mime: string; size: number; kind: 'image' | 'audio' | 'video' | 'document' };
      return { id: stored.id, name: file.name, mime: stored.mime, size: stored.size, kind: stored.kind };
    } finally {
      setNames((all) => all.filter((_, i) => i !== all.indexOf(file.name)));
    }
  }, []);
  return { add, names, busy: names.length > 0 };
}
