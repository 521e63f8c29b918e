// Keys of model vendors: whether there is one, never which.
import { Badge, Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask, useCan, type components } from '../../api';
import { ConfirmButton, ErrorState, LoadingRows, told, useFailure, useProblemText } from '../../ui';
import { Section } from './Section';

type Key = components['schemas']['ModelKey'];

export function ModelKeys() {
  const { t } = useTranslation('settings');
  const queries = useQueryClient();
  const failed = useFailure();
  const mayWrite = useCan('settings:write');
  const [open, setOpen] = useState<Key | null>(null);
  const settings = useQuery({ queryKey: ['settings'], queryFn: () => ask(api.GET('/settings')) });
  const forget = useMutation({
    mutationFn: (vendor: string) => ask(api.DELETE('/settings/model-keys/{vendor}', { params: { path: { vendor } } })),
    onSuccess: () => (told(t('keys.forgotten')), queries.invalidateQueries({ queryKey: ['settings'] })),
    onError: failed,
  });
  const keys = settings.data?.model_keys.filter((k) => k.needs_key || k.own) ?? [];
  return (
    <Section id="models" title={t('keys.title')} text={t('keys.text')}>
      {settings.isPending && <LoadingRows rows={3} />}
      {settings.error && !settings.data && <ErrorState error={settings.error} retry={() => void settings.refetch()} />}
      <Stack gap="sm">
        {keys.map((k) => (
          <Group key={k.vendor} justify="space-between">
            <Group gap="sm">
              <Text fw={600}>{k.vendor}</Text>
              {k.own && <Badge color="teal" variant="light">{t('keys.own')}</Badge>}
              {!k.own && k.server && <Badge color="blue" variant="light">{t('keys.server')}</Badge>}
              {!k.own && !k.server && <Badge color="gray" variant="light">{t('keys.none')}</Badge>}
            </Group>
            {mayWrite && (
              <Group gap="xs">
                <Button size="compact-sm" variant="default" onClick={() => setOpen(k)}>{t(k.own ? 'keys.replace' : 'keys.add')}</Button>
                {k.own && (
                  <ConfirmButton
                    size="compact-sm"
                    question={{ title: t('keys.forgetTitle', { vendor: k.vendor }), text: t('keys.forgetText'), confirm: t('keys.forget') }}
                    onConfirm={() => forget.mutate(k.vendor)}
                  >
                    {t('keys.forget')}
                  </ConfirmButton>
                )}
              </Group>
            )}
          </Group>
        ))}
      </Stack>
      {open && <KeyDialog vendor={open.vendor} onClose={() => setOpen(null)} />}
    </Section>
  );
}

function KeyDialog({ vendor, onClose }: { vendor: string; onClose: () => void }) {
  const { t } = useTranslation(['settings', 'common']);
  const queries = useQueryClient();
  const words = useProblemText();
  const [key, setKey] = useState('');
  const save = useMutation({
    mutationFn: () => ask(api.PUT('/settings/model-keys/{vendor}', { params: { path: { vendor } }, body: { key } })),
    onSuccess: (after) => (queries.setQueryData(['settings'], after), told(t('common:saved')), onClose()),
  });
  return (
    <Modal opened onClose={onClose} title={t('keys.of', { vendor })}>
      <form onSubmit={(e) => (e.preventDefault(), save.mutate())}>
        <Stack>
          <PasswordInput
            label={t('keys.key')}
            description={t('keys.sealed')}
            autoComplete="off"
            data-autofocus
            value={key}
            onChange={(e) => setKey(e.currentTarget.value)}
            error={save.error ? words(save.error) : undefined}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
            <Button type="submit" loading={save.isPending} disabled={key.trim().length < 8}>{t('common:save')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
