// How a contact is reached.
import { ActionIcon, Button, Card, Group, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconAt, IconBrandWhatsapp, IconPhone, IconPlus, IconTrash, IconWorld } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ApiProblem, ask } from '../../api';
import { CopyButton, undoable, useFailure, useProblemText } from '../../ui';
import { shownAddress, type Address, type ContactDetail } from './words';

const ICONS = { phone: IconPhone, email: IconAt, bsuid: IconBrandWhatsapp, visitor: IconWorld };

export function Addresses({ contact, mayWrite }: { contact: ContactDetail; mayWrite: boolean }) {
  const { t } = useTranslation('contacts');
  const queries = useQueryClient();
  const failed = useFailure();
  const again = () => queries.invalidateQueries({ queryKey: ['contacts'] });
  const [adding, setAdding] = useState(false);
  const add = (address: Address) => ask(api.POST('/contacts/{id}/addresses', { params: { path: { id: contact.id } }, body: address }));
  const remove = useMutation({
    mutationFn: (a: Address) =>
      ask(api.DELETE('/contacts/{id}/addresses/{kind}/{value}', { params: { path: { id: contact.id, kind: a.kind, value: a.value } } })),
    onSuccess: (_, address) => {
      void again();
      undoable(t('addresses.removed', { address: shownAddress(address) }), () => add(address).then(again));
    },
    onError: failed,
  });
  return (
    <Card>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h3">{t('addresses.title')}</Title>
        {mayWrite && !adding && (
          <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>{t('addresses.add')}</Button>
        )}
      </Group>
      <Stack gap="xs">
        {contact.addresses.map((a) => {
          const Icon = ICONS[a.kind];
          return (
            <Group key={a.kind + a.value} justify="space-between" wrap="nowrap">
              <Group gap="sm" wrap="nowrap" miw={0}>
                <Icon size={17} aria-label={t(`addresses.${a.kind}`)} />
                <Text size="sm" style={{ overflowWrap: 'anywhere' }}>{shownAddress(a)}</Text>
              </Group>
              <Group gap={2} wrap="nowrap">
                <CopyButton value={shownAddress(a)} />
                {mayWrite && contact.addresses.length > 1 && (
                  <ActionIcon aria-label={t('addresses.remove', { address: shownAddress(a) })} loading={remove.isPending && remove.variables === a} onClick={() => remove.mutate(a)}>
                    <IconTrash size={16} />
                  </ActionIcon>
                )}
              </Group>
            </Group>
          );
        })}
        {adding && <AddAddress add={add} done={() => (setAdding(false), void again())} cancel={() => setAdding(false)} />}
      </Stack>
    </Card>
  );
}

function AddAddress({ add, done, cancel }: { add: (a: Address) => Promise<unknown>; done: () => void; cancel: () => void }) {
  const { t } = useTranslation('contacts');
  const { t: common } = useTranslation();
  const words = useProblemText();
  const [kind, setKind] = useState<'phone' | 'email'>('phone');
  const [value, setValue] = useState('');
  const save = useMutation({ mutationFn: () => add({ kind, value }), onSuccess: done });
  const problem = save.error instanceof ApiProblem ? (save.error.fields[0]?.problem ?? save.error.detail) : save.error ? words(save.error) : null;
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        if (value.trim()) save.mutate();
      }}
    >
      <Stack gap="xs" mt="xs">
        <Group gap="xs" align="flex-start" wrap="nowrap">
          <Select
            w={130}
            aria-label={t('addresses.kind')}
            data={[{ value: 'phone', label: t('addresses.phone') }, { value: 'email', label: t('addresses.email') }]}
            value={kind}
            onChange={(v) => setKind(v === 'email' ? 'email' : 'phone')}
          />
          <TextInput
            flex={1}
            aria-label={t('addresses.value')}
            placeholder={kind === 'phone' ? '+57 300 123 4567' : 'ana@example.com'}
            type={kind === 'phone' ? 'tel' : 'email'}
            value={value}
            error={problem}
            autoFocus
            onChange={(e) => setValue(e.currentTarget.value)}
            onKeyDown={(e) => e.key === 'Escape' && cancel()}
          />
        </Group>
        <Group gap="xs">
          <Button size="xs" type="submit" loading={save.isPending}>{t('addresses.add')}</Button>
          <Button size="xs" variant="default" onClick={cancel}>{common('cancel')}</Button>
        </Group>
      </Stack>
    </form>
  );
}
