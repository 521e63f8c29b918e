// Erasing a person cannot be taken back: whoever does it types it.
import { Alert, Button, Group, List, Modal, Stack, Text, TextInput } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { api, ask } from '../../api';
import { told, useFailure } from '../../ui';
import { shownName, type ContactDetail } from './words';

export function EraseContact({ contact, onClose }: { contact: ContactDetail; onClose: () => void }) {
  const { t } = useTranslation('contacts');
  const { t: common } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [typed, setTyped] = useState('');
  const word = t('erase.word');
  const erase = useMutation({
    mutationFn: () => ask(api.DELETE('/contacts/{id}', { params: { path: { id: contact.id } } })),
    onSuccess: () => {
      told(t('erase.done'));
      void navigate('/contacts');
      queries.removeQueries({ queryKey: ['contacts', 'one', contact.id] });
      void queries.invalidateQueries({ queryKey: ['contacts'] });
    },
    onError: useFailure(),
  });
  const sure = typed.trim().toLowerCase() === word.toLowerCase();
  return (
    <Modal opened onClose={onClose} title={t('erase.title', { name: shownName(contact) })} closeButtonProps={{ 'aria-label': common('close') }} centered>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          if (sure) erase.mutate();
        }}
      >
        <Stack>
          <Alert color="red" icon={<IconAlertTriangle size={20} />}>{t('erase.warning')}</Alert>
          <List size="sm" spacing={2}>
            <List.Item>{t('erase.conversations', { count: contact.conversations.length })}</List.Item>
            <List.Item>{t('erase.appointments', { count: contact.appointments.length })}</List.Item>
            <List.Item>{t('erase.tasks', { count: contact.tasks.length })}</List.Item>
            <List.Item>{t('erase.rest')}</List.Item>
          </List>
          <Text size="sm" c="dimmed">{t('erase.audit')}</Text>
          <TextInput label={t('erase.type', { word })} value={typed} onChange={(e) => setTyped(e.currentTarget.value)} autoComplete="off" data-autofocus />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{common('cancel')}</Button>
            <Button type="submit" color="red" disabled={!sure} loading={erase.isPending}>{t('erase.confirm')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
