// How the server is doing: database, queues, channels, models, processes.
import { Alert, Badge, Group, List, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, ask } from '../../api';
import { ErrorState, LoadingRows, PageBody, PageHeader, Time, useFormat } from '../../ui';

const COLORS: Record<string, string> = { ok: 'teal', warning: 'yellow', problem: 'red' };

export default function SystemPage() {
  const { t } = useTranslation('system');
  const format = useFormat();
  const system = useQuery({ queryKey: ['system'], queryFn: () => ask(api.GET('/system')), refetchInterval: 10_000 });
  const s = system.data;
  const seconds = (n: number) => t('seconds', { n: format.number(Math.round(n * 10) / 10) });
  const tiles = s && [
    { key: 'version', value: s.version, note: `${s.engine} · ${s.database}` },
    { key: 'waiting', value: s.waiting_conversations, note: t('oldest', { value: seconds(s.oldest_waiting_s) }) },
    { key: 'sends', value: s.sends_pending, note: t('oldest', { value: seconds(s.oldest_send_s) }) },
    { key: 'doubtful', value: s.sends_unknown + s.sends_in_review, note: t('review', { count: s.sends_in_review }) },
    { key: 'running', value: s.turns_running, note: t('watchers', { count: s.watchers }) },
    { key: 'tenants', value: s.tenants, note: t('strays', { count: s.strays }) },
  ];
  return (
    <PageBody>
      <PageHeader title={t('title')} text={s && <>{t('asOf')} <Time at={s.now} as="time" /></>} />
      {system.isPending && <LoadingRows rows={4} height={80} />}
      {system.error && !s && <ErrorState error={system.error} retry={() => void system.refetch()} />}
      {s && (
        <Stack gap="lg">
          {s.paused && <Alert color="yellow" title={t('paused.title')}>{t('paused.text')}</Alert>}
          <SimpleGrid cols={{ base: 2, md: 3 }}>
            {tiles?.map((tile) => (
              <Paper key={tile.key} withBorder p="md" radius="md">
                <Text size="sm" c="dimmed">{t(tile.key)}</Text>
                <Text fz={24} fw={700}>{typeof tile.value === 'number' ? format.number(tile.value) : tile.value}</Text>
                <Text size="xs" c="dimmed">{tile.note}</Text>
              </Paper>
            ))}
          </SimpleGrid>
          <Paper withBorder p="md" radius="md" component="section" aria-label={t('checks')}>
            <Title order={2} size="h4" mb="sm">{t('checks')}</Title>
            <Stack gap="sm">
              {s.checks.map((c, i) => (
                <Group key={i} align="flex-start" wrap="nowrap">
                  <Badge w={92} color={COLORS[c.level] ?? 'gray'} variant="light">{t(`level.${c.level}`)}</Badge>
                  <div>
                    <Text size="sm"><b>{c.check}</b>: {c.says}</Text>
                    {c.todo && <Text size="xs" c="dimmed">{c.todo}</Text>}
                  </div>
                </Group>
              ))}
            </Stack>
          </Paper>
          <Paper withBorder p="md" radius="md" component="section" aria-label={t('nodes')}>
            <Title order={2} size="h4" mb="sm">{t('nodes')}</Title>
            <List size="sm">
              {s.nodes.map((n) => <List.Item key={n.name}>{n.name} <Text span c="dimmed">{n.version}</Text></List.Item>)}
            </List>
            {s.models_paused.length > 0 && <Alert color="yellow" mt="sm">{t('modelsPaused', { names: s.models_paused.join(', ') })}</Alert>}
          </Paper>
        </Stack>
      )}
    </PageBody>
  );
}
