// The business's own limits beside the server's, which hold where there is none.
import { ActionIcon, Button, Group, NumberInput, Stack, Tooltip } from '@mantine/core';
import { IconRestore } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask, useCan } from '../../api';
import { ErrorState, LoadingRows, useFailure, undoable } from '../../ui';
import { Section } from './Section';

const NAMES = [
  'burst_wait_ms', 'burst_max_ms', 'history_limit', 'turn_timeout_s', 'turn_token_budget', 'daily_token_budget', 'contact_messages_per_hour',
] as const;
type Name = (typeof NAMES)[number];

export function Limits() {
  const { t } = useTranslation(['settings', 'common']);
  const queries = useQueryClient();
  const failed = useFailure();
  const mayWrite = useCan('settings:write');
  const [typed, setTyped] = useState<Partial<Record<Name, number | null>>>({});
  const settings = useQuery({ queryKey: ['settings'], queryFn: () => ask(api.GET('/settings')) });
  const save = useMutation({
    mutationFn: (body: Partial<Record<Name, number | null>>) => ask(api.PATCH('/settings', { body: body as never })),
    onSuccess: (after) => queries.setQueryData(['settings'], after),
    onError: failed,
  });
  const data = settings.data;
  const store = () => {
    const before = Object.fromEntries(Object.keys(typed).map((k) => [k, data?.[k as Name].own ?? null]));
    save.mutate(typed, { onSuccess: () => (setTyped({}), undoable(t('common:saved'), () => save.mutateAsync(before))) });
  };
  return (
    <Section id="limits" title={t('limits.title')} text={t('limits.text')}>
      {settings.isPending && <LoadingRows rows={4} />}
      {settings.error && !data && <ErrorState error={settings.error} retry={() => void settings.refetch()} />}
      {data && (
        <Stack>
          {NAMES.map((name) => {
            const value = name in typed ? typed[name] : data[name].own;
            return (
              <Group key={name} align="flex-end" wrap="nowrap">
                <NumberInput
                  style={{ flex: 1 }}
                  label={t(`limits.${name}`)}
                  description={t('limits.server', { value: data[name].server })}
                  placeholder={String(data[name].server)}
                  min={0}
                  allowDecimal={false}
                  disabled={!mayWrite}
                  value={value ?? ''}
                  onChange={(v) => setTyped({ ...typed, [name]: v === '' ? null : Number(v) })}
                />
                <Tooltip label={t('limits.reset')}>
                  <ActionIcon variant="default" size={36} disabled={!mayWrite || value == null} aria-label={`${t('limits.reset')}: ${t(`limits.${name}`)}`} onClick={() => setTyped({ ...typed, [name]: null })}>
                    <IconRestore size={18} />
                  </ActionIcon>
                </Tooltip>
              </Group>
            );
          })}
          {mayWrite && (
            <Group justify="flex-end">
              <Button variant="default" disabled={Object.keys(typed).length === 0} onClick={() => setTyped({})}>{t('discard')}</Button>
              <Button disabled={Object.keys(typed).length === 0} loading={save.isPending} onClick={store}>{t('common:save')}</Button>
            </Group>
          )}
        </Stack>
      )}
    </Section>
  );
}
