// A message that the channel allows outside its window: an approved template, with its blanks filled in.
import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ErrorState, LoadingRows } from '../../ui';
import { useTemplates, type Template } from './data';
import type { Conversation, Part } from './model';
import { blanks, isFilled, part, preview, type Values } from './template';

export function TemplatePicker({ of, opened, onClose, onSend }: { of: Conversation; opened: boolean; onClose: () => void; onSend: (part: Part) => void }) {
  const { t } = useTranslation('inbox');
  return (
    <Modal opened={opened} onClose={onClose} title={t('template.title')} closeButtonProps={{ 'aria-label': t('common:close') }}>
      {opened && <Form of={of} onClose={onClose} onSend={onSend} />}
    </Modal>
  );
}

const NOTHING: Values = { header: {}, body: {} };
const key = (one: Template) => `${one.name} ${one.language}`;

function Form({ of, onClose, onSend }: { of: Conversation; onClose: () => void; onSend: (part: Part) => void }) {
  const { t } = useTranslation('inbox');
  const templates = useTemplates(of.channel.id);
  const [chosen, setChosen] = useState<string | null>(null);
  const [values, setValues] = useState(NOTHING);
  const template = templates.data?.find((one) => key(one) === chosen);
  if (templates.isPending) return <LoadingRows rows={3} />;
  if (!templates.data) return <ErrorState error={templates.error} retry={() => void templates.refetch()} />;
  if (templates.data.length === 0) return <Text size="sm">{t('template.none')}</Text>;
  const ready = template && !template.needs_more && isFilled(template, values);
  return (
    <Stack>
      <Select
        label={t('template.template')}
        placeholder={t('template.choose')}
        searchable
        data={templates.data.map((one) => ({ value: key(one), label: `${one.name} (${one.language})` }))}
        value={chosen}
        onChange={(next) => (setChosen(next), setValues(NOTHING))}
        data-autofocus
      />
      {template?.needs_more && <Text size="sm" c="orange">{t('template.needsMore', { what: template.needs_more })}</Text>}
      {template && !template.needs_more && (
        <>
          {(['header', 'body'] as const).flatMap((place) =>
            blanks(template[place]).map((name) => (
              <TextInput
                key={`${place} ${name}`}
                label={t(place === 'header' ? 'template.blankHeader' : 'template.blank', { name })}
                value={values[place][name] ?? ''}
                onChange={(e) => {
                  const text = e.currentTarget.value;
                  setValues((all) => ({ ...all, [place]: { ...all[place], [name]: text } }));
                }}
              />
            )),
          )}
          <div>
            <Text size="sm" fw={550}>{t('template.preview')}</Text>
            <Text size="sm" p="sm" mt={4} style={{ whiteSpace: 'pre-wrap', background: 'var(--fd-sunken)', borderRadius: 10 }} dir="auto">
              {preview(template, values)}
            </Text>
            {template.buttons.length > 0 && <Text size="xs" c="dimmed" mt={4}>{t('template.buttons')} {template.buttons.join(' · ')}</Text>}
          </div>
        </>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
        <Button disabled={!ready} onClick={() => template && (onSend(part(template, values)), onClose())}>{t('composer.send')}</Button>
      </Group>
    </Stack>
  );
}
