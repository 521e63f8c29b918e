// One channel: does it work, what went wrong last, in words, and what to do about it.
import { ActionIcon, Alert, Badge, Button, Code, Group, Menu, Paper, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconAlertTriangle, IconDots, IconPlugConnected } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask, useCan } from '../../api';
import { CopyButton, Time, told, undoable, useConfirm, useFailure } from '../../ui';
import { ICONS, type Channel } from '.';

const COLORS = { active: 'teal', mock: 'blue', waiting: 'yellow', stopped: 'red', off: 'gray' } as const;

export function ChannelCard({ channel, onEdit }: { channel: Channel; onEdit: () => void }) {
  const { t } = useTranslation('channels');
  const queries = useQueryClient();
  const sure = useConfirm();
  const failed = useFailure();
  const mayWrite = useCan('channel:write');
  const [checked, setChecked] = useState<{ works: boolean; says: string; todo?: string | null } | null>(null);
  const path = { params: { path: { id: channel.id } } };
  const refresh = () => queries.invalidateQueries({ queryKey: ['channels'] });
  const change = useMutation({
    mutationFn: (body: { active?: boolean; resume?: boolean }) => ask(api.PATCH('/channels/{id}', { ...path, body: body as never })),
    onSuccess: refresh,
    onError: failed,
  });
  const remove = useMutation({ mutationFn: () => ask(api.DELETE('/channels/{id}', path)), onSuccess: () => (told(t('removed')), refresh()), onError: failed });
  const check = useMutation({ mutationFn: () => ask(api.POST('/channels/{id}/check', path)), onSuccess: setChecked, onError: failed });
  const setActive = (active: boolean) =>
    change.mutate({ active }, { onSuccess: () => undoable(t(active ? 'isOn' : 'isOff', { name: channel.name }), () => change.mutateAsync({ active: !active })) });
  const disconnect = async () => {
    if (await sure({ title: t('remove.title', { name: channel.name }), text: t('remove.text'), confirm: t('remove.confirm') })) remove.mutate();
  };
  const Icon = ICONS[channel.kind] ?? IconPlugConnected;
  const trouble = channel.stopped_reason ?? channel.webhook_problem;
  return (
    <Paper withBorder p="md" radius="md" component="article" aria-label={channel.name}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Group wrap="nowrap" gap="sm" miw={0}>
          <ThemeIcon size={38} radius="md" variant="light" color={COLORS[channel.state]}><Icon size={20} /></ThemeIcon>
          <div style={{ minWidth: 0 }}>
            <Title order={2} size="h5" lineClamp={1}>{channel.name}</Title>
            <Text size="xs" c="dimmed" truncate>{channel.kind_name} · {channel.account}</Text>
          </div>
        </Group>
        <Group gap={4} wrap="nowrap" style={{ flexShrink: 0 }}>
          <Badge color={COLORS[channel.state]} variant="light" style={{ flexShrink: 0 }}>{t(`state.${channel.state}`)}</Badge>
          {mayWrite && (
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon variant="subtle" color="gray" aria-label={t('more', { name: channel.name })}><IconDots size={18} /></ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item onClick={onEdit}>{t('edit')}</Menu.Item>
                <Menu.Item onClick={() => setActive(!channel.active)}>{t(channel.active ? 'switchOff' : 'switchOn')}</Menu.Item>
                <Menu.Item color="red" onClick={() => void disconnect()}>{t('remove.confirm')}</Menu.Item>
              </Menu.Dropdown>
            </Menu>
          )}
        </Group>
      </Group>
      <Stack gap={6} mt="md">
        {trouble && (
          <Alert color="red" icon={<IconAlertTriangle size={18} />} p="xs">
            <Text size="sm">{trouble}</Text>
            {channel.stopped_reason && mayWrite && (
              <Button mt="xs" size="compact-sm" variant="light" color="red" onClick={() => change.mutate({ resume: true })}>{t('resume')}</Button>
            )}
          </Alert>
        )}
        {channel.last_error && !trouble && (
          <Text size="sm" c="dimmed">
            {t('lastError')} {channel.last_error_at && <Time at={channel.last_error_at} as="relative" />}: {channel.last_error}
          </Text>
        )}
        <Text size="sm" c="dimmed">
          {channel.webhook_at ? <>{t('heard')} <Time at={channel.webhook_at} as="relative" /></> : t(`hint.${channel.state}`)}
        </Text>
        {channel.kind === 'webchat' && <Snippet account={channel.account} />}
        {checked && (
          <Alert color={checked.works ? 'teal' : 'red'} p="xs">
            <Text size="sm">{checked.says}</Text>
            {checked.todo && <Text size="xs" c="dimmed">{checked.todo}</Text>}
          </Alert>
        )}
        {mayWrite && channel.kind === 'whatsapp' && (
          <Group gap="xs">
            <Button size="compact-sm" variant="default" loading={check.isPending} onClick={() => check.mutate()}>{t('check')}</Button>
            {channel.state === 'waiting' && <Button size="compact-sm" variant="light" onClick={onEdit}>{t('guide.go')}</Button>}
          </Group>
        )}
      </Stack>
    </Paper>
  );
}

function Snippet({ account }: { account: string }) {
  const { t } = useTranslation('channels');
  const code = `<script src="${location.origin}/widget.js" data-channel="${account}" async></script>`;
  return (
    <Stack gap={4}>
      <Group justify="space-between"><Text size="sm">{t('snippet')}</Text><CopyButton value={code} /></Group>
      <Code block tabIndex={0}>{code}</Code>
    </Stack>
  );
}
