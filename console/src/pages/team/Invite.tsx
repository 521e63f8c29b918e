// Asking somebody to work here; without mail, the link is shown once.
import { Button, Code, Group, Modal, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { sendJson } from '../../api/client';
import { CopyButton, showInForm, told, useFailure } from '../../ui';
import { INVITATIONS, useRoles, type Sent } from './data';
import { PlacesSelect, usePlaces } from './Places';

export function Invite({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('team');
  const queries = useQueryClient();
  const failure = useFailure();
  const roles = useRoles();
  const places = usePlaces();
  const [link, setLink] = useState<Sent | null>(null);
  const form = useForm({ initialValues: { email: '', role: 'staff', locations: [] as string[] } });
  const close = () => {
    form.reset();
    onClose();
  };
  const invite = useMutation({
    mutationFn: (values: typeof form.values) => sendJson<Sent>('POST', '/invitations', { ...values, locations: values.role === 'owner' ? [] : values.locations }),
    onSuccess: (sent) => {
      void queries.invalidateQueries({ queryKey: INVITATIONS });
      close();
      if (sent.mailed) told(t('invite.mailed', { email: sent.invitation.email }));
      else setLink(sent);
    },
    onError: (error) => {
      if (showInForm(form, error)) failure(error);
    },
  });
  return (
    <>
      <Modal opened={opened} onClose={close} title={t('invite.title')} centered>
        <form onSubmit={form.onSubmit((values) => invite.mutate(values))}>
          <Stack>
            <TextInput label={t('invitations.email')} type="email" required data-autofocus {...form.getInputProps('email')} />
            <Radio.Group label={t('members.role')} {...form.getInputProps('role')}>
              <Stack gap="xs" mt={4}>
                {roles.data?.roles.filter((r) => r.may_give).map((r) => (
                  <Radio key={r.name} value={r.name} label={t(`common:role.${r.name}`)} description={t(`about.${r.name}`)} />
                ))}
              </Stack>
            </Radio.Group>
            {places.length > 0 && form.values.role !== 'owner' && (
              <PlacesSelect label={t('places.label')} value={form.values.locations} onChange={(ids) => form.setFieldValue('locations', ids)} error={form.errors.locations} />
            )}
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>{t('common:cancel')}</Button>
              <Button type="submit" loading={invite.isPending}>{t('invite.go')}</Button>
            </Group>
          </Stack>
        </form>
      </Modal>
      <ShowLink sent={link} onClose={() => setLink(null)} />
    </>
  );
}

export function ShowLink({ sent, onClose }: { sent: Sent | null; onClose: () => void }) {
  const { t } = useTranslation('team');
  return (
    <Modal opened={!!sent} onClose={onClose} title={t('invite.linkTitle')} centered>
      <Stack>
        <Text size="sm">{t('invite.linkText', { email: sent?.invitation.email })}</Text>
        <Group wrap="nowrap" gap="xs">
          <Code block style={{ wordBreak: 'break-all', whiteSpace: 'pre-wrap', flex: 1 }}>{sent?.link}</Code>
          <CopyButton value={sent?.link ?? ''} />
        </Group>
        <Button onClick={onClose}>{t('common:close')}</Button>
      </Stack>
    </Modal>
  );
}
