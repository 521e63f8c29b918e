// What the bot or staff learnt about a contact.
import { ActionIcon, Button, Card, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { undoable } from '../../ui';
import { Buttons, Line } from './Profile';
import { useChange } from './useChange';
import type { ContactDetail } from './words';

export function Facts({ contact, tag, mayWrite }: { contact: ContactDetail; tag: string | undefined; mayWrite: boolean }) {
  const { t } = useTranslation('contacts');
  const change = useChange(contact);
  const [adding, setAdding] = useState<{ fact: string; value: string } | null>(null);
  const facts = Object.entries(contact.facts);
  const forget = (fact: string, value: string) =>
    change.mutate(
      { change: { facts: { [fact]: null } }, tag },
      { onSuccess: () => undoable(t('facts.removed', { fact }), () => change.mutateAsync({ change: { facts: { [fact]: value } }, tag: undefined })) },
    );
  const save = () => {
    if (!adding?.fact.trim() || !adding.value.trim()) return;
    change.mutateAsync({ change: { facts: { [adding.fact.trim()]: adding.value.trim() } }, tag }).then(() => setAdding(null), () => {});
  };
  return (
    <Card>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h3">{t('facts.title')}</Title>
        {mayWrite && !adding && (
          <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => setAdding({ fact: '', value: '' })}>
            {t('facts.add')}
          </Button>
        )}
      </Group>
      {facts.length === 0 && !adding && <Text size="sm" c="dimmed">{t('facts.none')}</Text>}
      <Stack gap="sm">
        {facts.map(([fact, value]) => (
          <Group key={fact} wrap="nowrap" align="flex-start" gap={2}>
            <Stack flex={1} miw={0}>
              <Line
                label={fact}
                value={value}
                tag={tag}
                mayWrite={mayWrite}
                saving={change.isPending}
                save={(next, of) => change.mutateAsync({ change: { facts: { [fact]: next } }, tag: of })}
              />
            </Stack>
            {mayWrite && (
              <ActionIcon aria-label={t('facts.remove', { fact })} onClick={() => forget(fact, value)}><IconTrash size={16} /></ActionIcon>
            )}
          </Group>
        ))}
        {adding && (
          <Stack gap="xs">
            <TextInput
              label={t('facts.name')}
              placeholder={t('facts.nameHint')}
              value={adding.fact}
              autoFocus
              onChange={(e) => setAdding({ ...adding, fact: e.currentTarget.value })}
            />
            <TextInput
              label={t('facts.value')}
              value={adding.value}
              onChange={(e) => setAdding({ ...adding, value: e.currentTarget.value })}
              onKeyDown={(e) => e.key === 'Enter' && save()}
            />
            <Buttons saving={change.isPending} save={save} cancel={() => setAdding(null)} />
          </Stack>
        )}
      </Stack>
    </Card>
  );
}
