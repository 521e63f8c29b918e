// Connecting WhatsApp, step by step, with the webhook watched live: the page says what arrived and what did not.
import { Alert, Anchor, Button, Code, Group, List, Loader, Modal, PasswordInput, Stack, Stepper, Text, TextInput, ThemeIcon } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconCheck } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask } from '../../api';
import { CopyButton, Time, useProblemText } from '../../ui';
import type { Channel, Kind } from '.';

const META = 'https://developers.facebook.com/apps/';

export function WhatsAppGuide({ kind, channel: known, onClose }: { kind: Kind; channel?: Channel; onClose: () => void }) {
  const { t } = useTranslation(['channels', 'common']);
  const [step, setStep] = useState(known ? 2 : 0);
  const [id, setId] = useState(known?.id);
  /** Shown once here: the server keeps it sealed. */
  const [token] = useState(newToken);
  const [tokenSet, setTokenSet] = useState(false);
  return (
    <Modal opened onClose={onClose} title={t('guide.title', { kind: kind.name })} size="xl">
      <Stepper active={step} onStepClick={(n) => (n < 2 || id) && setStep(n)} size="sm" orientation="horizontal">
        <Stepper.Step label={t('guide.app')}>
          <Stack mt="md">
            <List type="ordered" spacing="sm">
              <List.Item>{t('guide.app1')} <Anchor href={META} target="_blank" rel="noopener noreferrer">{META}</Anchor></List.Item>
              <List.Item>{t('guide.app2')}</List.Item>
              <List.Item>{t('guide.app3')}</List.Item>
            </List>
            <Group justify="flex-end"><Button onClick={() => setStep(1)}>{t('guide.next')}</Button></Group>
          </Stack>
        </Stepper.Step>
        <Stepper.Step label={t('guide.credentials')}>
          <Credentials id={id} token={token} onDone={(made) => (setId(made), setTokenSet(true), setStep(2))} />
        </Stepper.Step>
        <Stepper.Step label={t('guide.webhook')}>
          {id && <Webhook id={id} token={tokenSet ? token : null} onClose={onClose} />}
        </Stepper.Step>
      </Stepper>
    </Modal>
  );
}

function Credentials({ id, token, onDone }: { id?: string; token: string; onDone: (id: string) => void }) {
  const { t } = useTranslation(['channels', 'common']);
  const queries = useQueryClient();
  const words = useProblemText();
  const [said, setSaid] = useState<{ works: boolean; text: string } | null>(null);
  const form = useForm({
    initialValues: { account: '', access_token: '', app_secret: '' },
    validate: {
      account: (v) => (/^\d{5,25}$/.test(v.trim()) || id ? null : t('guide.digits')),
      access_token: (v) => (v.trim() ? null : t('needed')),
      app_secret: (v) => (v.trim() ? null : t('needed')),
    },
  });
  const secrets = (v: typeof form.values) => ({ access_token: v.access_token.trim(), app_secret: v.app_secret.trim(), verify_token: token });
  const connect = useMutation({
    mutationFn: async (v: typeof form.values) => {
      if (!id) {
        const checked = await ask(api.POST('/channels/check', { body: { kind: 'whatsapp', account: v.account.trim(), secrets: secrets(v) } as never }));
        setSaid({ works: checked.works, text: [checked.says, checked.todo].filter(Boolean).join(' – ') });
        if (!checked.works) return null;
        const made = await ask(api.POST('/channels', { body: { kind: 'whatsapp', account: v.account.trim(), secrets: secrets(v) } as never }));
        return made.id;
      }
      await ask(api.PATCH('/channels/{id}', { params: { path: { id } }, body: { secrets: secrets(v), resume: true } as never }));
      return id;
    },
    onSuccess: (made) => made && (void queries.invalidateQueries({ queryKey: ['channels'] }), onDone(made)),
    onError: (error) => setSaid({ works: false, text: words(error) }),
  });
  return (
    <form onSubmit={form.onSubmit((v) => connect.mutate(v))}>
      <Stack mt="md">
        {!id && <TextInput label={t('guide.number')} description={t('guide.numberHelp')} inputMode="numeric" required {...form.getInputProps('account')} />}
        <PasswordInput label={t('guide.token')} description={t('guide.tokenHelp')} autoComplete="off" required {...form.getInputProps('access_token')} />
        <PasswordInput label={t('guide.secret')} description={t('guide.secretHelp')} autoComplete="off" required {...form.getInputProps('app_secret')} />
        {said && <Alert color={said.works ? 'teal' : 'red'} role="alert">{said.text}</Alert>}
        <Group justify="flex-end"><Button type="submit" loading={connect.isPending}>{t('guide.tryIt')}</Button></Group>
      </Stack>
    </form>
  );
}

function Webhook({ id, token, onClose }: { id: string; token: string | null; onClose: () => void }) {
  const { t } = useTranslation(['channels', 'common']);
  // Watched closely: whoever stands here waits for it. Events make it old sooner.
  const channel = useQuery({
    queryKey: ['channels', id],
    queryFn: () => ask(api.GET('/channels/{id}', { params: { path: { id } } })),
    refetchInterval: 3000,
  });
  const c = channel.data;
  const url = c?.webhook_url?.startsWith('http') ? c.webhook_url : `${location.origin}${c?.webhook_url ?? '/webhooks/whatsapp'}`;
  return (
    <Stack mt="md">
      <Text size="sm">{t('guide.paste')}</Text>
      <Copied label={t('guide.url')} text={url} />
      {token ? <Copied label={t('guide.verify')} text={token} /> : <Text size="sm" c="dimmed">{t('guide.verifyKept')}</Text>}
      {!url.startsWith('https://') && <Alert color="yellow">{t('guide.https')}</Alert>}
      <Seen done={!!c?.verified_at} at={c?.verified_at} text={t('guide.waitVerify')} doneText={t('guide.verified')} />
      <Seen done={!!c?.webhook_at} at={c?.webhook_at} text={t('guide.waitMessage')} doneText={t('guide.received')} />
      {c?.webhook_problem && <Alert color="red" role="alert">{c.webhook_problem}</Alert>}
      <Group justify="flex-end"><Button variant={c?.webhook_at ? 'filled' : 'default'} onClick={onClose}>{t('common:close')}</Button></Group>
    </Stack>
  );
}

function Copied({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <Group justify="space-between"><Text size="sm" fw={600}>{label}</Text><CopyButton value={text} /></Group>
      <Code block tabIndex={0}>{text}</Code>
    </div>
  );
}

function Seen({ done, at, text, doneText }: { done: boolean; at?: string | null; text: string; doneText: string }) {
  return (
    <Group gap="sm" wrap="nowrap" role="status">
      {done ? <ThemeIcon color="teal" radius="xl" size={24}><IconCheck size={16} /></ThemeIcon> : <Loader size={20} />}
      <Text size="sm">{done ? doneText : text} {done && at && <Time at={at} as="relative" />}</Text>
    </Group>
  );
}

function newToken(): string {
  return [...crypto.getRandomValues(new Uint8Array(18))].map((b) => b.toString(36).padStart(2, '0')).join('');
}
