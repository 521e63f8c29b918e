// What happened with a contact: conversations, appointments and tasks in one line of time.
import { Anchor, Badge, Card, Text, Timeline as Line, Title } from '@mantine/core';
import { IconCalendarEvent, IconChecklist, IconHistory, IconMessageCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { EmptyState, Time } from '../../ui';
import { shownAddress, type ContactDetail } from './words';

interface Entry {
  key: string;
  at: string;
  icon: ReactNode;
  title: ReactNode;
  text: ReactNode;
  muted?: boolean;
}

export function Timeline({ contact }: { contact: ContactDetail }) {
  const { t } = useTranslation('contacts');
  const entries: Entry[] = [
    ...contact.conversations.map((c) => ({
      key: c.id,
      at: c.last_message_at,
      icon: <IconMessageCircle size={14} />,
      title: <Anchor component={Link} to={`/inbox/${c.id}`} fw={600}>{t('timeline.conversation', { channel: c.channel_name })}</Anchor>,
      text: (
        <>
          {shownAddress(c.address)} <Badge size="sm" ml={4}>{t(`state.${c.state}`)}</Badge>
        </>
      ),
    })),
    ...contact.appointments.map((a) => ({
      key: a.id,
      at: a.starts_at,
      icon: <IconCalendarEvent size={14} />,
      title: <Text span fw={600} td={a.status.startsWith('cancel') ? 'line-through' : undefined}>{a.title}</Text>,
      text: t(`visit.${a.status}`, { defaultValue: a.status }),
      muted: a.status.startsWith('cancel'),
    })),
    ...contact.tasks.map((task) => ({
      key: task.id,
      at: task.due_at ?? task.created_at,
      icon: <IconChecklist size={14} />,
      title: <Anchor component={Link} to={`/tasks?task=${task.id}`} fw={600} style={{ overflowWrap: 'anywhere' }}>{task.title}</Anchor>,
      text: task.state === 'done' ? t('timeline.taskDone') : t('timeline.taskOpen'),
      muted: task.state === 'done',
    })),
  ].sort((a, b) => b.at.localeCompare(a.at));
  return (
    <Card>
      <Title order={2} size="h3" mb="md">{t('timeline.title')}</Title>
      {entries.length === 0 ? (
        <EmptyState compact icon={IconHistory} title={t('timeline.emptyTitle')} text={t('timeline.emptyText')} />
      ) : (
        <Line bulletSize={26} lineWidth={2}>
          {entries.map((e) => (
            <Line.Item key={e.key} bullet={e.icon} title={e.title} lineVariant={e.muted ? 'dashed' : 'solid'}>
              <Text size="sm" c="dimmed" component="div">{e.text}</Text>
              <Text size="xs" c="dimmed" mt={2}><Time at={e.at} /></Text>
            </Line.Item>
          ))}
        </Line>
      )}
    </Card>
  );
}
