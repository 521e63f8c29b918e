// Search over all messages, and over contacts by name: what was found, with the words marked.
import { Box, Text } from '@mantine/core';
import { IconSearchOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { EmptyState, ErrorState, LoadingRows, More, useFormat, useNow } from '../../ui';
import { ChannelIcon } from './channels';
import { useByContact, useSearch, type Hit } from './data';
import classes from './inbox.module.css';
import { nameOf } from './names';
import { Marked, Words } from '../../ui/words';

export function Results({ query, open, found }: { query: string; open: string | undefined; found: string | undefined }) {
  const { t } = useTranslation('inbox');
  const hits = useSearch(query);
  const people = useByContact(query);
  const words = query.split(/\s+/);
  const none = hits.items?.length === 0 && people.items?.length === 0;
  return (
    <nav className={classes.scroll} aria-label={t('search.results')}>
      {(hits.isPending || people.isPending) && <Box p="md"><LoadingRows rows={6} height={58} /></Box>}
      {hits.error && !hits.items ? <ErrorState error={hits.error} retry={() => void hits.refetch()} /> : null}
      {none && <EmptyState compact icon={IconSearchOff} title={t('search.none')} text={t('search.noneText')} />}
      {people.items && people.items.length > 0 && <Heading text={t('search.people')} />}
      {people.items?.slice(0, 5).map((one) => (
        <Link key={one.id} to={`/inbox/${one.id}`} className={classes.item} style={{ gridTemplateColumns: 'minmax(0, 1fr)' }} aria-current={one.id === open || undefined}>
          <span className={classes.line}>
            <ChannelIcon kind={one.channel.kind} />
            <span className={classes.name}><Words text={nameOf(one)} found={words} /></span>
          </span>
        </Link>
      ))}
      {hits.items && hits.items.length > 0 && <Heading text={t('search.messages')} />}
      {hits.items?.map((hit) => <Found key={hit.message} hit={hit} query={query} current={hit.message === found} />)}
      <More pages={hits} />
    </nav>
  );
}

function Heading({ text }: { text: string }) {
  return <Text component="h2" size="xs" fw={650} c="dimmed" px={14} py={8} m={0}>{text}</Text>;
}

function Found({ hit, query, current }: { hit: Hit; query: string; current: boolean }) {
  const { t } = useTranslation('inbox');
  const format = useFormat();
  const now = useNow();
  const search = new URLSearchParams({ q: query, at: hit.message }).toString();
  return (
    <Link to={{ pathname: `/inbox/${hit.conversation}`, search }} className={classes.item} style={{ gridTemplateColumns: 'minmax(0, 1fr)' }} aria-current={current || undefined}>
      <span className={classes.line}>
        <ChannelIcon kind={hit.channel.kind} size={13} />
        <span className={classes.name}>{hit.contact.name ?? t('search.someone')}</span>
        <time className={classes.when} dateTime={hit.at}>{format.short(hit.at, now)}</time>
      </span>
      <Text size="sm" c="dimmed" lineClamp={3} span dir="auto">
        {hit.author !== 'contact' && <b>{t(`author.${hit.author}`)}: </b>}
        <Marked text={hit.snippet} at={hit.highlights} />
      </Text>
    </Link>
  );
}
