// The thread: older messages are fetched when one scrolls to them, the newest stays in sight.
import { Button, Center, Loader } from '@mantine/core';
import { IconMessage } from '@tabler/icons-react';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { useCan } from '../../api';
import { EmptyState, ErrorState, LoadingRows, useConfirm, useFailure, useFormat } from '../../ui';
import { Bubble, PendingBubble } from './Bubble';
import { useDeleteNote, useMessages, useNotes, useRetryMessage, useSend } from './data';
import { changePending, usePending } from './draft';
import classes from './inbox.module.css';
import type { Message } from './model';
import { NoteCard } from './NoteCard';
import { hasArrived, rows } from './timeline';

export function Timeline({ id, found, words, onQuote, onTrace }: {
  id: string;
  /** A message that the search led to. */
  found?: string;
  words?: string[];
  onQuote?: (message: Message) => void;
  onTrace?: (message: Message) => void;
}) {
  const { t } = useTranslation('inbox');
  const format = useFormat();
  const messages = useMessages(id);
  const notes = useNotes(id);
  const onItsWay = usePending(id);
  const resend = useSend(id);
  const retry = useRetryMessage(id);
  const removeNote = useDeleteNote(id);
  const sure = useConfirm();
  const failed = useFailure();
  const may = useCan('conversation:write');
  const box = useRef<HTMLDivElement>(null);
  const all = useMemo(
    () => rows(messages.items ?? [], notes.data ?? [], !messages.hasNextPage, format.dayKey),
    [messages.items, notes.data, messages.hasNextPage, format],
  );
  const pending = onItsWay.filter((one) => !hasArrived(one, messages.items ?? []));
  useFindMessage(found, messages, box);

  if (messages.isPending) return <div className={classes.timeline}><LoadingRows rows={5} height={52} /></div>;
  if (messages.error && !messages.items) return <ErrorState error={messages.error} retry={() => void messages.refetch()} />;
  const jump = (message: string) => document.getElementById(`m-${message}`)?.scrollIntoView({ block: 'center', behavior: 'smooth' });
  return (
    <div className={classes.timeline} ref={box} tabIndex={0} role="log" aria-label={t('thread.label')} aria-live="polite">
      <div style={{ display: 'flex', flexDirection: 'column', marginBottom: 'auto', width: '100%' }}>
        <Older query={messages} box={box} />
        {all.length === 0 && pending.length === 0 && <EmptyState compact icon={IconMessage} title={t('thread.empty')} text={t('thread.emptyText')} />}
        {all.map((row) => {
          if (row.kind === 'day') return <time key={row.key} className={classes.day} dateTime={format.dayKey(row.at)}>{dayName(format, row.at, t)}</time>;
          if (row.kind === 'note') {
            const ask = () =>
              void sure({ title: t('note.deleteTitle'), text: t('note.deleteText'), confirm: t('note.delete') }).then((yes) => yes && removeNote.mutate(row.note.id, { onError: failed }));
            return <NoteCard key={row.key} note={row.note} onDelete={may ? ask : undefined} />;
          }
          return (
            <Bubble
              key={row.key}
              message={row.message}
              first={row.first}
              found={row.message.id === found}
              words={words}
              onQuote={onQuote}
              onTrace={onTrace}
              onRetry={may ? (m) => retry.mutate(m.id, { onError: failed }) : undefined}
              onJump={jump}
            />
          );
        })}
        {pending.map((one) => (
          <PendingBubble key={one.key} pending={one} onRetry={() => resend.again(one)} onDrop={() => changePending(id, one.key, null)} />
        ))}
      </div>
    </div>
  );
}

function Older({ query, box }: { query: ReturnType<typeof useMessages>; box: React.RefObject<HTMLDivElement | null> }) {
  const { t } = useTranslation('inbox');
  const edge = useRef<HTMLDivElement>(null);
  const { hasNextPage, isFetchingNextPage, fetchNextPage, isFetchNextPageError } = query;
  useEffect(() => {
    const here = edge.current;
    if (!here || !hasNextPage || isFetchingNextPage || isFetchNextPageError) return;
    const seen = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && void fetchNextPage(), { root: box.current, rootMargin: '400px 0px 0px' });
    seen.observe(here);
    return () => seen.disconnect();
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage, box]);
  if (!hasNextPage) return null;
  return (
    <Center ref={edge} py="sm">
      {isFetchNextPageError ? <Button variant="default" size="xs" onClick={() => void fetchNextPage()}>{t('thread.older')}</Button> : <Loader size="sm" type="dots" />}
    </Center>
  );
}

/** Fetches back to the message that the search led to, and shows it. */
function useFindMessage(found: string | undefined, query: ReturnType<typeof useMessages>, box: React.RefObject<HTMLDivElement | null>) {
  const shown = useRef<string>(undefined);
  const { items, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (!found || shown.current === found || !items) return;
    if (items.some((m) => m.id === found)) {
      shown.current = found;
      box.current?.querySelector(`#m-${CSS.escape(found)}`)?.scrollIntoView({ block: 'center' });
    } else if (hasNextPage && !isFetchingNextPage) {
      void fetchNextPage();
    }
  }, [found, items, hasNextPage, isFetchingNextPage, fetchNextPage, box]);
}

function dayName(format: ReturnType<typeof useFormat>, at: string, t: (key: string) => string): string {
  const days = Math.round((Date.parse(format.dayKey(Date.now())) - Date.parse(format.dayKey(at))) / 86_400_000);
  if (days === 0) return t('day.today');
  if (days === 1) return t('day.yesterday');
  return days > 1 && days < 7 ? format.weekday(at) : format.date(at);
}
