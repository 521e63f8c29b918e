// A call as the server would know it, and which rule would decide about it.
import { Alert, Button, Card, Checkbox, Group, NumberInput, Select, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconFlask } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask } from '../../api';
import { useProblemText } from '../../ui';
import { ActionSelect } from './ActionSelect';
import { ROLES, useActions, type Trial } from './data';
import { MoneyInput } from './MoneyInput';
import { LevelBadge } from './RuleName';
import { usePlaces } from './useWords';

export function TryIt({ onDecided }: { onDecided: (rule: string | undefined) => void }) {
  const { t } = useTranslation('policies');
  const words = useProblemText();
  const actions = useActions().data?.items;
  const { locations, channels } = usePlaces();
  const [trial, setTrial] = useState<Trial>({ action: '' });
  const run = useMutation({
    mutationFn: () => ask(api.POST('/policies/try', { body: trial })),
    onSuccess: (verdict) => onDecided(verdict.by),
    onError: () => onDecided(undefined),
  });
  const put = (change: Partial<Trial>) => {
    setTrial((was) => ({ ...was, ...change }));
    run.reset();
    onDecided(undefined);
  };
  const action = actions?.find((a) => a.name === trial.action);
  const told = run.data;
  return (
    <Card component="section" aria-labelledby="try-title">
      <Stack gap="sm">
        <Group gap={8} wrap="nowrap">
          <IconFlask size={18} aria-hidden />
          <Title order={2} size="h3" id="try-title">{t('try.title')}</Title>
        </Group>
        <Text size="sm" c="dimmed">{t('try.text')}</Text>
        <ActionSelect label={t('field.action')} value={trial.action || null} onChange={(name) => put({ action: name, amount: null })} />
        {action?.amount && (
          <SimpleGrid cols={2} spacing="sm">
            <MoneyInput label={t('try.amount')} value={trial.amount ?? null} onChange={(amount) => put({ amount })} />
            <MoneyInput label={t('try.amountToday')} value={trial.amount_today ?? null} onChange={(minor) => put({ amount_today: minor ?? 0 })} />
          </SimpleGrid>
        )}
        <NumberInput label={t('try.countToday')} min={0} max={1_000_000} allowDecimal={false} allowNegative={false} value={trial.count_today ?? 0} onChange={(n) => put({ count_today: Number(n) || 0 })} />
        <SimpleGrid cols={{ base: 1, xs: 3, md: 1, lg: 3 }} spacing="sm">
          <Select label={t('field.role')} clearable placeholder={t('try.itself')} data={ROLES.map((value) => ({ value, label: t(`common:role.${value}`) }))} value={trial.role ?? null} onChange={(v) => put({ role: ROLES.find((r) => r === v) ?? null })} />
          <Select label={t('field.location')} clearable placeholder="–" data={locations.map((l) => ({ value: l.id, label: l.name }))} value={trial.location ?? null} onChange={(location) => put({ location })} />
          <Select label={t('field.channel')} clearable placeholder="–" data={channels.map((c) => ({ value: c.id, label: c.name }))} value={trial.channel ?? null} onChange={(channel) => put({ channel })} />
        </SimpleGrid>
        <Checkbox label={t('when.other_recipient')} checked={trial.other_recipient ?? false} onChange={(e) => put({ other_recipient: e.currentTarget.checked })} />
        <Checkbox label={t('when.outside_hours')} checked={trial.outside_hours ?? false} onChange={(e) => put({ outside_hours: e.currentTarget.checked })} />
        <Checkbox label={t('when.first_time_contact')} checked={trial.first_time_contact ?? false} onChange={(e) => put({ first_time_contact: e.currentTarget.checked })} />
        <Group>
          <Button variant="default" disabled={!trial.action} loading={run.isPending} onClick={() => run.mutate()}>{t('try.do')}</Button>
        </Group>
        <div aria-live="polite">
          {told && (
            <Alert color="gray">
              <Group gap="xs">
                <LevelBadge of={told.level} />
                <Text size="sm">{told.position != null ? t('try.rule', { n: told.position }) : t(`try.${told.by}`, { defaultValue: told.by })}</Text>
              </Group>
              <Text size="sm" c="dimmed" mt={4}>{t(`levelAbout.${told.level}`)}</Text>
            </Alert>
          )}
          {run.error && <Alert color="red">{words(run.error)}</Alert>}
        </div>
      </Stack>
    </Card>
  );
}
