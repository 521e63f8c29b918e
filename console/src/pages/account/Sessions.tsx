// Where you are signed in, and how to end it.
import { Badge, Button, Group, Table, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { sendJson } from '../../api/client';
import { ConfirmButton, ErrorState, LoadingRows, Time, told, useFailure } from '../../ui';
import { browserName } from './browser';
import { Part } from './Part';

interface Info {
  id: string;
  device: string;
  address: string;
  created_at: string;
  last_seen_at: string;
  current: boolean;
}

export function Sessions() {
  const { t } = useTranslation('account');
  const queries = useQueryClient();
  const failure = useFailure();
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: () => sendJson<{ items: Info[] }>('GET', '/sessions') });
  const end = useMutation({
    mutationFn: (id: string | null) => sendJson<void>('DELETE', id ? `/sessions/${id}` : '/sessions'),
    onSuccess: () => (void queries.invalidateQueries({ queryKey: ['sessions'] }), told(t('sessions.ended'))),
    onError: failure,
  });
  const others = sessions.data?.items.some((s) => !s.current);
  return (
    <Part
      title={t('sessions.title')}
      text={t('sessions.text')}
      action={
        others && (
          <ConfirmButton size="sm" question={{ title: t('sessions.endOthers'), text: t('sessions.endOthersText'), confirm: t('sessions.endOthers') }} onConfirm={() => end.mutate(null)}>
            {t('sessions.endOthers')}
          </ConfirmButton>
        )
      }
    >
      {sessions.isPending && <LoadingRows rows={2} />}
      {sessions.error && <ErrorState error={sessions.error} retry={() => void sessions.refetch()} />}
      {sessions.data && (
        <Table aria-label={t('sessions.title')}>
          <Table.Tbody>
            {sessions.data.items.map((s) => (
              <Table.Tr key={s.id}>
                <Table.Td>
                  <Group gap="xs">
                    <Text fw={500}>{browserName(s.device) ?? t('sessions.unknown')}</Text>
                    {s.current && <Badge variant="light">{t('sessions.current')}</Badge>}
                  </Group>
                  <Text size="xs" c="dimmed">
                    {s.address} · {t('sessions.seen')} <Time at={s.last_seen_at} as="relative" />
                  </Text>
                </Table.Td>
                <Table.Td ta="right">
                  {!s.current && (
                    <Button size="compact-sm" variant="default" onClick={() => end.mutate(s.id)}>
                      {t('sessions.end')}
                    </Button>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Part>
  );
}
