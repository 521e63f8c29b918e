// A message that the channel allows outside its window: an approved template, with its blanks filled in.
import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ErrorState, LoadingRows } from '../../ui';
import { useTemplates, type Template } from './data';
import type { Conversation, Part } from './model';

export function TemplatePicker({ of, opened, onClose, onSend }: { of: Conversation; opened: boolean; onClose: () => void; onSend: (part: Part) => void }) {
  const { t } = useTranslation('inbox');
  return (
    <Modal opened={opened} onClose={onClose} title={t('template.title')} closeButtonProps={{ 'aria-label': t('common:close') }}>
      {opened && <Form of={of} onClose={onClose} onSend={onSend} />}
    </Modal>
  );
}

function Form({ of, onClose, onSend }: { of: Conversation; onClose: () => void; onSend: (part: Part) => void }) {
  const { t } = useTranslation('inbox');
  const templates = useTemplates(of.channel.id);
  const [chosen, setChosen] = useState<string | null>(null);
  const [values, setValues] = useState<string[]>([]);
  const template = templates.data?.find((one) => key(one) === chosen);
  const blanks = useMemo(() => (template ? countBlanks(template.text) : 0), [template]);
  const filled = template && Array.from({ length: blanks }, (_, i) => values[i]?.trim() ?? '');
  if (templates.isPending) return <LoadingRows rows={3} />;
  if (templates.error && !templates.data) return <ErrorState error={templates.error} retry={() => void templates.refetch()} />;
  if (templates.data?.length === 0) return <Text size="sm">{t('template.none')}</Text>;
  return (
    <Stack>
      <Select
        label={t('template.template')}
        placeholder={t('template.choose')}
        searchable
        data={(templates.data ?? []).map((one) => ({ value: key(one), label: `${one.name} (${one.language})` }))}
        value={chosen}
        onChange={(next) => (setChosen(next), setValues([]))}
        data-autofocus
      />
      {template && filled && (
        <>
          {filled.map((value, i) => (
            <TextInput
              key={i}
              label={t('template.blank', { n: i + 1 })}
              value={values[i] ?? ''}
              onChange={(e) => {
                const next = [...values];
                next[i] = e.currentTarget.value;
                setValues(next);
              }}
              error={value.includes('\n') ? t('template.oneLine') : undefined}
            />
          ))}
          <div>
            <Text size="sm" fw={550}>{t('template.preview')}</Text>
            <Text size="sm" p="sm" mt={4} style={{ whiteSpace: 'pre-wrap', background: 'var(--fd-sunken)', borderRadius: 10 }}>{preview(template.text, filled)}</Text>
          </div>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
            <Button disabled={filled.some((v) => v === '')} onClick={() => (onSend(part(template, filled)), onClose())}>{t('composer.send')}</Button>
          </Group>
        </>
      )}
    </Stack>
  );
}

const key = (one: Template) => `${one.name} ${one.language}`;

export function countBlanks(text: string): number {
  return Math.max(0, ...[...text.matchAll(/{{\s*(\d+)\s*}}/g)].map((m) => Number(m[1])));
}

export function preview(text: string, values: string[]): string {
  return text.replace(/{{\s*(\d+)\s*}}/g, (whole, n: string) => values[Number(n) - 1] || whole);
}

export function part(template: Template, values: string[]): Part {
  const body = { type: 'body', parameters: values.map((text) => ({ type: 'text', text })) };
  return { type: 'template', name: template.name, language: template.language, components: values.length > 0 ? [body] : [], preview: preview(template.text, values) };
}
