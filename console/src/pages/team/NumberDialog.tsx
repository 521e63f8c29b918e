// A member's number: said by whoever looks after the team, proven by the member alone.
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, ask } from '../../api';
import { showInForm, told, useFailure } from '../../ui';
import type { Member } from './data';

export function NumberDialog({ member, onClose, onDone }: { member: Member; onClose: () => void; onDone: () => void }) {
  const { t } = useTranslation('team');
  const failure = useFailure();
  const form = useForm({ initialValues: { number: member.number?.number ?? '' } });
  const path = { params: { path: { id: member.id } } };
  const done = (words: string) => (onDone(), told(words));
  const failed = (error: unknown) => {
    if (showInForm(form, error)) failure(error);
  };
  const save = useMutation({
    mutationFn: (body: { number: string }) => ask(api.PUT('/members/{id}/number', { ...path, body })),
    onSuccess: () => done(t('number.saved', { name: member.name })),
    onError: failed,
  });
  const forget = useMutation({
    mutationFn: () => ask(api.DELETE('/members/{id}/number', path)),
    onSuccess: () => done(t('number.forgotten', { name: member.name })),
    onError: failed,
  });
  return (
    <Modal opened onClose={onClose} title={t('number.of', { name: member.name })} centered>
      <form onSubmit={form.onSubmit((v) => save.mutate(v))}>
        <Stack>
          <Text size="sm" c="dimmed">{t('number.text', { name: member.name })}</Text>
          <TextInput type="tel" required data-autofocus label={t('number.label')} placeholder="+57 300 111 2233" {...form.getInputProps('number')} />
          <Group justify="space-between">
            {member.number ? <Button variant="subtle" color="red" loading={forget.isPending} onClick={() => forget.mutate()}>{t('number.forget')}</Button> : <span />}
            <Group>
              <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
              <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>{t('common:save')}</Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
