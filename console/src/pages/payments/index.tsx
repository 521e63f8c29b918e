// What customers were asked for, what came in, what went back.
import { Anchor, Badge, Button, Group, Select, Text } from '@mantine/core';
import { DateInput } from '@mantine/dates';
import '@mantine/dates/styles.css';
import { IconCreditCard, IconFilterOff, IconSettings } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useMatch, useNavigate } from 'react-router';

import { api, ask, useBusiness, useCan } from '../../api';
import { DataTable, EmptyState, Money, PageBody, PageHeader, Time, useChoices, type Column } from '../../ui';
import { dayStart } from '../audit/days';
import { COLOURS, STATES, usePayments, type Payment, type State } from './data';
import { Details } from './Details';

export default function Payments() {
  const { t, i18n } = useTranslation('payments');
  const navigate = useNavigate();
  const zone = useBusiness().time_zone;
  const open = useMatch('/payments/:id')?.params.id;
  const [params, choose] = useChoices();
  const said = (name: string) => params.get(name) || undefined;
  const [from, to, contact] = [said('from'), said('to'), said('contact')];
  const state = STATES.find((s) => s === params.get('state'));
  const filtered = !!(state || from || to || contact);
  const payments = usePayments({ state, contact, from: from && dayStart(from, zone), to: to && dayStart(to, zone, 1) });
  const search = params.toString() && `?${params}`;
  const columns: Column<Payment>[] = [
    { key: 'amount', title: t('amount'), width: 150, render: (p) => <Text component="span" fw={620} size="sm"><Money minor={p.amount.minor} currency={p.amount.currency} /></Text> },
    { key: 'what', title: t('what'), render: (p) => <Text component="span" size="sm" lineClamp={2} style={{ overflowWrap: 'anywhere' }}>{p.description}</Text> },
    {
      key: 'who',
      title: t('who'),
      render: (p) => <Anchor component={Link} to={`/contacts/${p.contact}`} size="sm" onClick={(e) => e.stopPropagation()}>{p.contact_name ?? t('somebody')}</Anchor>,
    },
    { key: 'state', title: t('stateTitle'), width: 190, render: (p) => <Chips of={p} /> },
    { key: 'at', title: t('at'), width: 170, render: (p) => <Time at={p.created_at} /> },
  ];
  return (
    <PageBody>
      <PageHeader title={t('title')} text={t('text')} actions={<ToSettings />} />
      <Group mb="md" align="end">
        <Select
          label={t('stateTitle')}
          clearable
          placeholder={t('everything')}
          value={state ?? null}
          onChange={(state) => choose({ state })}
          data={STATES.map((value) => ({ value, label: t(`state.${value}`) }))}
          clearButtonProps={{ 'aria-label': t('everything') }}
        />
        <DateInput label={t('from')} clearable value={from ?? null} onChange={(from) => choose({ from })} maxDate={to} locale={i18n.language} clearButtonProps={{ 'aria-label': t('clear', { what: t('from') }) }} />
        <DateInput label={t('to')} clearable value={to ?? null} onChange={(to) => choose({ to })} minDate={from} locale={i18n.language} clearButtonProps={{ 'aria-label': t('clear', { what: t('to') }) }} />
        {filtered && <Button variant="subtle" leftSection={<IconFilterOff size={16} />} onClick={() => choose(new URLSearchParams())}>{t('all')}</Button>}
      </Group>
      <DataTable
        label={t('title')}
        columns={columns}
        pages={payments}
        rowKey={(p) => p.id}
        onOpen={(p) => void navigate({ pathname: `/payments/${p.id}`, search })}
        empty={filtered ? <EmptyState icon={IconFilterOff} title={t('nothing.title')} text={t('nothing.text')} /> : <None />}
      />
      {open && <Details key={open} id={open} onClose={() => void navigate({ pathname: '/payments', search })} />}
    </PageBody>
  );
}

function ToSettings() {
  const { t } = useTranslation('payments');
  const may = useCan('settings:read');
  return may && <Button component={Link} to="/settings/payments" variant="default" leftSection={<IconSettings size={16} />}>{t('connection.open')}</Button>;
}

/** What must be done before there is something to see. */
function None() {
  const { t } = useTranslation('payments');
  const may = useCan('settings:read');
  const settings = useQuery({ queryKey: ['settings', 'payments'], queryFn: () => ask(api.GET('/settings/payments')), enabled: may });
  const connected = settings.data?.connected;
  return (
    <EmptyState
      icon={IconCreditCard}
      title={t('empty.title')}
      text={t(connected ? 'empty.connected' : 'empty.text')}
      action={may && !connected && <Button component={Link} to="/settings/payments">{t('empty.action')}</Button>}
    />
  );
}

export function Chips({ of }: { of: Payment }) {
  const { t } = useTranslation('payments');
  const part = of.state !== 'refunded' && of.refunded_minor > 0;
  return (
    <Group gap={6}>
      <StateBadge state={of.state} />
      {part && <Badge color="grape">{t('partly')}</Badge>}
      {of.mock && <Badge color="gray">{t('mock')}</Badge>}
    </Group>
  );
}

export function StateBadge({ state }: { state: State }) {
  const { t } = useTranslation('payments');
  return <Badge color={COLOURS[state]} style={{ flex: 'none' }}>{t(`state.${state}`)}</Badge>;
}
