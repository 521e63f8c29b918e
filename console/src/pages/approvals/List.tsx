// Requests: those that wait first, then what became of the others.
import { Badge, Box, Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconFilterOff, IconShieldCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { EmptyState, ErrorState, LoadingRows, More, Time } from '../../ui';
import classes from './approvals.module.css';
import { COLOURS, useApprovals, type Approval, type State } from './data';

/** Without a filter those that wait are asked for by themselves: they come first however old they are. */
export function useListed(state: State | undefined) {
  const waiting = useApprovals('pending', !state);
  const pages = useApprovals(state);
  const first = state ? [] : (waiting.items ?? []);
  const rest = (pages.items ?? []).filter((one) => state || one.state !== 'pending');
  return { waiting, pages, first, rest, all: [...first, ...rest], something: first.length + rest.length > 0, isPending: pages.isPending || (!state && waiting.isPending) };
}

export function List({ listed, state, open, search }: { listed: ReturnType<typeof useListed>; state: State | undefined; open: string | undefined; search: string }) {
  const { t } = useTranslation('approvals');
  const { waiting, pages, first, rest } = listed;
  if (listed.isPending) return <LoadingRows height={72} />;
  const error = pages.error ?? waiting.error;
  if (error && !listed.something) {
    return <ErrorState error={error} retry={() => void Promise.all([pages.refetch(), ...(state ? [] : [waiting.refetch()])])} />;
  }
  if (!listed.something) {
    return state ? (
      <EmptyState icon={IconFilterOff} title={t('nothing.title')} text={t('nothing.text')} />
    ) : (
      <EmptyState icon={IconShieldCheck} title={t('empty.title')} text={t('empty.text')} action={<Button component={Link} to="/policies">{t('empty.action')}</Button>} />
    );
  }
  const row = (one: Approval) => <Row key={one.id} of={one} here={one.id === open} search={search} />;
  return (
    <nav className={classes.list} aria-label={t('list')}>
      <Stack gap="lg">
        {!state && (
          <Box component="section" aria-label={t('waiting')}>
            <Title order={2} size="h4" mb="xs">
              {t('waiting')} {first.length > 0 && <Text span c="dimmed" inherit fw={400}>{first.length}</Text>}
            </Title>
            {first.length > 0 ? <Stack gap="xs">{first.map(row)}</Stack> : <Text size="sm" c="dimmed">{t('waitingNone')}</Text>}
            <More pages={waiting} />
          </Box>
        )}
        {rest.length > 0 && (
          <Box component="section" aria-label={state ? t(`state.${state}`) : t('decided')}>
            <Title order={2} size="h4" mb="xs" c="dimmed">{state ? t(`state.${state}`) : t('decided')}</Title>
            <Stack gap="xs">{rest.map(row)}</Stack>
          </Box>
        )}
        <More pages={pages} />
      </Stack>
    </nav>
  );
}

function Row({ of, here, search }: { of: Approval; here: boolean; search: string }) {
  const { t } = useTranslation('approvals');
  const waits = of.state === 'pending';
  return (
    <Link to={{ pathname: `/approvals/${of.id}`, search }} className={classes.row} aria-current={here || undefined} data-waits={waits || undefined}>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
        <Text fw={620} size="sm" lineClamp={2}>{of.title}</Text>
        {waits ? <Badge color={of.kind === 'suggestion' ? 'gray' : 'yellow'} style={{ flex: 'none' }}>{t(`kind.${of.kind}`)}</Badge> : <StateBadge state={of.state} />}
      </Group>
      <Text size="sm" c="dimmed" lineClamp={2} style={{ overflowWrap: 'anywhere' }}>{of.question}</Text>
      <Group gap={6}>
        <Text size="xs" c="dimmed">{of.contact_name ?? t('somebody')}</Text>
        <Text size="xs" c="dimmed" aria-hidden>·</Text>
        <Text size="xs" c="dimmed" component="div">
          {waits ? <>{t('ends')} <Time at={of.expires_at} as="relative" /></> : <Time at={of.decided_at ?? of.updated_at} as="short" />}
        </Text>
      </Group>
    </Link>
  );
}

export function StateBadge({ state }: { state: State }) {
  const { t } = useTranslation('approvals');
  return <Badge color={COLOURS[state]} style={{ flex: 'none' }}>{t(`state.${state}`)}</Badge>;
}
