// What things cost here, beside what they usually cost.
import { ActionIcon, Button, Group, NumberInput, Paper, Stack, Text, TextInput, Title, Tooltip } from '@mantine/core';
import { IconPlus, IconRestore } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useCan } from '../../api';
import { ErrorState, LoadingRows } from '../../ui';
import { useSettings } from './useSettings';
import { useActionName } from './words';

export function Costs() {
  const { t } = useTranslation(['tokens', 'common']);
  const may = useCan('tokens:write');
  const name = useActionName();
  const { settings, save } = useSettings();
  const [typed, setTyped] = useState<Record<string, number | null>>({});
  const [tool, setTool] = useState('');
  const known = settings.data?.costs ?? [];
  const added = Object.keys(typed).filter((key) => !known.some((c) => c.key === key));
  const rows = [...known, ...added.map((key) => ({ key, tokens: typed[key] ?? 0, own: null, usual: 0, per: 'action' }))];
  const store = () => {
    const before = Object.fromEntries(Object.keys(typed).map((key) => [key, known.find((c) => c.key === key)?.own ?? null]));
    save({ costs: typed }, { costs: before }, () => setTyped({}));
  };
  const add = () => {
    const key = `tool:${tool.trim()}`;
    if (!known.some((c) => c.key === key)) setTyped({ ...typed, [key]: 1 });
    setTool('');
  };
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} radius="md" component="section" aria-labelledby="costs-title">
      <Title order={2} size="h4" id="costs-title">{t('costs.title')}</Title>
      <Text c="dimmed" size="sm" mt={4} mb="md">{t('costs.text')}</Text>
      {settings.isPending && <LoadingRows rows={4} />}
      {settings.error && !settings.data && <ErrorState error={settings.error} retry={() => void settings.refetch()} />}
      {settings.data && (
        <Stack>
          {rows.map((cost) => {
            const value = cost.key in typed ? typed[cost.key] : cost.own;
            return (
              <Group key={cost.key} align="flex-end" wrap="nowrap">
                <NumberInput
                  style={{ flex: 1 }}
                  label={name(cost.key)}
                  description={`${t(`costs.per.${cost.per}`)} · ${t('costs.usual', { n: cost.usual })}`}
                  placeholder={String(cost.usual)}
                  min={0}
                  max={1_000_000_000}
                  allowDecimal={false}
                  disabled={!may}
                  value={value ?? ''}
                  onChange={(v) => setTyped({ ...typed, [cost.key]: v === '' ? null : Number(v) })}
                />
                <Tooltip label={t('costs.reset')}>
                  <ActionIcon variant="default" size={36} disabled={!may || value == null} aria-label={`${t('costs.reset')}: ${name(cost.key)}`} onClick={() => setTyped({ ...typed, [cost.key]: null })}>
                    <IconRestore size={18} />
                  </ActionIcon>
                </Tooltip>
              </Group>
            );
          })}
          {may && (
            <>
              <Group align="flex-end" wrap="nowrap">
                <TextInput style={{ flex: 1 }} label={t('costs.tool')} description={t('costs.toolText')} placeholder="refund" value={tool} onChange={(e) => setTool(e.currentTarget.value.replace(/[^\w.-]/g, '').slice(0, 100))} />
                <Button variant="default" leftSection={<IconPlus size={16} />} disabled={!tool.trim()} onClick={add}>{t('costs.add')}</Button>
              </Group>
              <Group justify="flex-end">
                <Button variant="default" disabled={Object.keys(typed).length === 0} onClick={() => setTyped({})}>{t('discard')}</Button>
                <Button disabled={Object.keys(typed).length === 0} onClick={store}>{t('common:save')}</Button>
              </Group>
            </>
          )}
        </Stack>
      )}
    </Paper>
  );
}
