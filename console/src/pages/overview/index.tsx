// How the business is doing: figures over time, and what is left to set up.
import { Grid, Group, Paper, SegmentedControl, SimpleGrid, Stack, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask, type components } from '../../api';
import { ErrorState, LoadingRows, PageBody, PageHeader, useFormat } from '../../ui';
import { Charts } from './Charts';
import { SetupCard } from './SetupCard';

export type Overview = components['schemas']['Overview'];
const SPANS = ['7', '14', '30', '90'] as const;

export default function OverviewPage() {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const [days, setDays] = useState<string>('14');
  const figures = useQuery({
    queryKey: ['stats', days],
    queryFn: () => ask(api.GET('/stats/overview', { params: { query: { from: format.dayKey(Date.now() - (Number(days) - 1) * 86_400_000) } } })),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  return (
    <PageBody>
      <PageHeader
        title={t('title')}
        text={t('text')}
        actions={
          <SegmentedControl
            aria-label={t('span')}
            value={days}
            onChange={setDays}
            data={SPANS.map((n) => ({ value: n, label: t('days', { count: Number(n) }) }))}
          />
        }
      />
      <Stack gap="lg">
        <SetupCard />
        {figures.isPending && <LoadingRows rows={4} height={90} />}
        {figures.error && !figures.data && <ErrorState error={figures.error} retry={() => void figures.refetch()} />}
        {figures.data && <Figures overview={figures.data} />}
      </Stack>
    </PageBody>
  );
}

function Figures({ overview }: { overview: Overview }) {
  const { t } = useTranslation('overview');
  const format = useFormat();
  const { total } = overview;
  const seconds = (ms: number | null | undefined) => (ms == null ? '–' : t('seconds', { n: format.number(Math.round(ms / 100) / 10) }));
  const cost = total.unpriced_calls > 0 ? t('unpriced', { count: total.unpriced_calls }) : t('tokens', { n: format.number(total.tokens) });
  const tiles = [
    { key: 'received', value: format.number(total.received), note: t('answeredBy', { bot: total.sent_by_bot, staff: total.sent_by_staff }) },
    { key: 'response', value: seconds(total.response_ms_p50), note: t('p90', { value: seconds(total.response_ms_p90) }) },
    { key: 'bookings', value: format.number(total.bookings), note: t('bookingsNote') },
    { key: 'handoffs', value: format.number(total.handoffs), note: t('givenUp', { count: total.given_up }) },
    { key: 'cost', value: format.money(Math.round(total.cost_micros_usd / 10_000), 'USD'), note: cost },
  ];
  return (
    <>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }}>
        {tiles.map((tile) => (
          <Paper key={tile.key} withBorder p="md" radius="md">
            <Text size="sm" c="dimmed">{t(tile.key)}</Text>
            <Text fz={26} fw={700} lh={1.3}>{tile.value}</Text>
            <Text size="xs" c="dimmed">{tile.note}</Text>
          </Paper>
        ))}
      </SimpleGrid>
      <Grid>
        <Charts overview={overview} />
      </Grid>
      <Group justify="flex-end">
        <Text size="xs" c="dimmed">{t('zone', { zone: overview.time_zone })}</Text>
      </Group>
    </>
  );
}
