// The servers that a business connected, as a part of the tools' page.
import { Badge, Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconPlugConnected, IconServer } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { useCan } from '../../api';
import { DataTable, EmptyState, Time, type Column } from '../../ui';
import { Connect } from './Connect';
import { useServers, type Server } from './data';

export function Servers() {
  const { t } = useTranslation('servers');
  const navigate = useNavigate();
  const mayWrite = useCan('tool:write');
  const servers = useServers();
  const [connecting, setConnecting] = useState(false);
  const start = mayWrite && (
    <Button variant="default" leftSection={<IconPlugConnected size={16} />} onClick={() => setConnecting(true)}>{t('connect.title')}</Button>
  );
  const columns: Column<Server>[] = [
    {
      key: 'name',
      title: t('list.server'),
      render: (s) => (
        <Stack gap={0}>
          <Text fw={600} span>{s.title || s.name}</Text>
          {s.title && <Text size="xs" c="dimmed" ff="monospace" span>{s.name}</Text>}
        </Stack>
      ),
    },
    { key: 'url', title: t('list.address'), minor: true, render: (s) => <Text size="sm" lineClamp={1} style={{ wordBreak: 'break-all' }}>{s.url}</Text> },
    { key: 'tools', title: t('list.tools'), render: (s) => <Tools server={s} /> },
    { key: 'checked', title: t('list.checked'), minor: true, width: 190, render: (s) => (s.checked_at ? <Time at={s.checked_at} as="relative" /> : '–') },
  ];
  const empty = (servers.data?.items.length ?? 0) === 0;
  return (
    <Stack gap="xs" mt="xl">
      <Group justify="space-between" align="flex-end">
        <Stack gap={0} flex={1} miw={220}>
          <Title order={2} size="h4">{t('list.title')}</Title>
          <Text c="dimmed" size="sm">{t('list.text')}</Text>
        </Stack>
        {!empty && start}
      </Group>
      <DataTable
        label={t('list.title')}
        columns={columns}
        pages={{ items: servers.data?.items, error: servers.error, isPending: servers.isPending, refetch: servers.refetch }}
        rowKey={(s) => s.id}
        onOpen={(s) => navigate(`/servers/${s.id}`)}
        empty={<EmptyState compact icon={IconServer} title={t('list.empty')} text={t('list.emptyText')} action={start} />}
      />
      <Connect opened={connecting} onClose={() => setConnecting(false)} onDone={(s) => navigate(`/servers/${s.id}`)} />
    </Stack>
  );
}

function Tools({ server }: { server: Server }) {
  const { t } = useTranslation('servers');
  const { approved, changed } = server.tools;
  return (
    <Group gap={6}>
      {!server.enabled && <Badge color="gray" variant="light">{t('state.off')}</Badge>}
      {server.problem && <Badge color="red" variant="light">{t(server.consent?.connected === false ? 'list.consent' : 'list.problem')}</Badge>}
      <Text size="sm" span>{t('list.approved', { count: approved })}</Text>
      {server.tools.new > 0 && <Badge variant="light">{t('list.new', { count: server.tools.new })}</Badge>}
      {changed > 0 && <Badge color="orange" variant="light">{t('list.changed', { count: changed })}</Badge>}
    </Group>
  );
}
