// Opening hours, holidays and the rules of appointments.
import { ActionIcon, Alert, Badge, Button, Card, Group, NumberInput, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core';
import { DateInput } from '@mantine/dates';
import '@mantine/dates/styles.css';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask, ifMatch } from '../../api/client';
import { ApiProblem } from '../../api/problem';
import { useCan } from '../../api/session';
import { ErrorState, LoadingRows, told, useProblemText } from '../../ui';
import { tagOf, useHours, type OpeningHours, type Weekly } from '../calendar/data';
import { AddSpan, Spans, WeekEditor } from './WeekEditor';

export function Hours() {
  const hours = useHours();
  // What unsaved edits began with: they stay, and saving them tells when somebody else was faster.
  const [begun, setBegun] = useState<OpeningHours | null>(null);
  if (hours.isPending) return <LoadingRows />;
  if (hours.error && !hours.data) return <ErrorState error={hours.error} retry={() => void hours.refetch()} />;
  const shown = begun ?? hours.data;
  return shown ? <Editor key={shown.updated_at} hours={shown} onEdited={setBegun} /> : null;
}

const RULES = ['max_concurrent', 'slot_minutes', 'default_duration_minutes', 'min_advance_hours', 'max_advance_days'] as const;

function Editor({ hours, onEdited }: { hours: OpeningHours; onEdited: (begun: OpeningHours | null) => void }) {
  const { t, i18n } = useTranslation('services');
  const queries = useQueryClient();
  const words = useProblemText();
  const mayChange = useCan('business:write');
  const [week, setWeek] = useState<Weekly>(hours.hours as Weekly);
  const [holidays, setHolidays] = useState(hours.holidays);
  const [rules, setRules] = useState(hours.appointments);
  const save = useMutation({
    mutationFn: () =>
      ask(
        api.PUT('/hours', {
          headers: ifMatch(tagOf(hours)),
          body: { hours: week, holidays: holidays.map((h) => ({ date: h.date, name: h.name ?? '', hours: h.hours ?? [] })), appointments: rules },
        }),
      ),
    onSuccess: (is) => {
      queries.setQueryData(['hours'], is);
      onEdited(null);
      told(t('saved'));
    },
    // Somebody may have been faster: theirs is what is shown once these edits are discarded.
    onError: () => void queries.invalidateQueries({ queryKey: ['hours'] }),
  });
  const fields = save.error instanceof ApiProblem ? save.error.fields : [];
  const below = (root: string) =>
    Object.fromEntries(fields.filter((f) => f.path.startsWith(root)).map((f) => [f.path.slice(root.length).replace(/^\./, ''), f.problem]));
  const change = (i: number, part: Partial<(typeof holidays)[number]>) => setHolidays(holidays.map((h, n) => (n === i ? { ...h, ...part } : h)));
  const dirty = JSON.stringify([week, holidays, rules]) !== JSON.stringify([hours.hours, hours.holidays, hours.appointments]);
  // When editing begins and ends only: what was saved is let go before the answer is shown.
  useEffect(() => onEdited(dirty ? hours : null), [dirty]);
  return (
    <Stack gap="lg">
      <Card>
        <Title order={2} mb={4}>{t('hours.week')}</Title>
        <Text c="dimmed" size="sm" mb="md">{t('hours.weekHint', { zone: hours.time_zone })}</Text>
        <WeekEditor value={week} disabled={!mayChange} errors={below('hours')} onChange={setWeek} />
      </Card>
      <Card>
        <Title order={2} mb={4}>{t('hours.holidays')}</Title>
        <Text c="dimmed" size="sm" mb="md">{t('hours.holidaysHint')}</Text>
        <Stack>
          {holidays.map((h, i) => {
            const errors = below(`holidays[${i}]`);
            return (
              <Group key={i} align="flex-start" gap="sm">
                <DateInput
                  aria-label={t('hours.date')}
                  w={170}
                  locale={i18n.language}
                  valueFormat="D MMM YYYY"
                  firstDayOfWeek={1}
                  value={h.date}
                  disabled={!mayChange}
                  error={errors.date}
                  onChange={(date) => date && change(i, { date: date.slice(0, 10) })}
                />
                <TextInput
                  aria-label={t('hours.name')}
                  placeholder={t('hours.name')}
                  value={h.name ?? ''}
                  disabled={!mayChange}
                  error={errors.name}
                  onChange={(e) => change(i, { name: e.currentTarget.value })}
                />
                <Stack gap={4}>
                  {(h.hours ?? []).length === 0 && (
                    <Group gap="xs">
                      <Badge color="gray" mt={8}>{t('closed')}</Badge>
                      {mayChange && <AddSpan onAdd={() => change(i, { hours: [{ open: '09:00', close: '13:00' }] })} />}
                    </Group>
                  )}
                  <Spans spans={h.hours ?? []} disabled={!mayChange} error={(path) => errors[`hours${path}`]} onChange={(next) => change(i, { hours: next })} />
                </Stack>
                {mayChange && (
                  <ActionIcon mt={4} aria-label={t('hours.removeHoliday')} onClick={() => setHolidays(holidays.filter((_, n) => n !== i))}>
                    <IconTrash size={16} />
                  </ActionIcon>
                )}
              </Group>
            );
          })}
          {holidays.length === 0 && <Text size="sm" c="dimmed">{t('hours.noHolidays')}</Text>}
          {mayChange && (
            <Group>
              <Button
                variant="default"
                leftSection={<IconPlus size={14} />}
                onClick={() => setHolidays([...holidays, { date: nextFree(holidays.map((h) => h.date)), name: '', hours: [] }])}
              >
                {t('hours.addHoliday')}
              </Button>
            </Group>
          )}
        </Stack>
      </Card>
      <Card>
        <Title order={2} mb="md">{t('hours.rules')}</Title>
        <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
          {RULES.map((rule) => (
            <NumberInput
              key={rule}
              label={t(`rule.${rule}`)}
              description={t(`rule.${rule}_hint`)}
              min={0}
              allowDecimal={false}
              disabled={!mayChange}
              value={rules[rule]}
              error={below('appointments')[rule]}
              onChange={(value) => typeof value === 'number' && setRules({ ...rules, [rule]: value })}
            />
          ))}
        </SimpleGrid>
      </Card>
      {save.error && fields.length === 0 && <Alert color="red" role="alert">{words(save.error)}</Alert>}
      {mayChange && (
        <Group justify="end">
          {dirty && (
            <Button variant="default" onClick={() => (setWeek(hours.hours as Weekly), setHolidays(hours.holidays), setRules(hours.appointments), save.reset())}>
              {t('discard')}
            </Button>
          )}
          <Button disabled={!dirty} loading={save.isPending} onClick={() => save.mutate()}>{t('save')}</Button>
        </Group>
      )}
    </Stack>
  );
}

/** Tomorrow, or the first day after it that is no holiday yet. */
function nextFree(taken: string[]): string {
  for (let at = Date.now() + 86_400_000; ; at += 86_400_000) {
    const day = new Date(at).toISOString().slice(0, 10);
    if (!taken.includes(day)) return day;
  }
}
