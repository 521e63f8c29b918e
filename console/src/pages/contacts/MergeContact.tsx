// Two contacts become one: choose the other, see what would happen, do it. It can be undone for a while.
import { Alert, Button, Group, Modal, Radio, Select, Skeleton, Stack, Table, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask } from '../../api';
import { ErrorState, undoable, useFailure } from '../../ui';
import { shownAddress, shownName, type ContactDetail, type ContactView } from './words';

type Prefer = 'this' | 'other';

export function MergeContact({ contact, other: given, onClose }: { contact: ContactDetail; other?: ContactView; onClose: () => void }) {
  const { t } = useTranslation('contacts');
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const [other, setOther] = useState<ContactView | undefined>(given);
  const [prefer, setPrefer] = useState<Prefer>('this');
  const again = () => {
    void queries.invalidateQueries({ queryKey: ['contacts'] });
    void queries.invalidateQueries({ queryKey: ['conversations'] });
  };
  const merge = useMutation({
    mutationFn: (id: string) => ask(api.POST('/contacts/{id}/merge', { params: { path: { id: contact.id } }, body: { other: id, prefer } })),
    onSuccess: (_, id) => {
      again();
      onClose();
      undoable(t('merge.done'), async () => {
        await ask(api.POST('/contacts/{id}/unmerge', { params: { path: { id: contact.id } }, body: { other: id } }));
        again();
      });
    },
    onError: useFailure(),
  });
  return (
    <Modal opened onClose={onClose} size="lg" title={t('merge.title', { name: shownName(contact) })} closeButtonProps={{ 'aria-label': common('close') }}>
      <Stack>
        <Text size="sm" c="dimmed">{t('merge.text')}</Text>
        {!given && <Chooser self={contact.id} chosen={other} choose={setOther} />}
        {other && <Preview contact={contact} other={other} prefer={prefer} setPrefer={setPrefer} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{common('cancel')}</Button>
          <Button disabled={!other} loading={merge.isPending} onClick={() => other && merge.mutate(other.id)}>{t('merge.confirm')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Chooser({ self, chosen, choose }: { self: string; chosen?: ContactView; choose: (c: ContactView | undefined) => void }) {
  const { t } = useTranslation('contacts');
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed.trim(), 200);
  const found = useQuery({
    queryKey: ['contacts', 'choose', q],
    queryFn: () => ask(api.GET('/contacts', { params: { query: { q: q || undefined, limit: 20 } } })),
    placeholderData: keepPreviousData,
  });
  const options = (found.data?.items ?? []).filter((c) => c.id !== self);
  const shown = chosen && !options.some((c) => c.id === chosen.id) ? [chosen, ...options] : options;
  return (
    <Select
      label={t('merge.other')}
      placeholder={t('list.searchHint')}
      data-autofocus
      searchable
      data={shown.map((c) => ({ value: c.id, label: [shownName(c), ...c.addresses.slice(0, 1).map(shownAddress)].join(' · ') }))}
      value={chosen?.id ?? null}
      onSearchChange={setTyped}
      filter={({ options: all }) => all}
      nothingFoundMessage={t('list.nobody')}
      onChange={(id) => choose(shown.find((c) => c.id === id))}
    />
  );
}

function Preview({ contact, other, prefer, setPrefer }: {
  contact: ContactDetail;
  other: ContactView;
  prefer: Prefer;
  setPrefer: (prefer: Prefer) => void;
}) {
  const { t } = useTranslation('contacts');
  const preview = useQuery({
    queryKey: ['contacts', 'merge', contact.id, other.id, prefer],
    queryFn: () => ask(api.GET('/contacts/{id}/merge-preview', { params: { path: { id: contact.id }, query: { other: other.id, prefer } } })),
    placeholderData: keepPreviousData,
  });
  if (preview.isPending) return <Skeleton height={120} />;
  if (!preview.data) return <ErrorState error={preview.error} retry={() => void preview.refetch()} />;
  const { moves, clashes, undo_days } = preview.data;
  const parts = (['addresses', 'conversations', 'appointments', 'tasks'] as const).filter((what) => moves[what] > 0);
  return (
    <Stack>
      <Text size="sm">
        {parts.length > 0
          ? t('merge.moves', { what: parts.map((what) => t(`merge.count.${what}`, { count: moves[what] })).join(', ') })
          : t('merge.nothingMoves')}
      </Text>
      {clashes.length > 0 && (
        <>
          <Radio.Group label={t('merge.prefer')} value={prefer} onChange={(value) => setPrefer(value as Prefer)}>
            <Group mt="xs">
              <Radio value="this" label={shownName(contact)} />
              <Radio value="other" label={`${shownName(other)} (${t('merge.theOther')})`} />
            </Group>
          </Radio.Group>
          <Table withTableBorder aria-label={t('merge.clashes')}>
            <Table.Thead>
              <Table.Tr><Table.Th>{t('merge.what')}</Table.Th><Table.Th>{t('merge.kept')}</Table.Th><Table.Th>{t('merge.dropped')}</Table.Th></Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {clashes.map((c) => (
                <Table.Tr key={c.what}>
                  <Table.Td>{t(`field.${c.what}`, { defaultValue: c.what })}</Table.Td>
                  <Table.Td fw={600}>{c.kept}</Table.Td>
                  <Table.Td c="dimmed" td="line-through">{c.dropped}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </>
      )}
      <Alert variant="light" color="gray">{t('merge.undo', { count: undo_days })}</Alert>
    </Stack>
  );
}
