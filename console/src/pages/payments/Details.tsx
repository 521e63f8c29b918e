// One payment: what it was for, how far it is, what went back, and giving it back.
import { Alert, Anchor, Badge, Box, Button, Drawer, Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconArrowBackUp, IconExternalLink, IconInfoCircle, IconMessageCircle } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { useCan, type components } from '../../api';
import { CopyButton, ErrorState, LoadingRows, Money, Time } from '../../ui';
import { Chips } from '.';
import { usePayment, type WholePayment } from './data';
import { GiveBack } from './GiveBack';

export function Details({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation(['payments', 'common']);
  const found = usePayment(id);
  return (
    <Drawer opened onClose={onClose} position="right" size="lg" title={t('one')} closeButtonProps={{ 'aria-label': t('common:close') }}>
      {found.isPending ? <LoadingRows rows={5} height={56} /> : found.data ? <Told of={found.data} /> : <ErrorState error={found.error} retry={() => void found.refetch()} />}
    </Drawer>
  );
}

function Told({ of }: { of: WholePayment }) {
  const { t } = useTranslation('payments');
  const may = useCan('payment:refund');
  const [giving, setGiving] = useState(false);
  const facts: [string, ReactNode][] = [
    [t('who'), <Anchor key="w" component={Link} to={`/contacts/${of.contact}`} inherit>{of.contact_name ?? t('somebody')}</Anchor>],
    [t('asked'), <Time key="a" at={of.created_at} />],
    ...(of.paid_at ? [[t('paid'), <Time key="p" at={of.paid_at} />] as [string, ReactNode]] : []),
    ...(of.ended_at ? [[t('ended'), <Time key="e" at={of.ended_at} />] as [string, ReactNode]] : []),
    ...(of.refunded_minor > 0 ? [[t('back'), <Money key="b" minor={of.refunded_minor} currency={of.amount.currency} />] as [string, ReactNode]] : []),
    [t('vendor'), of.mock ? t('mock') : of.vendor],
  ];
  return (
    <Stack>
      <Group justify="space-between" align="flex-start" gap="sm">
        <div>
          <Title order={3} size="h2"><Money minor={of.amount.minor} currency={of.amount.currency} /></Title>
          <Text style={{ overflowWrap: 'anywhere' }}>{of.description}</Text>
        </div>
        <Chips of={of} />
      </Group>
      {of.mock && <Alert color="gray" icon={<IconInfoCircle size={18} />}>{t('mockText')}</Alert>}
      {of.problem && <Alert color="red" icon={<IconInfoCircle size={18} />}>{of.problem}</Alert>}
      <SimpleGrid cols={2} spacing="sm" component="dl" m={0}>
        {facts.map(([label, value]) => (
          <Box key={label}>
            <Text size="xs" c="dimmed" component="dt">{label}</Text>
            <Text size="sm" fw={550} component="dd" m={0} style={{ overflowWrap: 'anywhere' }}>{value}</Text>
          </Box>
        ))}
      </SimpleGrid>
      <Group gap="sm">
        {of.conversation && <Button component={Link} to={`/inbox/${of.conversation}`} variant="default" leftSection={<IconMessageCircle size={16} />}>{t('thread')}</Button>}
        {of.url && <Button component="a" href={of.url} target="_blank" rel="noopener noreferrer" variant="default" leftSection={<IconExternalLink size={16} />}>{t('link')}</Button>}
        {of.url && <CopyButton value={of.url} />}
      </Group>
      {of.refunds.length > 0 && <Refunds of={of} />}
      {of.refundable_minor > 0 && (
        <Paper withBorder p="md">
          <Text size="sm" mb="sm">{t('left')} <strong><Money minor={of.refundable_minor} currency={of.amount.currency} /></strong></Text>
          {may ? <Button color="red" variant="light" leftSection={<IconArrowBackUp size={16} />} onClick={() => setGiving(true)}>{t('refund.open')}</Button> : <Text size="sm" c="dimmed">{t('refund.role')}</Text>}
        </Paper>
      )}
      {giving && <GiveBack of={of} onClose={() => setGiving(false)} />}
    </Stack>
  );
}

const COLOURS: Record<components['schemas']['RefundState'], string> = { pending: 'yellow', succeeded: 'green', failed: 'gray', review: 'red' };

function Refunds({ of }: { of: WholePayment }) {
  const { t } = useTranslation('payments');
  return (
    <section aria-label={t('refunds')}>
      <Title order={4} size="h5" mb="xs">{t('refunds')}</Title>
      <Stack gap="xs">
        {of.refunds.map((r) => (
          <Paper key={r.id} withBorder p="sm">
            <Group justify="space-between" gap="xs">
              <Text fw={620} size="sm"><Money minor={r.minor} currency={of.amount.currency} /></Text>
              <Badge color={COLOURS[r.state]}>{t(`refundState.${r.state}`)}</Badge>
            </Group>
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>{r.reason}</Text>
            <Text size="xs" c="dimmed" component="div"><Time at={r.created_at} /> · {t(r.requested_by ? 'refund.person' : 'refund.agent')}</Text>
            {r.problem && <Text size="xs" c="red">{r.problem}</Text>}
          </Paper>
        ))}
      </Stack>
    </section>
  );
}
