// Conversations, the latest first.
import { Box, Button, Group } from '@mantine/core';
import { IconInbox, IconPencil } from '@tabler/icons-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { EmptyState, ErrorState, Face, LoadingRows, More, useFormat, useNow } from '../../ui';
import { ChannelIcon } from './channels';
import { StateChip } from './Chip';
import { hasDraft } from './draft';
import type { useConversations } from './data';
import { FilterBar, isNarrowed, type View } from './FilterBar';
import classes from './inbox.module.css';
import type { Item as Listed } from './model';
import { nameOf } from './names';
import { Ticks } from './Ticks';
import { plain } from '../../ui/words';

export function List({ list, view, onView, open, search }: {
  list: ReturnType<typeof useConversations>;
  view: View;
  onView: (view: View) => void;
  open: string | undefined;
  search: string;
}) {
  const { t } = useTranslation('inbox');
  return (
    <>
      <FilterBar view={view} onView={onView} />
      <nav className={classes.scroll} aria-label={t('list.label')}>
        {list.isPending && <Box p="md"><LoadingRows rows={8} height={58} /></Box>}
        {list.error && !list.items && <ErrorState error={list.error} retry={() => void list.refetch()} />}
        {list.items?.length === 0 && <NothingHere narrowed={isNarrowed(view)} onAll={() => onView({})} />}
        {list.items?.map((one) => (
          <Item key={one.id} of={one} current={one.id === open} search={search} />
        ))}
        <More pages={list} />
      </nav>
    </>
  );
}

function NothingHere({ narrowed, onAll }: { narrowed: boolean; onAll: () => void }) {
  const { t } = useTranslation('inbox');
  if (narrowed) {
    const all = <Button size="xs" variant="light" onClick={onAll}>{t('list.showAll')}</Button>;
    return <EmptyState compact icon={IconInbox} title={t('list.noneSuch')} text={t('list.noneSuchText')} action={all} />;
  }
  const channels = <Button size="xs" component={Link} to="/channels" variant="light">{t('list.channels')}</Button>;
  return <EmptyState compact icon={IconInbox} title={t('list.empty')} text={t('list.emptyText')} action={channels} />;
}

const Item = memo(function Item({ of, current, search }: { of: Listed; current: boolean; search: string }) {
  const { t } = useTranslation('inbox');
  const format = useFormat();
  const now = useNow();
  const name = nameOf(of);
  const draft = !current && hasDraft(of.id);
  return (
    <Link to={{ pathname: `/inbox/${of.id}`, search }} className={classes.item} aria-current={current || undefined} data-unread={of.unread || undefined}>
      <Face name={name} size={38} />
      <Box miw={0}>
        <span className={classes.line}>
          <span className={classes.name}>{name}</span>
          <time className={classes.when} dateTime={of.last_message_at} title={format.full(of.last_message_at)}>
            {format.short(of.last_message_at, now)}
          </time>
        </span>
        <span className={classes.line} style={{ margin: '1px 0 3px' }}>
          {of.last_message?.direction === 'out' && of.last_message.delivery && !draft && <Ticks delivery={of.last_message.delivery} failure={null} />}
          <span className={classes.preview} dir="auto">
            {draft ? <><IconPencil size={13} aria-hidden /> {t('list.draft')}</> : of.last_message ? `${of.last_message.author === 'staff' ? `${t('list.team')}: ` : ''}${plain(of.last_message.text)}` : t('list.nothingSaid')}
          </span>
          {of.unread && <span className={classes.dot} role="img" aria-label={t('list.unread')} />}
        </span>
        <Group gap={6} wrap="nowrap">
          <StateChip of={of} />
          <span className={classes.when} style={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>
            <ChannelIcon kind={of.channel.kind} size={13} /> {of.channel.name || t(`channel.${of.channel.kind}`, { defaultValue: of.channel.kind })}
          </span>
        </Group>
      </Box>
    </Link>
  );
});
