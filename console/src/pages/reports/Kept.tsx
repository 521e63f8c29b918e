// Reports that were made: their files, who made them, and away with them.
import { ActionIcon, Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconDownload, IconReportAnalytics, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { useCan } from '../../api';
import { DataTable, EmptyState, Time, told, useConfirm, useFailure, type Column } from '../../ui';
import { fileOf, useDelete, useReports, type Report } from './data';

export function Kept() {
  const { t, i18n } = useTranslation('reports');
  const may = useCan('report:write');
  const reports = useReports(true);
  const remove = useDelete();
  const failed = useFailure();
  const sure = useConfirm();
  const day = new Intl.DateTimeFormat(i18n.language, { timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' });
  const days = (r: Report) => day.formatRange(new Date(`${r.from}T00:00:00Z`), new Date(`${r.to}T00:00:00Z`));
  const ask = async (r: Report) => {
    if (!(await sure({ title: t('delete.title'), text: t('delete.text', { title: r.title, days: days(r) }), confirm: t('delete.confirm') }))) return;
    remove.mutate(r.id, { onSuccess: () => told(t('delete.done')), onError: failed });
  };
  const columns: Column<Report>[] = [
    {
      key: 'title',
      title: t('report'),
      render: (r) => (
        <Stack gap={0}>
          <Text component="span" size="sm" fw={600}>{r.title}</Text>
          <Text component="span" size="xs" c="dimmed">{[days(r), t(`by.${r.grouping}`), ...r.locations].join(' · ')}</Text>
        </Stack>
      ),
    },
    { key: 'by', title: t('madeBy'), width: 180, render: (r) => <Text component="span" size="sm">{t(r.turn ? 'byAgentFor' : 'byPerson', { name: r.made_by_name ?? t('somebody') })}</Text> },
    { key: 'at', title: t('madeAt'), width: 170, render: (r) => <Time at={r.created_at} /> },
    {
      key: 'files',
      title: t('files'),
      width: 240,
      render: (r) => (
        <Group gap={6} wrap="nowrap">
          {(['pdf', 'csv'] as const).map((format) => (
            <Button key={format} component="a" href={fileOf(r, format)} download size="compact-sm" variant="default" leftSection={<IconDownload size={14} />} aria-label={t('download', { format: format.toUpperCase(), title: r.title, days: days(r) })}>
              {format.toUpperCase()}
            </Button>
          ))}
          {may && (
            <ActionIcon variant="subtle" color="red" aria-label={t('delete.of', { title: r.title, days: days(r) })} onClick={() => void ask(r)}>
              <IconTrash size={16} />
            </ActionIcon>
          )}
        </Group>
      ),
    },
  ];
  return (
    <section aria-labelledby="kept-reports">
      <Title order={2} size="h4" mb="sm" id="kept-reports">{t('kept')}</Title>
      <DataTable label={t('kept')} columns={columns} pages={reports} rowKey={(r) => r.id} empty={<EmptyState compact icon={IconReportAnalytics} title={t('empty.title')} text={t('empty.text')} />} />
    </section>
  );
}
