// API keys: for programs, each with no more than it needs.
import { Badge, Button, Code, Group, Stack, Text } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { sendJson } from '../../api/client';
import { usePages, type Page } from '../../api/pages';
import { useCan } from '../../api/session';
import { ConfirmButton, DataTable, EmptyState, PageBody, PageHeader, Time, told, useFailure, type Column } from '../../ui';
import { NewKey } from './NewKey';

export const KEYS = ['keys'] as const;

export interface Key {
  id: string;
  name: string;
  prefix: string;
  scopes: string[];
  state: 'valid' | 'expired' | 'revoked';
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
}

const COLORS = { valid: 'green', expired: 'orange', revoked: 'gray' } as const;

export default function Keys() {
  const { t } = useTranslation('keys');
  const may = useCan('key:write');
  const [making, setMaking] = useState(false);
  const queries = useQueryClient();
  const failure = useFailure();
  const keys = usePages<Key>(KEYS, (cursor) =>
    sendJson<Page<Key>>('GET', cursor ? `/keys?cursor=${encodeURIComponent(cursor)}` : '/keys'),
  );
  const revoke = useMutation({
    mutationFn: (key: Key) => sendJson<void>('DELETE', `/keys/${key.id}`),
    onSuccess: () => (void queries.invalidateQueries({ queryKey: KEYS }), told(t('revoked'))),
    onError: failure,
  });
  const columns: Column<Key>[] = [
    {
      key: 'name',
      title: t('name'),
      render: (k) => (
        <div>
          <Group gap="xs">
            <Text fw={500}>{k.name}</Text>
            <Badge color={COLORS[k.state]} variant="light">{t(`state.${k.state}`)}</Badge>
          </Group>
          <Code>{k.prefix}…</Code>
        </div>
      ),
    },
    { key: 'scopes', title: t('scopes'), render: (k) => <Text size="sm">{k.scopes.join(', ')}</Text> },
    { key: 'used', title: t('used'), minor: true, width: 140, render: (k) => (k.last_used_at ? <Time at={k.last_used_at} as="relative" /> : <Text c="dimmed" size="sm">{t('never')}</Text>) },
    { key: 'expires', title: t('expires'), minor: true, width: 140, render: (k) => (k.expires_at ? <Time at={k.expires_at} as="date" /> : <Text c="dimmed" size="sm">{t('endless')}</Text>) },
    ...(may
      ? [
          {
            key: 'acts',
            title: '',
            width: 110,
            align: 'right' as const,
            render: (k: Key) =>
              k.state !== 'revoked' && (
                <ConfirmButton
                  size="compact-sm"
                  question={{ title: t('revokeTitle', { name: k.name }), text: t('revokeText'), confirm: t('revoke') }}
                  onConfirm={() => revoke.mutate(k)}
                >
                  {t('revoke')}
                </ConfirmButton>
              ),
          },
        ]
      : []),
  ];
  const make = may && (
    <Button leftSection={<IconPlus size={18} />} onClick={() => setMaking(true)}>
      {t('make')}
    </Button>
  );
  return (
    <PageBody>
      <PageHeader title={t('title')} text={t('text')} actions={make} />
      <Stack>
        <DataTable label={t('title')} columns={columns} pages={keys} rowKey={(k) => k.id} empty={<EmptyState icon={IconKey} title={t('none')} text={t('noneText')} action={make} />} />
      </Stack>
      <NewKey opened={making} onClose={() => setMaking(false)} />
    </PageBody>
  );
}
