// Who one is talking to: the profile, what is booked and to do, and where else they write.
import { ActionIcon, Anchor, Badge, Box, Divider, Group, Stack, Text, Title } from '@mantine/core';
import { IconArrowLeft, IconCalendar, IconChecklist, IconMessages, type Icon } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { useCan } from '../../api';
import { ErrorState, Face, LoadingRows, Time, useFormat } from '../../ui';
import { ChannelIcon } from './channels';
import { useContact, type Contact } from './data';
import type { Conversation } from './model';
import { nameOf } from './names';
import { Profile } from './Profile';

const SHOWN = 5;

export function Panel({ of, onBack }: { of: Conversation; onBack?: () => void }) {
  const { t } = useTranslation('inbox');
  const may = useCan('contact:read');
  const query = useContact(of.contact.id, may);
  const name = query.data?.contact.name ?? nameOf(of);
  return (
    <Stack gap="md" p="md">
      <Group wrap="nowrap" gap="sm">
        {onBack && (
          <ActionIcon size="lg" onClick={onBack} aria-label={t('thread.back')}>
            <IconArrowLeft size={20} />
          </ActionIcon>
        )}
        <Face name={name} size={46} />
        <Box miw={0}>
          <Title order={2} size="h3" lineClamp={2}>{name}</Title>
          {may && <Anchor component={Link} to={`/contacts/${of.contact.id}`} size="sm">{t('panel.open')}</Anchor>}
        </Box>
      </Group>
      {may && query.isPending && <LoadingRows rows={5} height={30} />}
      {query.error && !query.data ? <ErrorState error={query.error} retry={() => void query.refetch()} /> : null}
      {query.data && (
        <>
          <Profile key={of.contact.id} contact={query.data.contact} tag={query.data.tag} />
          <Divider />
          <Appointments of={query.data.contact} />
          <Tasks of={query.data.contact} />
          <Others of={query.data.contact} here={of.id} />
        </>
      )}
    </Stack>
  );
}

function Block({ title, icon: Sign, none, more, children }: { title: string; icon: Icon; none: string | false; more: number; children: React.ReactNode }) {
  const { t } = useTranslation('inbox');
  return (
    <section>
      <Group gap={6} mb={4}>
        <Sign size={16} aria-hidden />
        <Title order={3} size="h4">{title}</Title>
      </Group>
      {none ? <Text size="sm" c="dimmed">{none}</Text> : children}
      {more > 0 && <Text size="xs" c="dimmed">{t('panel.more', { count: more })}</Text>}
    </section>
  );
}

function Appointments({ of }: { of: Contact }) {
  const { t } = useTranslation('inbox');
  const format = useFormat();
  const may = useCan('booking:read');
  if (!may) return null;
  const all = of.appointments;
  return (
    <Block title={t('panel.appointments')} icon={IconCalendar} none={all.length === 0 && t('panel.noAppointments')} more={all.length - SHOWN}>
      {all.slice(0, SHOWN).map((one) => (
        <Box key={one.id} py={3}>
          <Group gap={6} wrap="nowrap" justify="space-between">
            <Anchor component={Link} to={`/calendar?day=${format.dayKey(one.starts_at)}&appointment=${one.id}`} size="sm" fw={550} c="inherit" truncate td={one.status === 'cancelled' ? 'line-through' : undefined}>
              {one.title}
            </Anchor>
            <Badge size="xs" color={one.status === 'cancelled' ? 'gray' : 'pine'}>{t(`appointment.${one.status}`, { defaultValue: one.status })}</Badge>
          </Group>
          <Text size="xs" c="dimmed"><Time at={one.starts_at} /></Text>
        </Box>
      ))}
    </Block>
  );
}

function Tasks({ of }: { of: Contact }) {
  const { t } = useTranslation('inbox');
  const may = useCan('task:read');
  if (!may) return null;
  const open = of.tasks.filter((one) => one.state !== 'done');
  return (
    <Block title={t('panel.tasks')} icon={IconChecklist} none={open.length === 0 && t('panel.noTasks')} more={open.length - SHOWN}>
      {open.slice(0, SHOWN).map((one) => (
        <Box key={one.id} py={3}>
          <Anchor component={Link} to={`/tasks?task=${one.id}`} size="sm" fw={550} c="inherit">{one.title}</Anchor>
          {one.due_at && <Text size="xs" c="dimmed">{t('panel.due')} <Time at={one.due_at} /></Text>}
        </Box>
      ))}
    </Block>
  );
}

function Others({ of, here }: { of: Contact; here: string }) {
  const { t } = useTranslation('inbox');
  const others = of.conversations.filter((one) => one.id !== here);
  return (
    <Block title={t('panel.others')} icon={IconMessages} none={others.length === 0 && t('panel.noOthers')} more={others.length - SHOWN}>
      {others.slice(0, SHOWN).map((one) => (
        <Group key={one.id} gap={6} py={3} wrap="nowrap">
          <ChannelIcon kind={one.channel_kind} />
          <Anchor component={Link} to={`/inbox/${one.id}`} size="sm" c="inherit" flex={1} truncate>
            {one.channel_name || t(`channel.${one.channel_kind}`, { defaultValue: one.channel_kind })}
          </Anchor>
          <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
            {t(`state.${one.state}`, { defaultValue: one.state })} · <Time at={one.last_message_at} as="short" />
          </Text>
        </Group>
      ))}
    </Block>
  );
}
