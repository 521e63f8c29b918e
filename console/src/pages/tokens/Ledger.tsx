// The ledger, line by line, latest first.
import { Badge, Group, Paper, Select, Text, Title } from '@mantine/core';
import { IconListDetails } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask, type components } from '../../api';
import { usePages } from '../../api/pages';
import { DataTable, EmptyState, Time, useFormat, type Column } from '../../ui';
import { useActionName } from './words';

type Line = components['schemas']['TokenEntry'];
type Kind = components['schemas']['TokenEntryKind'];
const KINDS: Kind[] = ['grant', 'adjust', 'fee', 'commit', 'reserve', 'release'];
const COLORS: Record<string, string> = { grant: 'teal', adjust: 'orange', fee: 'grape', commit: 'blue', reserve: 'gray', release: 'gray' };

export function Ledger() {
  const { t } = useTranslation('tokens');
  const format = useFormat();
  const name = useActionName();
  const [kind, setKind] = useState<Kind | null>(null);
  const lines = usePages<Line>(['tokens', 'ledger', kind], (cursor) =>
    ask(api.GET('/tokens/ledger', { params: { query: { cursor, ...(kind ? { kind } : {}) } } })),
  );
  const signed = (value: number) => format.number(value, { signDisplay: 'exceptZero' });
  const columns: Column<Line>[] = [
    { key: 'at', title: t('ledger.at'), width: 190, render: (l) => <Time at={l.at} /> },
    {
      key: 'what',
      title: t('ledger.what'),
      render: (l) => (
        <div>
          <Group gap="xs">
            <Badge variant="light" color={COLORS[l.kind] ?? 'gray'}>{t(`kind.${l.kind}`)}</Badge>
            {l.kind !== l.action && <Text size="sm">{name(l.action)}</Text>}
          </Group>
          {l.note && <Text size="xs" c="dimmed">{l.note}</Text>}
        </div>
      ),
    },
    { key: 'tokens', title: t('ledger.tokens'), width: 110, align: 'right', render: (l) => <Text size="sm" fw={l.tokens === 0 ? 400 : 600} c={l.tokens === 0 ? 'dimmed' : undefined}>{signed(l.tokens)}</Text> },
    { key: 'held', title: t('ledger.held'), width: 110, align: 'right', minor: true, render: (l) => <Text size="sm" c="dimmed">{signed(l.held)}</Text> },
    { key: 'balance', title: t('ledger.balance'), width: 120, align: 'right', render: (l) => <Text size="sm">{format.number(l.balance)}</Text> },
  ];
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} radius="md" component="section" aria-labelledby="ledger-title">
      <Group justify="space-between" mb="md">
        <Title order={2} size="h4" id="ledger-title">{t('ledger.title')}</Title>
        <Select
          aria-label={t('ledger.filter')}
          clearable
          placeholder={t('ledger.all')}
          data={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))}
          value={kind}
          onChange={(value) => setKind(value as Kind | null)}
        />
      </Group>
      <DataTable label={t('ledger.title')} columns={columns} pages={lines} rowKey={(l) => String(l.n)} empty={<EmptyState compact icon={IconListDetails} title={t('ledger.none')} text={t('ledger.noneText')} />} />
    </Paper>
  );
}
