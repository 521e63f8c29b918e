// Who this is and who answers; what one can do with the conversation as a whole.
import { ActionIcon, Box, Button, Group, Menu, Text, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconAlarmSnooze, IconArrowLeft, IconDotsVertical, IconLayoutSidebarRight, IconLock, IconLockOpen, IconMailOpened, IconUserCheck, IconPlayerPause } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { useCan } from '../../api';
import { Face, useFormat, usePageTitle } from '../../ui';
import { AssignMenu } from './AssignMenu';
import type { Act } from './acts';
import { ChannelIcon } from './channels';
import { StateChip } from './Chip';
import classes from './inbox.module.css';
import { LaterItems, OtherTime } from './later';
import type { Conversation } from './model';
import { nameOf } from './names';

export function ThreadHeader({ of, onAct, onBack, onPanel, panel, phone }: {
  of: Conversation;
  onAct: (act: Act) => void;
  onBack: () => void;
  onPanel: () => void;
  panel: boolean;
  phone: boolean;
}) {
  const { t } = useTranslation('inbox');
  const format = useFormat();
  const may = useCan('conversation:write');
  const [snooze, snoozing] = useDisclosure();
  const [pause, pausing] = useDisclosure();
  const name = nameOf(of);
  usePageTitle(name);
  const bot = of.state.mode === 'bot' || of.state.mode === 'closed';
  return (
    <header className={classes.head}>
      {phone && (
        <ActionIcon size="lg" onClick={onBack} aria-label={t('thread.back')}>
          <IconArrowLeft size={20} />
        </ActionIcon>
      )}
      <Face name={name} size={38} />
      <Box flex={1} miw={0}>
        <Text fw={650} truncate component="h2" size="md" m={0}>{name}</Text>
        <Group gap={6} wrap="nowrap">
          <StateChip of={of} />
          <Text size="xs" c="dimmed" truncate span>
            <ChannelIcon kind={of.channel.kind} size={13} /> {of.channel.name || t(`channel.${of.channel.kind}`, { defaultValue: of.channel.kind })}
            {of.snoozed_until ? ` · ${t('thread.snoozedUntil', { at: format.dateTime(of.snoozed_until) })}` : ''}
          </Text>
        </Group>
      </Box>
      {may && !phone && bot && (
        <Button size="xs" variant="default" leftSection={<IconUserCheck size={16} />} onClick={() => onAct({ do: 'take_over' })}>
          {t('act.takeOver')}
        </Button>
      )}
      {may && <AssignMenu of={of} onAct={onAct} />}
      {may && (
        <Menu position="bottom-end" width={290}>
          <Menu.Target>
            <Tooltip label={t('act.snooze')}>
              <ActionIcon size="lg" aria-label={t('act.snooze')} visibleFrom="xs">
                <IconAlarmSnooze size={19} />
              </ActionIcon>
            </Tooltip>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{t('act.snoozeUntil')}</Menu.Label>
            {of.snoozed_until && <Menu.Item onClick={() => onAct({ do: 'snooze', until: null })}>{t('act.wake')}</Menu.Item>}
            <LaterItems onChoose={(until) => onAct({ do: 'snooze', until })} onOther={snoozing.open} />
          </Menu.Dropdown>
        </Menu>
      )}
      {may && (
        <Menu position="bottom-end" width={290}>
          <Menu.Target>
            <ActionIcon size="lg" aria-label={t('act.more')}>
              <IconDotsVertical size={19} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {phone && bot && (
              <Menu.Item leftSection={<IconUserCheck size={17} />} onClick={() => onAct({ do: 'take_over' })}>
                {t('act.takeOver')}
              </Menu.Item>
            )}
            {phone && <Menu.Item leftSection={<IconAlarmSnooze size={17} />} onClick={snoozing.open}>{t('act.snooze')}</Menu.Item>}
            <Menu.Item leftSection={<IconMailOpened size={17} />} onClick={() => onAct({ do: 'unread' })}>{t('act.unread')}</Menu.Item>
            {of.state.mode === 'closed' ? (
              <Menu.Item leftSection={<IconLockOpen size={17} />} onClick={() => onAct({ do: 'give_back' })}>{t('act.reopen')}</Menu.Item>
            ) : (
              <Menu.Item leftSection={<IconLock size={17} />} onClick={() => onAct({ do: 'close' })}>{t('act.close')}</Menu.Item>
            )}
            <Menu.Divider />
            <Menu.Label><IconPlayerPause size={12} aria-hidden /> {t('act.pauseUntil')}</Menu.Label>
            <LaterItems onChoose={(until) => onAct({ do: 'pause', until })} onOther={pausing.open} />
          </Menu.Dropdown>
        </Menu>
      )}
      <Tooltip label={t('panel.toggle')}>
        <ActionIcon size="lg" onClick={onPanel} aria-label={t('panel.toggle')} aria-pressed={panel} color={panel ? 'pine' : 'gray'}>
          <IconLayoutSidebarRight size={19} />
        </ActionIcon>
      </Tooltip>
      <OtherTime title={t('act.snoozeUntil')} opened={snooze} onClose={snoozing.close} onChoose={(until) => onAct({ do: 'snooze', until })} />
      <OtherTime title={t('act.pauseUntil')} opened={pause} onClose={pausing.close} onChoose={(until) => onAct({ do: 'pause', until })} />
    </header>
  );
}
