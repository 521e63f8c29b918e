// The figures over time. Every chart is also a table for those who cannot see it.
import { AreaChart, BarChart, LineChart } from '@mantine/charts';
import '@mantine/charts/styles.css';
import { Grid, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { ChartCard, useFormat } from '../../ui';
import type { Overview } from '.';

interface Series {
  name: string;
  label: string;
  color: string;
}

export function Charts({ overview }: { overview: Overview }) {
  const { t } = useTranslation('overview');
  const format = useFormat();
  // A date is no moment: it is written without a zone.
  const day = new Intl.DateTimeFormat(format.language, { timeZone: 'UTC', day: 'numeric', month: 'short' });
  const data = overview.days.map((d) => ({
    date: day.format(new Date(`${d.date}T00:00:00Z`)),
    received: d.received,
    bot: d.sent_by_bot,
    staff: d.sent_by_staff,
    bookings: d.bookings,
    handoffs: d.handoffs,
    p50: d.response_ms_p50 == null ? null : Math.round(d.response_ms_p50 / 100) / 10,
    p90: d.response_ms_p90 == null ? null : Math.round(d.response_ms_p90 / 100) / 10,
    cost: d.cost_micros_usd / 1_000_000,
  }));
  const messages = [
    { name: 'received', label: t('received'), color: 'blue.6' },
    { name: 'bot', label: t('byBot'), color: 'teal.6' },
    { name: 'staff', label: t('byStaff'), color: 'orange.6' },
  ];
  const work = [
    { name: 'bookings', label: t('bookings'), color: 'teal.6' },
    { name: 'handoffs', label: t('handoffs'), color: 'orange.6' },
  ];
  const times = [
    { name: 'p50', label: t('median'), color: 'blue.6' },
    { name: 'p90', label: t('slowest'), color: 'grape.6' },
  ];
  const cost = [{ name: 'cost', label: t('cost'), color: 'grape.6' }];
  const common = { h: 220, data, dataKey: 'date', withLegend: true, tickLine: 'none', gridAxis: 'x' } as const;
  // There is no half message.
  const counted = { yAxisProps: { allowDecimals: false } };
  return (
    <>
      <InGrid title={t('messages')}>
        <AreaChart {...common} {...counted} series={messages} curveType="monotone" fillOpacity={0.15} withDots={false} />
        <AsTable title={t('messages')} data={data} series={messages} />
      </InGrid>
      <InGrid title={t('work')}>
        <BarChart {...common} {...counted} series={work} />
        <AsTable title={t('work')} data={data} series={work} />
      </InGrid>
      <InGrid title={t('responseTime')}>
        <LineChart {...common} series={times} connectNulls withDots={false} unit=" s" />
        <AsTable title={t('responseTime')} data={data} series={times} />
      </InGrid>
      <InGrid title={t('costOverTime')}>
        <BarChart {...common} series={cost} valueFormatter={(usd) => format.money(Math.round(usd * 100), 'USD')} withLegend={false} />
        <AsTable title={t('costOverTime')} data={data} series={cost} />
      </InGrid>
    </>
  );
}

function InGrid({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Grid.Col span={{ base: 12, md: 6 }}>
      <ChartCard title={title}>{children}</ChartCard>
    </Grid.Col>
  );
}

function AsTable({ title, data, series }: { title: string; data: Record<string, string | number | null>[]; series: Series[] }) {
  const { t } = useTranslation('overview');
  return (
    <VisuallyHidden>
      <table>
        <caption>{title}</caption>
        <thead>
          <tr>
            <th>{t('date')}</th>
            {series.map((s) => <th key={s.name}>{s.label}</th>)}
          </tr>
        </thead>
        <tbody>
          {data.map((row) => (
            <tr key={String(row.date)}>
              <td>{row.date}</td>
              {series.map((s) => <td key={s.name}>{row[s.name] ?? '–'}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </VisuallyHidden>
  );
}
