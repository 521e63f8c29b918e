// The account through which the business takes payments: its key, its webhook, and what the agent may ask for.
import { Alert, Anchor, Badge, Button, Checkbox, Code, Group, List, PasswordInput, Paper, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { IconArrowLeft, IconInfoCircle } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { api, ask, useBusiness, useCan, type components } from '../../api';
import { ConfirmButton, CopyButton, ErrorState, LoadingRows, PageBody, PageHeader, Time, told, useFailure, useProblemText } from '../../ui';
import { AmountInput } from './AmountInput';

type Settings = components['schemas']['PaymentSettings'];
const EVENTS = [
  'checkout.session.completed', 'checkout.session.async_payment_succeeded', 'checkout.session.async_payment_failed', 'checkout.session.expired',
  'payment_intent.succeeded', 'charge.refunded', 'refund.created', 'refund.updated', 'refund.failed',
];
const NAMES: Record<string, string> = { stripe: 'Stripe' };

export default function Connection() {
  const { t } = useTranslation('payments');
  const settings = useQuery({ queryKey: ['settings', 'payments'], queryFn: () => ask(api.GET('/settings/payments')) });
  return (
    <PageBody width={860}>
      <PageHeader title={t('connection.title')} text={t('connection.text')} actions={<Button component={Link} to="/payments" variant="default" leftSection={<IconArrowLeft size={16} />}>{t('title')}</Button>} />
      {settings.isPending && <LoadingRows rows={4} height={72} />}
      {settings.error && !settings.data && <ErrorState error={settings.error} retry={() => void settings.refetch()} />}
      {settings.data && <Told key={settings.data.updated_at ?? 'none'} of={settings.data} />}
    </PageBody>
  );
}

function Told({ of }: { of: Settings }) {
  const { t } = useTranslation('payments');
  const may = useCan('settings:write');
  const name = (vendor: string | undefined) => (vendor ? (NAMES[vendor] ?? vendor) : '');
  return (
    <Stack gap="lg">
      <Paper withBorder p="md">
        <Group justify="space-between">
          <Group gap="sm">
            <Text fw={620}>{of.mock ? t('mock') : of.connected ? name(of.vendor) : t('connection.none')}</Text>
            <Badge color={of.connected && !of.mock ? 'green' : 'gray'}>{t(of.mock ? 'mock' : of.connected ? 'connection.on' : 'connection.off')}</Badge>
          </Group>
          {of.updated_at && <Text size="sm" c="dimmed" component="div"><Time at={of.updated_at} /></Text>}
        </Group>
        {of.mock && <Text size="sm" mt="xs">{t('connection.mockText')}</Text>}
      </Paper>
      {of.vendors.map((vendor, n) => <Guide key={vendor} vendor={name(vendor)} url={of.webhook_urls[n] ?? ''} />)}
      {may ? <Form of={of} /> : <Alert color="gray" icon={<IconInfoCircle size={18} />}>{t('connection.role')}</Alert>}
      {may && of.connected && <Disconnect />}
    </Stack>
  );
}

function Guide({ vendor, url }: { vendor: string; url: string }) {
  const { t } = useTranslation('payments');
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="payments-guide">
      <Title order={2} size="h4" id="payments-guide" mb="sm">{t('connection.guide', { vendor })}</Title>
      <List type="ordered" spacing="sm" size="sm">
        <List.Item>{t('connection.step1')} <Anchor href="https://dashboard.stripe.com/apikeys" target="_blank" rel="noopener noreferrer" inherit underline="always">dashboard.stripe.com</Anchor></List.Item>
        <List.Item>
          {t('connection.step2')}
          <Group gap="xs" wrap="nowrap" mt={4}>
            <Code style={{ overflowWrap: 'anywhere' }}>{url}</Code>
            <CopyButton value={url} />
          </Group>
        </List.Item>
        <List.Item>{t('connection.step3')} <Text size="xs" ff="monospace" mt={4} style={{ overflowWrap: 'anywhere' }}>{EVENTS.join(', ')}</Text></List.Item>
        <List.Item>{t('connection.step4')}</List.Item>
      </List>
    </Paper>
  );
}

function Form({ of }: { of: Settings }) {
  const { t } = useTranslation(['payments', 'common']);
  const { currency } = useBusiness();
  const queries = useQueryClient();
  const words = useProblemText();
  const kept = of.connected && !of.mock;
  const [key, setKey] = useState('');
  const [secrets, setSecrets] = useState('');
  const [any, setAny] = useState(of.any_amount);
  const [most, setMost] = useState<number | null>(of.most_minor ?? null);
  const [page, setPage] = useState(of.return_url ?? '');
  const list = secrets.split(/\s+/).filter((s) => s !== '');
  const connect = useMutation({
    mutationFn: () =>
      ask(api.PUT('/settings/payments', {
        body: {
          vendor: of.vendors[0] ?? 'stripe',
          ...(key.trim() ? { secret_key: key.trim() } : {}),
          ...(list.length > 0 ? { webhook_secrets: list } : {}),
          any_amount: any,
          most_minor: most,
          return_url: page.trim() || null,
        },
      })),
    onSuccess: (after) => {
      queries.setQueryData(['settings', 'payments'], after);
      void queries.invalidateQueries({ queryKey: ['actions'] });
      told(t(kept ? 'common:saved' : 'connection.done'));
    },
  });
  const ready = kept || (key.trim() !== '' && list.length > 0);
  return (
    <Paper withBorder p="md">
      <form onSubmit={(e) => (e.preventDefault(), ready && connect.mutate())}>
        <Stack>
          <PasswordInput label={t('connection.key')} description={t(kept ? 'connection.keep' : 'connection.keyText')} placeholder="sk_… / rk_…" autoComplete="off" required={!kept} value={key} onChange={(e) => setKey(e.currentTarget.value)} />
          <Textarea label={t('connection.secrets')} description={t(kept ? 'connection.keepSecrets' : 'connection.secretsText', { count: of.webhook_secrets })} placeholder="whsec_…" autoComplete="off" spellCheck={false} required={!kept} autosize minRows={1} maxRows={5} value={secrets} onChange={(e) => setSecrets(e.currentTarget.value)} />
          <Checkbox label={t('connection.any')} description={t('connection.anyText')} checked={any} onChange={(e) => setAny(e.currentTarget.checked)} />
          <AmountInput label={t('connection.most')} description={t('connection.mostText')} currency={currency} value={most} onChange={setMost} />
          <TextInput label={t('connection.page')} description={t('connection.pageText')} placeholder="https://…" type="url" value={page} onChange={(e) => setPage(e.currentTarget.value)} />
          {connect.error && <Alert color="red" role="alert" style={{ whiteSpace: 'pre-line' }}>{words(connect.error)}</Alert>}
          <Group justify="flex-end">
            <Button type="submit" loading={connect.isPending} disabled={!ready}>{t(kept ? 'common:save' : 'connection.connect')}</Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}

function Disconnect() {
  const { t } = useTranslation('payments');
  const queries = useQueryClient();
  const failed = useFailure();
  const go = useMutation({
    mutationFn: () => ask(api.DELETE('/settings/payments')),
    onSuccess: () => (void queries.invalidateQueries({ queryKey: ['settings'] }), told(t('connection.gone'))),
    onError: failed,
  });
  const question = { title: t('connection.stopTitle'), text: t('connection.stopText'), confirm: t('connection.stop') };
  return (
    <Group justify="flex-end">
      <ConfirmButton question={question} onConfirm={() => go.mutate()}>{t('connection.stop')}</ConfirmButton>
    </Group>
  );
}
