// Every business on this server, for whoever runs it.
import { Alert, Badge, Button, Group, Modal, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconBuildingStore, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask, SESSION, type components } from '../../api';
import { DataTable, EmptyState, PageBody, PageHeader, Time, showInForm, undoable, useFailure, useProblemText, type Column } from '../../ui';
import { DeleteTenant } from './DeleteTenant';

export type Tenant = components['schemas']['TenantView'];

export default function TenantsPage() {
  const { t } = useTranslation('tenants');
  const queries = useQueryClient();
  const failed = useFailure();
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState<Tenant | null>(null);
  const tenants = useQuery({ queryKey: ['tenants'], queryFn: () => ask(api.GET('/tenants')) });
  const change = useMutation({
    mutationFn: ({ id, active }: { id: string; active: boolean }) => ask(api.PATCH('/tenants/{id}', { params: { path: { id } }, body: { active } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['tenants'] }),
    onError: failed,
  });
  const columns: Column<Tenant>[] = [
    { key: 'name', title: t('name'), render: (x) => <><Text fw={600}>{x.name}</Text><Text size="xs" c="dimmed">{x.id}</Text></> },
    { key: 'type', title: t('type'), render: (x) => x.business_type, minor: true },
    { key: 'zone', title: t('zone'), render: (x) => x.time_zone, minor: true },
    { key: 'members', title: t('members'), render: (x) => x.members, align: 'right' },
    { key: 'channels', title: t('channels'), render: (x) => x.channels, align: 'right' },
    { key: 'created', title: t('created'), render: (x) => <Time at={x.created_at} as="date" />, minor: true },
    {
      key: 'active',
      title: t('active'),
      render: (x) => (
        <Group gap="xs" wrap="nowrap">
          <Switch
            aria-label={t('answersAt', { name: x.name })}
            checked={x.active}
            onChange={(e) => {
              const active = e.currentTarget.checked;
              change.mutate({ id: x.id, active }, { onSuccess: () => undoable(t(active ? 'isOn' : 'isOff', { name: x.name }), () => change.mutateAsync({ id: x.id, active: !active })) });
            }}
          />
          {!x.active && <Badge color="gray" variant="light">{t('off')}</Badge>}
          <Button size="compact-xs" variant="subtle" color="red" onClick={() => setDeleting(x)}>{t('delete.button')}</Button>
        </Group>
      ),
    },
  ];
  return (
    <PageBody>
      <PageHeader title={t('title')} text={t('text')} actions={<Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>{t('create')}</Button>} />
      <DataTable
        label={t('title')}
        columns={columns}
        rowKey={(x) => x.id}
        pages={{ items: tenants.data?.items, error: tenants.error, isPending: tenants.isPending, refetch: tenants.refetch }}
        empty={<EmptyState icon={IconBuildingStore} title={t('empty.title')} text={t('empty.text')} />}
      />
      {creating && <CreateDialog onClose={() => setCreating(false)} />}
      {deleting && <DeleteTenant tenant={deleting} onClose={() => setDeleting(null)} />}
    </PageBody>
  );
}

function CreateDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(['tenants', 'common']);
  const queries = useQueryClient();
  const words = useProblemText();
  const [problem, setProblem] = useState<string | null>(null);
  const form = useForm({
    initialValues: { name: '', business_type: 'salon', time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone, language: navigator.language, currency: 'USD' },
    validate: { name: (v) => (v.trim() ? null : t('needed')) },
  });
  const create = useMutation({
    mutationFn: (v: typeof form.values) => ask(api.POST('/tenants', { body: v })),
    onSuccess: () => (void queries.invalidateQueries({ queryKey: ['tenants'] }), void queries.invalidateQueries({ queryKey: SESSION }), onClose()),
    onError: (error) => setProblem(showInForm(form, error) ?? words(error)),
  });
  return (
    <Modal opened onClose={onClose} title={t('create')}>
      <form onSubmit={form.onSubmit((v) => create.mutate(v))}>
        <Stack>
          {problem && <Alert color="red" role="alert">{problem}</Alert>}
          <TextInput label={t('name')} required data-autofocus {...form.getInputProps('name')} />
          <TextInput label={t('type')} {...form.getInputProps('business_type')} />
          <TextInput label={t('zone')} {...form.getInputProps('time_zone')} />
          <TextInput label={t('language')} {...form.getInputProps('language')} />
          <TextInput label={t('currency')} {...form.getInputProps('currency')} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
            <Button type="submit" loading={create.isPending}>{t('create')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
