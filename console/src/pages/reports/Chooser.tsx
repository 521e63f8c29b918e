// What is asked for: which analysis, which days, what one point is, which location.
import { Group, Input, Paper, SegmentedControl, Select, Text } from '@mantine/core';
import { DateInput } from '@mantine/dates';
import '@mantine/dates/styles.css';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, ask, useBusiness, useCan } from '../../api';
import { GROUPINGS, type Analysis } from './data';
import { SPANS, type Days, type Span } from './days';

export interface Choice extends Days {
  analysis: string;
  span: Span;
  grouping: string;
  location?: string;
}

export function Chooser({ analyses, choice, today, problem, onChoose }: {
  analyses: Analysis[];
  choice: Choice;
  today: string;
  problem: string | undefined;
  onChoose: (part: Partial<Record<keyof Choice, string | null>>) => void;
}) {
  const { t, i18n } = useTranslation('reports');
  const locations = useLocations();
  const about = analyses.find((a) => a.key === choice.analysis)?.about;
  return (
    <Paper withBorder p="md" radius="md" component="section" aria-label={t('choose')}>
      <Group align="start" gap="md">
        <Select
          label={t('analysis')}
          w={{ base: '100%', sm: 280 }}
          allowDeselect={false}
          data={analyses.map((a) => ({ value: a.key, label: a.title }))}
          value={choice.analysis}
          onChange={(analysis) => onChoose({ analysis })}
        />
        <Select
          label={t('period')}
          w={{ base: '100%', sm: 180 }}
          allowDeselect={false}
          data={SPANS.map((value) => ({ value, label: t(`span.${value}`) }))}
          value={choice.span}
          onChange={(span) => onChoose(span === 'own' ? { span, from: choice.from, to: choice.to } : { span, from: null, to: null })}
        />
        {choice.span === 'own' && (
          <>
            <DateInput label={t('from')} w={{ base: '100%', xs: 170 }} value={choice.from} onChange={(from) => onChoose({ from })} locale={i18n.language} error={problem} />
            <DateInput label={t('to')} w={{ base: '100%', xs: 170 }} value={choice.to} onChange={(to) => onChoose({ to })} locale={i18n.language} defaultDate={today} />
          </>
        )}
        {locations.length > 1 && (
          <Select
            label={t('location')}
            w={{ base: '100%', sm: 200 }}
            clearable
            placeholder={t('everywhere')}
            data={locations.map((l) => ({ value: l.id, label: l.name }))}
            value={choice.location ?? null}
            onChange={(location) => onChoose({ location })}
            clearButtonProps={{ 'aria-label': t('everywhere') }}
          />
        )}
        <div>
          <Input.Label component="div" display="block" id="reports-grouping">{t('grouping')}</Input.Label>
          <SegmentedControl
            aria-labelledby="reports-grouping"
            data={['auto', ...GROUPINGS].map((value) => ({ value, label: t(`by.${value}`) }))}
            value={choice.grouping}
            onChange={(grouping) => onChoose({ grouping: grouping === 'auto' ? null : grouping })}
          />
        </div>
      </Group>
      {about && <Text size="sm" c="dimmed" mt="sm">{about}</Text>}
    </Paper>
  );
}

/** Those that this person may see. */
function useLocations(): { id: string; name: string }[] {
  const may = useCan('location:read');
  const theirs = useBusiness().locations;
  const all = useQuery({ queryKey: ['locations'], queryFn: () => ask(api.GET('/locations')), enabled: may });
  return (all.data?.items ?? []).filter((l) => !theirs || theirs.includes(l.id));
}
