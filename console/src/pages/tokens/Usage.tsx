// What the credit was spent on, day by day; every chart is also a table for those who cannot see it.
import { BarChart, DonutChart } from '@mantine/charts';
import '@mantine/charts/styles.css';
import { Grid, Group, Paper, SegmentedControl, Stack, Text, Title, VisuallyHidden } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask, type components } from '../../api';
import { ErrorState, LoadingRows, useFormat } from '../../ui';
import { byAction, byDay } from './sums';
import { useActionName } from './words';

type Told = components['schemas']['TokenUsage'];
const SPANS = ['7', '30', '90'] as const;

export function Usage() {
  const { t } = useTranslation('tokens');
  const format = useFormat();
  const [days, setDays] = useState<string>('30');
  const from = format.dayKey(Date.now() - (Number(days) - 1) * 86_400_000);
  const usage = useQuery({
    queryKey: ['tokens', 'usage', from],
    queryFn: () => ask(api.GET('/tokens/usage', { params: { query: { from } } })),
    placeholderData: keepPreviousData,
  });
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} radius="md" component="section" aria-labelledby="usage-title">
      <Group justify="space-between" mb="md">
        <Title order={2} size="h4" id="usage-title">{t('usage.title')}</Title>
        <SegmentedControl aria-label={t('usage.span')} value={days} onChange={setDays} data={SPANS.map((n) => ({ value: n, label: t('usage.days', { count: Number(n) }) }))} />
      </Group>
      {usage.isPending && <LoadingRows rows={3} height={60} />}
      {usage.error && !usage.data && <ErrorState error={usage.error} retry={() => void usage.refetch()} />}
      {usage.data && <Charts usage={usage.data} />}
    </Paper>
  );
}

function Charts({ usage }: { usage: Told }) {
  const { t } = useTranslation('tokens');
  const format = useFormat();
  const name = useActionName();
  const actions = byAction(usage.items);
  if (actions.length === 0) return <Text c="dimmed">{t('usage.nothing')}</Text>;
  const day = new Intl.DateTimeFormat(format.language, { timeZone: 'UTC', day: 'numeric', month: 'short' });
  const data = byDay(usage.items, usage.from, usage.to).map((row) => ({ ...row, date: day.format(new Date(`${row.date}T00:00:00Z`)) }));
  const series = actions.map((a) => ({ name: a.action, label: name(a.action), color: a.color }));
  const money = format.money(Math.round(usage.money_micros_usd / 10_000), 'USD');
  return (
    <Grid>
      <Grid.Col span={{ base: 12, md: 8 }}>
        <BarChart h={240} data={data} dataKey="date" type="stacked" series={series} tickLine="none" gridAxis="x" valueFormatter={(v) => format.number(v)} />
        <VisuallyHidden>
          <table>
            <caption>{t('usage.title')}</caption>
            <thead><tr><th>{t('ledger.day')}</th>{series.map((s) => <th key={s.name}>{s.label}</th>)}</tr></thead>
            <tbody>{data.map((row) => <tr key={row.date}><td>{row.date}</td>{series.map((s) => <td key={s.name}>{Number((row as Record<string, unknown>)[s.name] ?? 0)}</td>)}</tr>)}</tbody>
          </table>
        </VisuallyHidden>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 4 }}>
        <Group justify="center" mb="md" aria-hidden>
          <DonutChart size={130} thickness={20} data={actions.filter((a) => a.tokens > 0).map((a) => ({ name: name(a.action), value: a.tokens, color: a.color }))} chartLabel={format.number(usage.tokens)} />
        </Group>
        <Stack gap={4}>
          {actions.map((a) => (
            <Group key={a.action} justify="space-between" wrap="nowrap">
              <Text size="sm">{name(a.action)}</Text>
              <Text size="sm" c="dimmed">{t('usage.times', { count: a.times, tokens: format.number(a.tokens) })}</Text>
            </Group>
          ))}
          <Text size="sm" mt="xs">{t('usage.money', { money })}</Text>
          {usage.unpriced_calls > 0 && <Text size="sm" c="orange">{t('usage.unpriced', { count: usage.unpriced_calls })}</Text>}
        </Stack>
      </Grid.Col>
    </Grid>
  );
}
