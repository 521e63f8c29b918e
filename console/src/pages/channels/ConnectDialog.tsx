// Connecting or changing a channel whose form its kind describes itself.
import { Alert, Button, Group, Modal, PasswordInput, Select, Stack, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask, useCan } from '../../api';
import { useProblemText } from '../../ui';
import type { Channel, Kind } from '.';

export function ConnectDialog({ kind, channel, onClose }: { kind: Kind; channel?: Channel; onClose: () => void }) {
  const { t } = useTranslation(['channels', 'common']);
  const queries = useQueryClient();
  const words = useProblemText();
  const mayLocations = useCan('location:read');
  const locations = useQuery({ queryKey: ['locations'], queryFn: async () => (await ask(api.GET('/locations'))).items, enabled: mayLocations });
  const [problem, setProblem] = useState<string | null>(null);
  const form = useForm({
    initialValues: {
      name: channel?.name ?? kind.name,
      account: channel?.account ?? '',
      location: channel?.location ?? '',
      mock: channel?.mock ?? false,
      settings: Object.fromEntries(kind.settings.filter((s) => !s.secret).map((s) => [s.key, channel?.settings[s.key] ?? ''])),
      secrets: Object.fromEntries(kind.settings.filter((s) => s.secret).map((s) => [s.key, ''])),
    },
    validate: {
      name: (v) => (v.trim() ? null : t('needed')),
      settings: Object.fromEntries(
        kind.settings.filter((s) => !s.secret && s.required).map((s) => [s.key, (v: string) => (v.trim() ? null : t('needed'))]),
      ),
    },
  });
  const save = useMutation({
    mutationFn: (v: typeof form.values) => {
      const filled = (all: Record<string, string>) => Object.fromEntries(Object.entries(all).filter(([, value]) => value.trim() !== ''));
      if (channel) {
        const settings = Object.fromEntries(Object.entries(v.settings).map(([k, value]) => [k, value.trim() || null]));
        const body = { name: v.name, location: v.location, mock: v.mock, settings, secrets: filled(v.secrets) };
        return ask(api.PATCH('/channels/{id}', { params: { path: { id: channel.id } }, body: body as never }));
      }
      const body = { kind: kind.key, name: v.name, location: v.location, mock: v.mock, settings: filled(v.settings), secrets: filled(v.secrets), account: v.account.trim() || null };
      return ask(api.POST('/channels', { body: body as never }));
    },
    onSuccess: () => (void queries.invalidateQueries({ queryKey: ['channels'] }), onClose()),
    onError: (error) => setProblem(words(error)),
  });
  return (
    <Modal opened onClose={onClose} title={channel ? t('change', { name: channel.name }) : t('connectKind', { kind: kind.name })} size="lg">
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack>
          {problem && <Alert color="red" role="alert">{problem}</Alert>}
          <TextInput label={t('name')} required data-autofocus {...form.getInputProps('name')} />
          {!channel && <TextInput label={t('account')} description={t(kind.settings.length > 0 ? 'accountHelp' : 'accountOptional')} {...form.getInputProps('account')} />}
          {(locations.data?.length ?? 0) > 0 && (
            <Select
              label={t('location')}
              description={t('locationHelp')}
              data={[{ value: '', label: t('everywhere') }, ...(locations.data ?? []).map((l) => ({ value: l.id, label: l.name }))]}
              allowDeselect={false}
              {...form.getInputProps('location')}
            />
          )}
          {kind.settings.map((s) =>
            s.secret ? (
              <PasswordInput
                key={s.key}
                label={s.label}
                description={s.help}
                placeholder={channel?.secrets[s.key] ? t('isSet') : undefined}
                autoComplete="off"
                {...form.getInputProps(`secrets.${s.key}`)}
              />
            ) : (
              <TextInput key={s.key} label={s.label} description={s.help} required={s.required} {...form.getInputProps(`settings.${s.key}`)} />
            ),
          )}
          <Switch label={t('mock')} description={t('mockHelp')} {...form.getInputProps('mock', { type: 'checkbox' })} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
            <Button type="submit" loading={save.isPending}>{channel ? t('common:save') : t('connect')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
