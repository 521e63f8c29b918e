// A week of opening hours: spans by weekday, written as HH:MM.
import { ActionIcon, Button, Group, Stack, Switch, Text } from '@mantine/core';
import { TimeInput } from '@mantine/dates';
import { IconCopy, IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { DAYS, type Span, type Weekly } from '../calendar/data';

export function WeekEditor({ value, disabled, errors, onChange }: {
  value: Weekly;
  disabled?: boolean;
  /** By path below the week: `monday[0].open`. */
  errors?: Record<string, string>;
  onChange: (week: Weekly) => void;
}) {
  const { t } = useTranslation('services');
  const set = (day: string, spans: Span[]) => onChange({ ...value, [day]: spans });
  return (
    <Stack gap="sm">
      {DAYS.map((day, i) => {
        const spans = value[day] ?? [];
        return (
          <Group key={day} align="flex-start" gap="md" role="group" aria-label={t(`day.${day}`)}>
            <Switch
              w={140}
              mt={6}
              label={t(`day.${day}`)}
              checked={spans.length > 0}
              disabled={disabled}
              onChange={(e) => set(day, e.currentTarget.checked ? [{ open: '09:00', close: '18:00' }] : [])}
            />
            <Stack gap="xs" flex={1}>
              {spans.length === 0 && <Text mt={6} size="sm" c="dimmed">{t('closed')}</Text>}
              <Spans
                spans={spans}
                disabled={disabled}
                error={(at) => errors?.[`${day}${at}`]}
                onChange={(next) => set(day, next)}
                extra={
                  i > 0 && !disabled ? (
                    <ActionIcon aria-label={t('copyDay', { day: t(`day.${DAYS[i - 1]}`) })} title={t('copyDay', { day: t(`day.${DAYS[i - 1]}`) })} onClick={() => set(day, value[DAYS[i - 1]!] ?? [])}>
                      <IconCopy size={16} />
                    </ActionIcon>
                  ) : null
                }
              />
            </Stack>
          </Group>
        );
      })}
    </Stack>
  );
}

export function Spans({ spans, disabled, error, onChange, extra }: {
  spans: Span[];
  disabled?: boolean | undefined;
  error: (path: string) => string | undefined;
  onChange: (spans: Span[]) => void;
  extra?: React.ReactNode;
}) {
  const { t } = useTranslation('services');
  const change = (i: number, part: Partial<Span>) => onChange(spans.map((s, n) => (n === i ? { ...s, ...part } : s)));
  return (
    <>
      {spans.map((span, i) => (
        <Group key={i} gap="xs" wrap="nowrap" align="flex-start">
          <TimeInput
            aria-label={t('from')}
            value={span.open}
            disabled={disabled}
            error={error(`[${i}].open`) ?? error(`[${i}]`)}
            onChange={(e) => change(i, { open: e.currentTarget.value.slice(0, 5) })}
          />
          <Text mt={6}>–</Text>
          <TimeInput
            aria-label={t('until')}
            value={span.close}
            disabled={disabled}
            error={error(`[${i}].close`)}
            onChange={(e) => change(i, { close: e.currentTarget.value.slice(0, 5) })}
          />
          {!disabled && (
            <ActionIcon mt={4} aria-label={t('removeSpan')} onClick={() => onChange(spans.filter((_, n) => n !== i))}>
              <IconTrash size={16} />
            </ActionIcon>
          )}
          {i === spans.length - 1 && !disabled && (
            <ActionIcon mt={4} aria-label={t('addSpan')} title={t('addSpan')} onClick={() => onChange([...spans, { open: spans[i]!.close, close: '23:59' }])}>
              <IconPlus size={16} />
            </ActionIcon>
          )}
          {i === 0 && extra}
        </Group>
      ))}
      {spans.length === 0 && extra && !disabled && <Group gap="xs">{extra}</Group>}
    </>
  );
}

export function AddSpan({ onAdd }: { onAdd: () => void }) {
  const { t } = useTranslation('services');
  return (
    <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} />} onClick={onAdd}>
      {t('addSpan')}
    </Button>
  );
}
