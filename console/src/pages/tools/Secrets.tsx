// Secrets of tools: set, replaced, deleted, never shown. Each goes to one host only.
import { ActionIcon, Button, Drawer, Group, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconKey, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useCan } from '../../api';
import { EmptyState, ErrorState, LoadingRows, showInForm, Time, told, useConfirm, useFailure } from '../../ui';
import { mono } from './draft';
import { deleteSecret, setSecret, useSecrets, useStale } from './queries';

export function Secrets({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('tools');
  const mayWrite = useCan('tool:write');
  const secrets = useSecrets();
  const stale = useStale();
  const sure = useConfirm();
  const failed = useFailure();
  const [replacing, setReplacing] = useState<{ name: string; host: string; token_host?: string } | null>(null);
  const all = secrets.data?.items ?? [];

  const remove = async (name: string) => {
    if (!(await sure({ title: t('secrets.deleteTitle', { name }), text: t('secrets.deleteText'), confirm: t('secrets.delete') }))) return;
    await deleteSecret(name).then(stale, failed);
  };

  return (
    <Drawer opened={opened} onClose={onClose} position="right" size="md" title={t('secrets.title')}>
      <Stack>
        <Text size="sm" c="dimmed">{t('secrets.text')}</Text>
        {secrets.isPending && <LoadingRows rows={3} />}
        {secrets.error && <ErrorState error={secrets.error} retry={() => void secrets.refetch()} />}
        {secrets.data && all.length === 0 && <EmptyState compact icon={IconKey} title={t('secrets.empty')} text={t('secrets.emptyText')} />}
        {all.map((secret) => (
          <Paper key={secret.name} withBorder p="sm" radius="md">
            <Group justify="space-between" wrap="nowrap" align="flex-start">
              <Stack gap={2} miw={0}>
                <Text fw={600} ff="monospace" style={{ wordBreak: 'break-all' }}>{secret.name}</Text>
                <Text size="sm" style={{ wordBreak: 'break-all' }}>{secret.host}</Text>
                {secret.token_host && <Text size="sm" style={{ wordBreak: 'break-all' }}>{t('secrets.buys', { host: secret.token_host })}</Text>}
                <Text size="xs" c="dimmed">
                  {secret.used_by.length ? t('secrets.usedBy', { tools: secret.used_by.join(', ') }) : t('secrets.unused')} · <Time at={secret.updated_at} />
                </Text>
              </Stack>
              {mayWrite && (
                <Group gap={4} wrap="nowrap">
                  <Button size="compact-sm" variant="default" onClick={() => setReplacing(secret)}>{t('secrets.replace')}</Button>
                  <ActionIcon variant="subtle" color="red" disabled={secret.used_by.length > 0} aria-label={t('secrets.deleteOne', { name: secret.name })} onClick={() => void remove(secret.name)}>
                    <IconTrash size={16} />
                  </ActionIcon>
                </Group>
              )}
            </Group>
          </Paper>
        ))}
        {mayWrite && (
          <>
            <Title order={3} size="h5">{replacing ? t('secrets.replaceOne', { name: replacing.name }) : t('secrets.add')}</Title>
            <SecretForm key={replacing?.name ?? ''} name={replacing?.name ?? ''} host={replacing?.host ?? ''} tokenHost={replacing?.token_host ?? ''} onDone={() => setReplacing(null)} />
          </>
        )}
      </Stack>
    </Drawer>
  );
}

export function SecretForm({ name, host, tokenHost = '', onDone }: { name: string; host: string; tokenHost?: string; onDone: (name: string) => void }) {
  const { t } = useTranslation('tools');
  const stale = useStale();
  const failed = useFailure();
  const [busy, setBusy] = useState(false);
  const form = useForm({ initialValues: { name, host, token_host: tokenHost, value: '' } });
  const keep = async () => {
    const values = form.getValues();
    form.clearErrors();
    if (!values.name.trim()) return form.setFieldError('name', t('secrets.needsName'));
    setBusy(true);
    try {
      await setSecret(values.name.trim(), values.host.trim(), values.value, values.token_host.trim());
      await stale();
      told(t('secrets.saved', { name: values.name.trim() }));
      form.setValues({ name: '', host: '', token_host: '', value: '' });
      onDone(values.name.trim());
    } catch (error) {
      if (showInForm(form, error)) failed(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Paper withBorder p="sm" radius="md">
      <Stack gap="xs">
        <Group grow align="flex-start" preventGrowOverflow={false}>
          <TextInput label={t('secrets.name')} placeholder="API_KEY" styles={mono} {...form.getInputProps('name')} />
          <TextInput label={t('secrets.host')} placeholder="api.example.com" {...form.getInputProps('host')} />
        </Group>
        {form.values.token_host && <TextInput label={t('secrets.tokenHost')} description={t('secrets.tokenHostHelp')} {...form.getInputProps('token_host')} />}
        <PasswordInput label={t('secrets.value')} autoComplete="off" {...form.getInputProps('value')} />
        <Group justify="flex-end">
          <Button size="xs" loading={busy} onClick={() => void keep()}>{t('secrets.save')}</Button>
        </Group>
      </Stack>
    </Paper>
  );
}
