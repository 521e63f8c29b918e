// Which conversations are listed; the choice is in the address, so that it can be kept and sent.
import { ActionIcon, Group, Indicator, Menu, ScrollArea, Tooltip } from '@mantine/core';
import { IconAdjustments, IconCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { useChannels, useCounts, type Filters } from './data';
import { ChannelIcon } from './channels';
import classes from './inbox.module.css';

export interface View {
  only?: 'mine' | 'nobody' | 'waiting' | 'unread';
  state?: 'bot' | 'human' | 'paused' | 'closed';
  channel?: string;
  snoozed?: boolean;
}

const ONLY = ['waiting', 'unread', 'mine', 'nobody'] as const;
const STATES = ['bot', 'human', 'paused', 'closed'] as const;

export function isNarrowed(view: View): boolean {
  return Object.values(view).some(Boolean);
}

/** What the API is asked for. Snoozed ones come back by themselves; until then they are looked for only by name. */
export function filters(view: View): Filters {
  return {
    state: view.only === 'waiting' ? 'waiting' : view.state,
    assignee: view.only === 'mine' ? 'me' : view.only === 'nobody' ? 'none' : undefined,
    unread: view.only === 'unread' ? true : undefined,
    channel: view.channel,
    snoozed: view.snoozed ?? false,
  };
}

export function readView(params: URLSearchParams): View {
  const pick = <T extends string>(name: string, of: readonly T[]) => of.find((one) => one === params.get(name));
  return {
    only: pick('only', ONLY),
    state: pick('state', STATES),
    channel: params.get('channel') ?? undefined,
    snoozed: params.get('snoozed') === '1' || undefined,
  };
}

export function writeView(view: View): URLSearchParams {
  const params = new URLSearchParams();
  if (view.only) params.set('only', view.only);
  if (view.state) params.set('state', view.state);
  if (view.channel) params.set('channel', view.channel);
  if (view.snoozed) params.set('snoozed', '1');
  return params;
}

export function FilterBar({ view, onView }: { view: View; onView: (view: View) => void }) {
  const { t } = useTranslation('inbox');
  const counts = useCounts().data;
  const numbers = { waiting: counts?.waiting, unread: counts?.unread, mine: counts?.mine, nobody: undefined };
  return (
    <Group gap={4} px={10} pb={8} wrap="nowrap" style={{ borderBottom: '1px solid var(--fd-line)' }}>
      <ScrollArea type="never" flex={1} miw={0}>
        <Group gap={4} wrap="nowrap" role="group" aria-label={t('filter.label')}>
          <One label={t('filter.all')} checked={!view.only} onChange={() => onView({ ...view, only: undefined })} />
          {ONLY.map((only) => (
            <One key={only} label={t(`filter.${only}`)} count={numbers[only]} checked={view.only === only} onChange={() => onView({ ...view, only: view.only === only ? undefined : only, state: only === 'waiting' ? undefined : view.state })} />
          ))}
        </Group>
      </ScrollArea>
      <MoreFilters view={view} onView={onView} />
    </Group>
  );
}

function One({ label, count, checked, onChange }: { label: string; count?: number; checked: boolean; onChange: () => void }) {
  return (
    <button type="button" className={classes.filter} aria-pressed={checked} onClick={onChange}>
      {label}
      {count ? <span className={classes.count}>{count > 99 ? '99+' : count}</span> : null}
    </button>
  );
}

function MoreFilters({ view, onView }: { view: View; onView: (view: View) => void }) {
  const { t } = useTranslation('inbox');
  const channels = useChannels().data ?? [];
  const active = !!(view.state || view.channel || view.snoozed);
  const mark = <IconCheck size={15} aria-label={t('filter.chosen')} />;
  return (
    <Menu position="bottom-end" width={240} closeOnItemClick={false}>
      <Menu.Target>
        <Tooltip label={t('filter.more')}>
          <Indicator disabled={!active} size={8} offset={5}>
            <ActionIcon size="lg" aria-label={active ? t('filter.moreActive') : t('filter.more')}>
              <IconAdjustments size={18} />
            </ActionIcon>
          </Indicator>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('filter.state')}</Menu.Label>
        {STATES.map((state) => (
          <Menu.Item key={state} onClick={() => onView({ ...view, state: view.state === state ? undefined : state, only: view.only === 'waiting' ? undefined : view.only })} rightSection={view.state === state ? mark : null}>
            {t(`state.${state}`)}
          </Menu.Item>
        ))}
        {channels.length > 1 && <Menu.Label>{t('filter.channel')}</Menu.Label>}
        {channels.length > 1 && channels.map((channel) => (
          <Menu.Item key={channel.id} leftSection={<ChannelIcon kind={channel.kind} />} onClick={() => onView({ ...view, channel: view.channel === channel.id ? undefined : channel.id })} rightSection={view.channel === channel.id ? mark : null}>
            {channel.name || t(`channel.${channel.kind}`, { defaultValue: channel.kind })}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => onView({ ...view, snoozed: !view.snoozed || undefined })} rightSection={view.snoozed ? mark : null}>
          {t('filter.snoozed')}
        </Menu.Item>
        {active && <Menu.Item onClick={() => onView({ only: view.only })}>{t('filter.clear')}</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}
