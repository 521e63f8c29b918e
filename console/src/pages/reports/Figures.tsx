// The figures of an analysis: charts, the parts of the total, and every number.
import { BarChart } from '@mantine/charts';
import '@mantine/charts/styles.css';
import { Alert, Grid, Paper, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { IconChartBarOff, IconInfoCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { ChartCard, EmptyState, useFormat } from '../../ui';
import { measured, readBack, shown, together, type Series, type Sheet } from './data';
import classes from './Figures.module.css';

const COLORS = ['blue.6', 'teal.6', 'orange.6', 'grape.6', 'pink.6', 'cyan.6'];

export function Figures({ sheet }: { sheet: Sheet }) {
  const { t } = useTranslation('reports');
  const format = useFormat();
  const day = useDay(sheet);
  if (sheet.series.every((s) => !s.total)) {
    return <Paper withBorder radius="md"><EmptyState compact icon={IconChartBarOff} title={t('nothing.title')} text={t('nothing.text')} /></Paper>;
  }
  return (
    <Stack gap="lg">
      <SimpleGrid cols={{ base: 2, sm: 3, lg: Math.min(5, Math.max(2, sheet.series.length)) }}>
        {sheet.series.map((s) => (
          <Paper key={s.key} withBorder p="md" radius="md">
            <Text size="sm" c="dimmed">{s.name}</Text>
            <Text fz={24} fw={700} lh={1.3} style={{ overflowWrap: 'anywhere' }}>{shown(format, s.unit, s.total)}</Text>
          </Paper>
        ))}
      </SimpleGrid>
      <Charts sheet={sheet} day={day} />
      {sheet.breakdowns.filter((b) => b.rows.length > 0).map((b) => {
        const about = sheet.series.map((_, i) => i).filter((i) => b.rows.some((row) => row.values[i] != null));
        return (
          <Numbers
            key={b.key}
            title={b.name}
            first={b.name}
            series={about.map((i) => sheet.series[i]!)}
            rows={b.rows.map((row) => ({ name: row.name, values: about.map((i) => row.values[i]) }))}
          />
        );
      })}
      <Numbers
        title={t(`each.${sheet.grouping}`)}
        first={t(`by.${sheet.grouping}`)}
        series={sheet.series}
        rows={sheet.periods.map((p, i) => ({
          name: p.first === p.last ? day(p.first) : `${day(p.first)} – ${day(p.last)}`,
          values: sheet.series.map((s) => s.values[i]),
        }))}
        total={{ name: t('total'), values: sheet.series.map((s) => s.total) }}
      />
      {sheet.notes.map((note) => <Alert key={note} variant="light" color="gray" icon={<IconInfoCircle size={18} />}>{note}</Alert>)}
      <Text size="xs" c="dimmed" ta="right">{t('zone', { zone: sheet.time_zone })}</Text>
    </Stack>
  );
}

function Charts({ sheet, day }: { sheet: Sheet; day: (date: string) => string }) {
  const format = useFormat();
  if (sheet.periods.length < 2) return null;
  const charts = together(sheet.series).filter((c) => c.series.some((s) => s.total));
  return (
    <Grid>
      {charts.map(({ unit, series }) => {
        const data = sheet.periods.map((p, i) => ({ date: day(p.first), ...Object.fromEntries(series.map((s) => [s.key, measured(unit, s.values[i])])) }));
        return (
          <Grid.Col key={series[0]!.key} span={{ base: 12, md: charts.length > 1 ? 6 : 12 }}>
            <ChartCard title={charts.length > 1 ? series.map((s) => s.name).join(', ') : sheet.title}>
              <BarChart
                h={240}
                data={data}
                dataKey="date"
                withLegend={series.length > 1}
                tickLine="none"
                gridAxis="x"
                series={series.map((s, i) => ({ name: s.key, label: s.name, color: COLORS[i % COLORS.length]! }))}
                valueFormatter={(v) => readBack(format, unit, v)}
                yAxisProps={{ allowDecimals: unit.kind !== 'count' && unit.kind !== 'credit' && unit.kind !== 'model_tokens', width: 72 }}
              />
            </ChartCard>
          </Grid.Col>
        );
      })}
    </Grid>
  );
}

interface Row {
  name: string;
  values: (number | null | undefined)[];
}

function Numbers({ title, first, series, rows, total }: { title: string; first: string; series: Series[]; rows: Row[]; total?: Row }) {
  const format = useFormat();
  const line = (row: Row, bold: boolean) => (
    <Table.Tr key={row.name} fw={bold ? 650 : undefined}>
      <Table.Th scope="row" fw={bold ? 650 : 400} className={classes.name}>{row.name}</Table.Th>
      {series.map((s, i) => <Table.Td key={s.key} ta="right" className={classes.number}>{shown(format, s.unit, row.values[i])}</Table.Td>)}
    </Table.Tr>
  );
  return (
    <Paper withBorder radius="md">
      <Title order={2} size="h5" p="md" pb="xs">{title}</Title>
      <div className={classes.frame} role="region" aria-label={title} tabIndex={0}>
        <Table stickyHeader={rows.length > 12}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{first}</Table.Th>
              {series.map((s) => <Table.Th key={s.key} ta="right">{s.name}</Table.Th>)}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>{rows.map((row) => line(row, false))}</Table.Tbody>
          {total && <Table.Tfoot>{line(total, true)}</Table.Tfoot>}
        </Table>
      </div>
    </Paper>
  );
}

/** A date is no moment: it is written without a zone. */
function useDay(sheet: Sheet): (date: string) => string {
  const format = useFormat();
  const year = sheet.from.slice(0, 4) === sheet.to.slice(0, 4) ? undefined : ('2-digit' as const);
  const written = new Intl.DateTimeFormat(format.language, { timeZone: 'UTC', day: 'numeric', month: 'short', year });
  return (date) => written.format(new Date(`${date}T00:00:00Z`));
}
