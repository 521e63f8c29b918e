// What may be spent at most; at four fifths and at the end somebody is told.
import { Button, Group, NumberInput, Paper, SimpleGrid, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useCan } from '../../api';
import { ErrorState, LoadingRows } from '../../ui';
import { useSettings } from './useSettings';

const NAMES = ['day', 'contact_day', 'month', 'money_day'] as const;
type Name = (typeof NAMES)[number];

/** Money is typed in dollars and kept in their millionths. */
const scale = (name: Name) => (name === 'money_day' ? 1_000_000 : 1);

export function Ceilings() {
  const { t } = useTranslation(['tokens', 'common']);
  const may = useCan('tokens:write');
  const { settings, save, saving } = useSettings();
  const [typed, setTyped] = useState<Partial<Record<Name, number | null>>>({});
  const now = settings.data?.ceilings;
  const store = () => {
    if (now) save({ ceilings: { ...now, ...typed } }, { ceilings: now }, () => setTyped({}));
  };
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} radius="md" component="section" aria-labelledby="ceilings-title">
      <Title order={2} size="h4" id="ceilings-title">{t('ceilings.title')}</Title>
      <Text c="dimmed" size="sm" mt={4} mb="md">{t('ceilings.text')}</Text>
      {settings.isPending && <LoadingRows rows={3} />}
      {settings.error && !settings.data && <ErrorState error={settings.error} retry={() => void settings.refetch()} />}
      {now && (
        <>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            {NAMES.map((name) => {
              const value = name in typed ? typed[name] : now[name];
              return (
                <NumberInput
                  key={name}
                  label={t(`ceilings.${name}`)}
                  description={t(`ceilings.about.${name}`)}
                  placeholder={t('ceilings.none')}
                  min={0}
                  max={name === 'money_day' ? 1_000_000 : 1_000_000_000}
                  allowDecimal={name === 'money_day'}
                  decimalScale={2}
                  prefix={name === 'money_day' ? '$' : undefined}
                  disabled={!may}
                  value={value == null ? '' : value / scale(name)}
                  onChange={(v) => setTyped({ ...typed, [name]: v === '' ? null : Math.round(Number(v) * scale(name)) })}
                />
              );
            })}
          </SimpleGrid>
          {may && (
            <Group justify="flex-end" mt="md">
              <Button variant="default" disabled={Object.keys(typed).length === 0} onClick={() => setTyped({})}>{t('discard')}</Button>
              <Button disabled={Object.keys(typed).length === 0} loading={saving} onClick={store}>{t('common:save')}</Button>
            </Group>
          )}
        </>
      )}
    </Paper>
  );
}
