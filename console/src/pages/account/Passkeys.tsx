// Passkeys: made in this browser, renamed, deleted.
import { ActionIcon, Button, Group, Modal, Stack, Table, Text, TextInput } from '@mantine/core';
import { IconFingerprint, IconPencil, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { sendJson } from '../../api/client';
import { makePasskey, passkeysArePossible, type Asked } from '../../api/passkey';
import { SESSION } from '../../api/session';
import { EmptyState, ErrorState, LoadingRows, Time, told, useFailure } from '../../ui';
import { Part } from './Part';
import { Prove } from './Prove';

interface Passkey {
  id: string;
  name: string;
  created_at: string;
  last_used_at: string | null;
}

export function Passkeys() {
  const { t } = useTranslation('account');
  const queries = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [renaming, setRenaming] = useState<Passkey | null>(null);
  const [deleting, setDeleting] = useState<Passkey | null>(null);
  const doors = useQuery({ queryKey: ['doors'], queryFn: () => sendJson<{ passkeys: boolean }>('GET', '/session/options') });
  const keys = useQuery({ queryKey: ['passkeys'], queryFn: () => sendJson<{ items: Passkey[] }>('GET', '/account/passkeys') });
  const again = () => {
    void queries.invalidateQueries({ queryKey: ['passkeys'] });
    void queries.invalidateQueries({ queryKey: SESSION });
  };
  const make = async (password: string) => {
    const begun = await sendJson<Asked>('POST', '/account/passkeys/begin', { password });
    const credential = await makePasskey(begun.options);
    return sendJson<Passkey>('POST', '/account/passkeys', { challenge: begun.challenge, name: t('passkeys.usual'), credential });
  };
  const possible = doors.data?.passkeys && passkeysArePossible();
  return (
    <Part
      title={t('passkeys.title')}
      text={possible || !doors.data ? t('passkeys.text') : t('passkeys.impossible')}
      action={possible && <Button variant="default" leftSection={<IconFingerprint size={16} />} onClick={() => setAdding(true)}>{t('passkeys.add')}</Button>}
    >
      {keys.isPending && <LoadingRows rows={2} />}
      {keys.error && <ErrorState error={keys.error} retry={() => void keys.refetch()} />}
      {keys.data?.items.length === 0 && possible && <EmptyState compact icon={IconFingerprint} title={t('passkeys.none')} text={t('passkeys.noneText')} />}
      {!!keys.data?.items.length && (
        <Table aria-label={t('passkeys.title')}>
          <Table.Tbody>
            {keys.data.items.map((key) => (
              <Table.Tr key={key.id}>
                <Table.Td>
                  <Text fw={500}>{key.name}</Text>
                  <Text size="xs" c="dimmed">
                    {key.last_used_at ? <>{t('passkeys.used')} <Time at={key.last_used_at} as="relative" /></> : t('passkeys.unused')}
                  </Text>
                </Table.Td>
                <Table.Td ta="right">
                  <Group gap={4} justify="flex-end" wrap="nowrap">
                    <ActionIcon aria-label={t('passkeys.rename', { name: key.name })} onClick={() => setRenaming(key)}><IconPencil size={16} /></ActionIcon>
                    <ActionIcon color="red" aria-label={t('passkeys.delete', { name: key.name })} onClick={() => setDeleting(key)}>
                      <IconTrash size={16} />
                    </ActionIcon>
                  </Group>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      <Prove
        opened={adding}
        title={t('passkeys.add')}
        text={t('passkeys.addText')}
        confirm={t('passkeys.add')}
        act={make}
        onClose={() => setAdding(false)}
        onDone={(key) => (setAdding(false), again(), setRenaming(key))}
      />
      <Prove
        opened={!!deleting}
        title={t('passkeys.sure', { name: deleting?.name ?? '' })}
        text={t('passkeys.sureText')}
        confirm={t('common:delete')}
        danger
        act={(password) => sendJson<void>('POST', `/account/passkeys/${deleting?.id}/remove`, { password })}
        onClose={() => setDeleting(null)}
        onDone={() => (setDeleting(null), again(), told(t('passkeys.deleted')))}
      />
      <Rename key={renaming?.id} passkey={renaming} onClose={() => setRenaming(null)} onDone={() => (setRenaming(null), again())} />
    </Part>
  );
}

function Rename({ passkey, onClose, onDone }: { passkey: Passkey | null; onClose: () => void; onDone: () => void }) {
  const { t } = useTranslation('account');
  const failure = useFailure();
  const [name, setName] = useState(passkey?.name ?? '');
  const save = useMutation({
    mutationFn: () => sendJson<void>('PATCH', `/account/passkeys/${passkey?.id}`, { name }),
    onSuccess: onDone,
    onError: failure,
  });
  return (
    <Modal opened={!!passkey} onClose={onClose} title={t('passkeys.name')} centered>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          save.mutate();
        }}
      >
        <Stack>
          <TextInput label={t('passkeys.nameLabel')} required maxLength={60} data-autofocus value={name} onChange={(e) => setName(e.currentTarget.value)} />
          <Button type="submit" loading={save.isPending}>{t('common:save')}</Button>
        </Stack>
      </form>
    </Modal>
  );
}
