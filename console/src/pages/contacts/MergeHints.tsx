// Who may be the same person, and who became part of this one and can be parted again.
import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconArrowsJoin2, IconArrowsSplit2 } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { api, ask } from '../../api';
import { Time, told, useFailure } from '../../ui';
import { MergeContact } from './MergeContact';
import { shownAddress, shownName, type ContactDetail, type ContactView } from './words';

export function MergeHints({ contact, mayMerge }: { contact: ContactDetail; mayMerge: boolean }) {
  const { t } = useTranslation('contacts');
  const [merging, merge] = useDisclosure();
  const [other, setOther] = useState<ContactView>();
  const found = useQuery({
    queryKey: ['contacts', 'duplicates', contact.id],
    queryFn: () => ask(api.GET('/contacts/{id}/duplicates', { params: { path: { id: contact.id } } })),
  });
  const suspects = found.data?.duplicates ?? [];
  return (
    <>
      {suspects.length > 0 && (
        <Alert mb="lg" color="yellow" icon={<IconArrowsJoin2 size={20} />} title={t('hints.title')}>
          <Stack gap="xs">
            {suspects.slice(0, 4).map(({ contact: suspect, why }) => (
              <Group key={suspect.id} justify="space-between" gap="sm">
                <Text size="sm">
                  <Anchor component={Link} to={`/contacts/${suspect.id}`} inherit>{shownName(suspect)}</Anchor>
                  {suspect.name && suspect.addresses[0] ? ` · ${shownAddress(suspect.addresses[0])}` : ''} · {t(`hints.${why}`)}
                </Text>
                {mayMerge && (
                  <Button size="compact-sm" variant="light" onClick={() => (setOther(suspect), merge.open())}>{t('merge.compare')}</Button>
                )}
              </Group>
            ))}
          </Stack>
        </Alert>
      )}
      {mayMerge && contact.merged.map((m) => <Merged key={m.other} survivor={contact.id} other={m.other} at={m.merged_at} />)}
      {merging && other && <MergeContact contact={contact} other={other} onClose={merge.close} />}
    </>
  );
}

function Merged({ survivor, other, at }: { survivor: string; other: string; at: string }) {
  const { t } = useTranslation('contacts');
  const queries = useQueryClient();
  const part = useMutation({
    mutationFn: () => ask(api.POST('/contacts/{id}/unmerge', { params: { path: { id: survivor } }, body: { other } })),
    onSuccess: () => {
      told(t('merge.parted'));
      void queries.invalidateQueries({ queryKey: ['contacts'] });
      void queries.invalidateQueries({ queryKey: ['conversations'] });
    },
    onError: useFailure(),
  });
  return (
    <Alert mb="lg" variant="light" color="gray" icon={<IconArrowsSplit2 size={20} />}>
      <Group justify="space-between" gap="sm">
        <Text size="sm">{t('merge.was')} <Time at={at} /></Text>
        <Button size="compact-sm" variant="default" loading={part.isPending} onClick={() => part.mutate()}>{t('merge.part')}</Button>
      </Group>
    </Alert>
  );
}
