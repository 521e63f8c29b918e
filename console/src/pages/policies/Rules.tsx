// The rules in the order in which they are tried; the first that fits decides.
import { ActionIcon, Alert, Badge, Box, Button, Card, Grid, Group, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconShieldCog, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useCan } from '../../api';
import { EmptyState, ErrorState, LoadingRows, undoable, useFailure, useShortcuts } from '../../ui';
import { useRules, useSaveRules, type Rule } from './data';
import { RuleEditor } from './RuleEditor';
import { LevelBadge } from './RuleName';
import { moved, withRule } from './rules';
import { TryIt } from './TryIt';
import { useWords } from './useWords';

export function Rules() {
  const { t } = useTranslation('policies');
  const mayWrite = useCan('policy:write');
  const failed = useFailure();
  const found = useRules();
  const save = useSaveRules();
  const [open, setOpen] = useState<Rule | 'new'>();
  const [decides, setDecides] = useState<string>();
  useShortcuts(t('title'), mayWrite ? [{ keys: 'n', label: t('add'), run: () => setOpen('new') }] : []);
  if (found.isPending) return <LoadingRows />;
  if (!found.data) return <ErrorState error={found.error} retry={() => void found.refetch()} />;
  const { value, tag } = found.data;
  const rules = value.items;

  /** Every change is written at once and can be taken back as long as nobody changed the rules after it. */
  const change = async (items: Rule[], done: string) => {
    const now = await save.mutateAsync({ items, tag });
    undoable(done, () => save.mutateAsync({ items: rules, tag: now.tag }));
  };
  const quietly = (items: Rule[], done: string) => void change(items, done).catch(failed);
  const add = mayWrite && <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen('new')}>{t('add')}</Button>;
  return (
    <Grid gap="xl">
      <Grid.Col span={{ base: 12, md: 7 }}>
        {rules.length === 0 ? (
          <EmptyState icon={IconShieldCog} title={t('empty.title')} text={t('empty.text')} action={add} />
        ) : (
          <Stack gap="xs">
            <Group justify="space-between" align="center">
              <Text size="sm" c="dimmed" flex={1} miw={200}>{t('order')}</Text>
              {add}
            </Group>
            <Stack gap="xs" component="ol" m={0} p={0} style={{ listStyle: 'none' }} aria-label={t('tab.rules')}>
              {rules.map((rule, i) => (
                <li key={rule.id ?? i}>
                  <Row
                    rule={rule}
                    n={i + 1}
                    of={rules.length}
                    decides={decides === rule.id}
                    mayWrite={mayWrite}
                    busy={save.isPending}
                    onOpen={() => setOpen(rule)}
                    onMove={(to) => quietly(moved(rules, i, to), t('done.moved'))}
                    onRemove={() => quietly(rules.toSpliced(i, 1), t('done.removed'))}
                  />
                </li>
              ))}
            </Stack>
            <Alert color="gray" p="sm">{t('otherwise')}</Alert>
          </Stack>
        )}
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 5 }}>
        <TryIt onDecided={setDecides} />
      </Grid.Col>
      {open && (
        <RuleEditor
          rule={open === 'new' ? undefined : open}
          onClose={() => setOpen(undefined)}
          onSave={(rule) => change(withRule(rules, rule), t(open === 'new' ? 'done.added' : 'done.changed')).then(() => setOpen(undefined))}
        />
      )}
    </Grid>
  );
}

function Row({ rule, n, of, decides, mayWrite, busy, onOpen, onMove, onRemove }: {
  rule: Rule;
  n: number;
  of: number;
  decides: boolean;
  mayWrite: boolean;
  busy: boolean;
  onOpen: () => void;
  onMove: (to: number) => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation('policies');
  const words = useWords();
  const about = words.about(rule.action);
  const limits = words.limits(rule);
  return (
    <Card padding="sm" style={decides ? { borderColor: 'var(--mantine-color-pine-6)', background: 'var(--fd-selected)' } : undefined}>
      <Group wrap="nowrap" gap="sm" align="flex-start">
        <Text c={decides ? undefined : 'dimmed'} fw={600} mt={1} w={22} ta="right" aria-hidden>{n}</Text>
        <UnstyledButton flex={1} miw={0} onClick={onOpen} disabled={!mayWrite} style={mayWrite ? undefined : { cursor: 'default' }}>
          <Group gap="xs">
            <Text fw={600} style={{ overflowWrap: 'anywhere' }}>{about}</Text>
            <LevelBadge of={rule.level} />
            {decides && <Badge color="pine" variant="filled">{t('try.here')}</Badge>}
          </Group>
          <Box fz="sm" c={decides ? undefined : 'dimmed'}>{limits.length > 0 ? limits.join(' · ') : t('always')}</Box>
          {rule.note && <Text size="sm" mt={2} style={{ overflowWrap: 'anywhere' }}>{rule.note}</Text>}
        </UnstyledButton>
        {mayWrite && (
          <Group gap={2} wrap="nowrap">
            <ActionIcon aria-label={t('up', { n })} disabled={n === 1 || busy} onClick={() => onMove(n - 2)}><IconArrowUp size={16} /></ActionIcon>
            <ActionIcon aria-label={t('down', { n })} disabled={n === of || busy} onClick={() => onMove(n)}><IconArrowDown size={16} /></ActionIcon>
            <ActionIcon aria-label={t('remove', { n })} disabled={busy} onClick={onRemove}><IconTrash size={16} /></ActionIcon>
          </Group>
        )}
      </Group>
    </Card>
  );
}
