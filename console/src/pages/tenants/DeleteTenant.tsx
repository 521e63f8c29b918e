// Deleting a business takes its name, typed: there is no way back but a backup.
import { Alert, Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask } from '../../api';
import { told, useFailure } from '../../ui';
import type { Tenant } from '.';

export function DeleteTenant({ tenant, onClose }: { tenant: Tenant; onClose: () => void }) {
  const { t } = useTranslation(['tenants', 'common']);
  const queries = useQueryClient();
  const failed = useFailure();
  const [typed, setTyped] = useState('');
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE('/tenants/{id}', { params: { path: { id: tenant.id } } })),
    onSuccess: () => (told(t('delete.done', { name: tenant.name })), void queries.invalidateQueries(), onClose()),
    onError: failed,
  });
  return (
    <Modal opened onClose={onClose} title={t('delete.title', { name: tenant.name })}>
      <form onSubmit={(e) => (e.preventDefault(), typed === tenant.name && remove.mutate())}>
        <Stack>
          <Alert color="red">{t('delete.text')}</Alert>
          <TextInput label={t('delete.type', { name: tenant.name })} data-autofocus value={typed} onChange={(e) => setTyped(e.currentTarget.value)} autoComplete="off" />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
            <Button type="submit" color="red" disabled={typed !== tenant.name} loading={remove.isPending}>{t('delete.button')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
