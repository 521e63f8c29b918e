// Figures of the business by analysis, and reports of them to keep and take along.
import { Button, Group, Stack } from '@mantine/core';
import { IconFileTypeCsv, IconFileTypePdf } from '@tabler/icons-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { useCan } from '../../api';
import { ErrorState, LoadingRows, PageBody, PageHeader, told, useChoices, useFailure, useFormat } from '../../ui';
import { Chooser, type Choice } from './Chooser';
import { GROUPINGS, download, fileOf, useAnalyses, useFigures, useMake, type FileFormat, type Sheet, type Wish } from './data';
import { SPANS, count, daysOf } from './days';
import { Figures } from './Figures';
import { Kept } from './Kept';

const MOST_DAYS = 400;

export default function ReportsPage() {
  const { t, i18n } = useTranslation('reports');
  const format = useFormat();
  const analyses = useAnalyses(i18n.language);
  const [params, choose] = useChoices();
  const today = format.dayKey(Date.now());
  const known = analyses.data?.items ?? [];
  const choice = chosen(params, known.map((a) => a.key), today);
  const length = count(choice);
  const problem = length < 1 ? t('wrongWay') : length > MOST_DAYS ? t('tooLong', { count: MOST_DAYS }) : undefined;
  const wish: Wish | undefined = choice.analysis && !problem
    ? { analysis: choice.analysis, from: choice.from, to: choice.to, grouping: GROUPINGS.find((g) => g === choice.grouping), location: choice.location, language: i18n.language }
    : undefined;
  const figures = useFigures(wish);
  const reads = useCan('report:read');
  return (
    <PageBody>
      <PageHeader title={t('title')} text={t('text')} actions={wish && figures.data && !figures.isPlaceholderData && <Downloads wish={wish} sheet={figures.data} />} />
      <Stack gap="lg">
        {analyses.isPending && <LoadingRows rows={1} height={110} />}
        {analyses.error && !analyses.data && <ErrorState error={analyses.error} retry={() => void analyses.refetch()} />}
        {known.length > 0 && <Chooser analyses={known} choice={choice} today={today} problem={problem} onChoose={choose} />}
        {wish && figures.isPending && <LoadingRows rows={4} height={90} />}
        {figures.error && !figures.data && <ErrorState error={figures.error} retry={() => void figures.refetch()} />}
        {wish && figures.data && <Figures sheet={figures.data} />}
        {reads && <Kept />}
      </Stack>
    </PageBody>
  );
}

/** What the address says, as far as it makes sense. */
function chosen(params: URLSearchParams, analyses: string[], today: string): Choice {
  const asked = params.get('analysis');
  const analysis = analyses.find((key) => key === asked) ?? analyses[0] ?? '';
  const span = SPANS.find((s) => s === params.get('span')) ?? '30';
  const day = (name: string) => params.get(name)?.match(/^\d{4}-\d{2}-\d{2}$/)?.[0];
  const usual = daysOf('30', today);
  const days = span === 'own' ? { from: day('from') ?? usual.from, to: day('to') ?? usual.to } : daysOf(span, today);
  const grouping = GROUPINGS.find((g) => g === params.get('grouping')) ?? 'auto';
  return { analysis, span, grouping, location: params.get('location') ?? undefined, ...days };
}

/** A report is made of what is shown; the other file of the same figures is of the same report. */
function Downloads({ wish, sheet }: { wish: Wish; sheet: Sheet }) {
  const { t } = useTranslation('reports');
  const may = useCan('report:write');
  const make = useMake();
  const failed = useFailure();
  const made = useRef<{ of: string; id: string }>(null);
  if (!may) return null;
  const take = (format: FileFormat) => {
    const of = JSON.stringify([wish, sheet.series]);
    if (made.current?.of === of) return download(fileOf(made.current, format));
    make.mutate(wish, {
      onSuccess: (report) => {
        made.current = { of, id: report.id };
        download(fileOf(report, format));
        told(t('made'));
      },
      onError: failed,
    });
  };
  const busy = (format: FileFormat) => ({ loading: make.isPending, onClick: () => take(format) });
  return (
    <Group gap="xs">
      <Button variant="default" leftSection={<IconFileTypePdf size={16} />} {...busy('pdf')}>{t('asPdf')}</Button>
      <Button variant="default" leftSection={<IconFileTypeCsv size={16} />} {...busy('csv')}>{t('asCsv')}</Button>
    </Group>
  );
}
