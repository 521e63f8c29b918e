// Making a key: a name, what it may do, until when; then its text, once.
import { Alert, Button, Checkbox, Code, Group, Modal, ScrollArea, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { sendJson } from '../../api/client';
import { useBusiness } from '../../api/session';
import { CopyButton, showInForm, useFailure } from '../../ui';
import { useRoles } from '../team/data';
import { KEYS, type Key } from './index';

export function NewKey({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation(['keys', 'roles']);
  const queries = useQueryClient();
  const failure = useFailure();
  const roles = useRoles();
  const mine = useBusiness().permissions;
  const [made, setMade] = useState<string | null>(null);
  const form = useForm({
    initialValues: { name: '', scopes: [] as string[], expires: '90' },
    validate: { scopes: (scopes) => (scopes.length > 0 ? null : t('choose')) },
  });
  const close = () => {
    setMade(null);
    form.reset();
    onClose();
  };
  const make = useMutation({
    mutationFn: (v: typeof form.values) =>
      sendJson<Key & { key: string }>('POST', '/keys', {
        name: v.name,
        scopes: v.scopes,
        ...(v.expires === 'never' ? {} : { expires_in_days: Number(v.expires) }),
      }),
    onSuccess: (key) => {
      void queries.invalidateQueries({ queryKey: KEYS });
      setMade(key.key);
    },
    onError: (error) => {
      if (showInForm(form, error)) failure(error);
    },
  });
  const offered = roles.data?.permissions.filter((p) => mine.includes(p.name)) ?? [];
  return (
    <Modal opened={opened} onClose={close} title={made ? t('madeTitle') : t('make')} centered size="lg">
      {made ? (
        <Stack>
          <Alert icon={<IconAlertTriangle size={18} />} color="orange">{t('madeText')}</Alert>
          <Group wrap="nowrap" gap="xs">
            <Code block style={{ wordBreak: 'break-all', whiteSpace: 'pre-wrap', flex: 1 }}>{made}</Code>
            <CopyButton value={made} />
          </Group>
          <Text size="sm" c="dimmed">{t('usage')}</Text>
          <Button onClick={close}>{t('kept')}</Button>
        </Stack>
      ) : (
        <form onSubmit={form.onSubmit((v) => make.mutate(v))}>
          <Stack>
            <TextInput label={t('nameLabel')} placeholder={t('namePlaceholder')} required data-autofocus maxLength={120} {...form.getInputProps('name')} />
            <Select
              label={t('expires')}
              allowDeselect={false}
              data={['30', '90', '365', 'never'].map((value) => ({ value, label: t(`for.${value}`) }))}
              {...form.getInputProps('expires')}
            />
            <Checkbox.Group label={t('scopes')} description={t('scopesText')} {...form.getInputProps('scopes')}>
              <ScrollArea.Autosize mah={280} mt="xs" type="auto" offsetScrollbars>
                <Stack gap="xs">
                  {offered.map((p) => (
                    <Checkbox key={p.name} value={p.name} label={t(`roles:may.${p.name.replace(':', '.')}`, { defaultValue: p.about })} description={p.name} />
                  ))}
                </Stack>
              </ScrollArea.Autosize>
            </Checkbox.Group>
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>{t('common:cancel')}</Button>
              <Button type="submit" loading={make.isPending}>{t('make')}</Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
