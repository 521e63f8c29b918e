// Connecting a server, or changing how it is reached.
import { Alert, Button, Group, Modal, PasswordInput, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconInfoCircle } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

import { showInForm, useFailure } from '../../ui';
import { change, connect, useAct, type Auth, type Connection, type Server } from './data';

const KINDS = ['none', 'bearer', 'header', 'client_credentials', 'authorization_code'] as const;

interface Values {
  name: string;
  title: string;
  url: string;
  secret: string;
  auth: { kind: (typeof KINDS)[number]; header: string; token_url: string; client_id: string; scope: string; resource: string; send_as: 'basic' | 'form' };
}

function blank(server?: Server): Values {
  const auth = { kind: 'none' as const, header: '', token_url: '', client_id: '', scope: '', resource: '', send_as: 'basic' as const };
  return { name: server?.name ?? '', title: server?.title ?? '', url: server?.url ?? '', secret: '', auth: { ...auth, ...(server?.auth as object) } };
}

function proof({ kind, header, ...credentials }: Values['auth']): Auth {
  switch (kind) {
    case 'none':
    case 'bearer': return { kind };
    case 'header': return { kind, header: header.trim() };
    case 'authorization_code': {
      const client_id = credentials.client_id.trim();
      return { kind, ...(client_id && { client_id }), ...(credentials.scope.trim() && { scope: credentials.scope.trim() }) };
    }
    case 'client_credentials': return { kind, ...credentials, token_url: credentials.token_url.trim(), client_id: credentials.client_id.trim() };
  }
}

export function Connect({ opened, onClose, onDone, server }: {
  opened: boolean;
  onClose: () => void;
  onDone: (server: Server) => void;
  /** The one that is changed. */
  server?: Server;
}) {
  const { t } = useTranslation('servers');
  const failed = useFailure();
  const form = useForm<Values>({ initialValues: blank(server) });
  useEffect(() => {
    if (!opened) return;
    form.setValues(blank(server));
    form.clearErrors();
    // Only when it opens: what is typed stays when the server is read anew.
  }, [opened]);
  const save = useAct((body: Connection) => {
    const { name, ...rest } = body;
    return server ? change(server.id, rest) : connect({ name, ...rest });
  });
  const { kind, client_id } = form.values.auth;
  const takesSecret = kind !== 'none' && (kind !== 'authorization_code' || client_id.trim() !== '');
  const submit = (values: Values) => {
    const secret = values.secret && takesSecret ? { secret: values.secret } : {};
    const body = { name: values.name.trim(), title: values.title.trim(), url: values.url.trim(), auth: proof(values.auth), ...secret };
    save.mutate(body, {
      onSuccess: (kept) => {
        onClose();
        onDone(kept);
      },
      onError: (error) => {
        if (showInForm(form, error)) failed(error);
      },
    });
  };
  return (
    <Modal opened={opened} onClose={onClose} size="lg" centered title={server ? t('connect.change') : t('connect.title')} closeButtonProps={{ 'aria-label': t('common:close') }}>
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <Stack>
          <Alert icon={<IconInfoCircle size={18} />}>{t('connect.text')}</Alert>
          <Group grow align="flex-start" preventGrowOverflow={false}>
            <TextInput label={t('connect.name')} description={t('connect.nameHelp')} placeholder="shop" required disabled={!!server} {...form.getInputProps('name')} />
            <TextInput label={t('connect.label')} description={t('connect.labelHelp')} {...form.getInputProps('title')} />
          </Group>
          <TextInput label={t('connect.url')} placeholder="https://mcp.example.com/mcp" required {...form.getInputProps('url')} />
          <Select
            label={t('connect.auth')}
            allowDeselect={false}
            data={KINDS.map((value) => ({ value, label: t(`auth.${value}`) }))}
            {...form.getInputProps('auth.kind')}
          />
          {kind === 'header' && <TextInput label={t('connect.header')} placeholder="X-Api-Key" {...form.getInputProps('auth.header')} />}
          {kind === 'client_credentials' && (
            <>
              <TextInput label={t('connect.tokenUrl')} placeholder="https://login.example.com/oauth/token" {...form.getInputProps('auth.token_url')} />
              <Group grow align="flex-start" preventGrowOverflow={false}>
                <TextInput label={t('connect.clientId')} {...form.getInputProps('auth.client_id')} />
                <TextInput label={t('connect.scope')} {...form.getInputProps('auth.scope')} />
              </Group>
              <Group grow align="flex-start" preventGrowOverflow={false}>
                <TextInput label={t('connect.resource')} {...form.getInputProps('auth.resource')} />
                <Select
                  label={t('connect.sendAs')}
                  allowDeselect={false}
                  data={[{ value: 'basic', label: t('connect.asBasic') }, { value: 'form', label: t('connect.asForm') }]}
                  {...form.getInputProps('auth.send_as')}
                />
              </Group>
            </>
          )}
          {kind === 'authorization_code' && (
            <>
              <Alert icon={<IconInfoCircle size={18} />}>{t('connect.consent')}</Alert>
              <Group grow align="flex-start" preventGrowOverflow={false}>
                <TextInput label={t('connect.clientId')} description={t('connect.clientIdHelp')} {...form.getInputProps('auth.client_id')} />
                <TextInput label={t('connect.scope')} description={t('connect.scopeHelp')} {...form.getInputProps('auth.scope')} />
              </Group>
            </>
          )}
          {takesSecret && (
            <PasswordInput
              label={t(kind === 'authorization_code' ? 'connect.clientSecret' : 'connect.secret')}
              description={t(server?.has_secret ? 'connect.secretKept' : kind === 'authorization_code' ? 'connect.clientSecretHelp' : 'connect.secretHelp')}
              autoComplete="off"
              {...form.getInputProps('secret')}
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
            <Button type="submit" loading={save.isPending}>{server ? t('connect.save') : t('connect.go')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
