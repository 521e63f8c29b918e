// What is there now, and how much of each limit is used.
import { Alert, Paper, Progress, SimpleGrid, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import type { components } from '../../api';
import { useFormat } from '../../ui';

type Told = components['schemas']['TokenBalance'];

export function Balance({ balance }: { balance: Told }) {
  const { t } = useTranslation('tokens');
  const format = useFormat();
  const n = (value: number) => format.number(value);
  const dollars = (micros: number) => format.money(Math.round(micros / 10_000), 'USD');
  const month = balance.next_fee && new Intl.DateTimeFormat(format.language, { timeZone: 'UTC', month: 'long', year: 'numeric' }).format(new Date(`${balance.next_fee}-01T00:00:00Z`));
  const limits = [
    { key: 'today', used: balance.today.used, most: balance.today.ceiling, show: n },
    { key: 'month', used: balance.this_month.used, most: balance.this_month.ceiling, show: n },
    { key: 'money', used: balance.money_today.used, most: balance.money_today.ceiling, show: dollars },
  ];
  return (
    <>
      {balance.available <= 0 && (
        <Alert color="red" icon={<IconAlertTriangle size={20} />} title={t(balance.balance < 0 ? 'debt' : 'empty')}>
          {t('emptyText')}
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }}>
        <Tile
          title={t('available')}
          value={n(balance.available)}
          note={balance.reserved > 0 ? t('reserved', { n: n(balance.reserved) }) : t('nothingReserved')}
          share={balance.topped_up > 0 ? ((balance.topped_up - balance.available) * 100) / balance.topped_up : undefined}
          label={t('ofTopUp')}
        />
        {limits.map((l) => (
          <Tile
            key={l.key}
            title={t(`used.${l.key}`)}
            value={l.show(l.used)}
            note={l.most == null ? t('noCeiling') : t('ofCeiling', { most: l.show(l.most) })}
            share={l.most == null ? undefined : l.most === 0 ? 100 : (l.used * 100) / l.most}
            label={t(`used.${l.key}`)}
          />
        ))}
      </SimpleGrid>
      <Text size="sm" c="dimmed">
        {month ? t('fee', { month, tokens: n(balance.monthly_fee) }) : t('noFee')}
      </Text>
    </>
  );
}

function Tile({ title, value, note, share, label }: { title: string; value: string; note: string; share?: number; label: string }) {
  const color = share == null || share < 80 ? 'teal' : share < 100 ? 'orange' : 'red';
  return (
    <Paper withBorder p="md" radius="md">
      <Text size="sm" c="dimmed">{title}</Text>
      <Text fz={26} fw={700} lh={1.3}>{value}</Text>
      <Text size="xs" c="dimmed">{note}</Text>
      {share != null && <Progress mt="xs" size="sm" color={color} value={Math.max(0, Math.min(100, share))} aria-label={label} />}
    </Paper>
  );
}
