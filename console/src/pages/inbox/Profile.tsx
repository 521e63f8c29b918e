// The contact's own data, to be corrected where one sees that it is wrong.
import { Badge, Box, Button, Group, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPencil } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useCan } from '../../api';
import { CopyButton, shownAddress, showInForm, undoable, useProblemText } from '../../ui';
import { useChangeContact, type Contact } from './data';
import { edited, opened } from './edited';

export function Profile({ contact, tag }: { contact: Contact; tag: string | undefined }) {
  const { t } = useTranslation('inbox');
  const may = useCan('contact:write');
  const [editing, setEditing] = useState(false);
  if (editing) return <Edit contact={contact} tag={tag} onDone={() => setEditing(false)} />;
  return (
    <Stack gap={6}>
      {contact.addresses.map((a) => (
        <Group key={`${a.kind} ${a.value}`} gap={4} wrap="nowrap">
          <Box flex={1} miw={0}>
            <Text size="xs" c="dimmed">{t(`address.${a.kind}`, { defaultValue: a.kind })}</Text>
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>{shownAddress(a)}</Text>
          </Box>
          <CopyButton value={a.kind === 'phone' ? `+${a.value}` : a.value} label={t('panel.copy', { what: a.value })} />
        </Group>
      ))}
      {contact.language && <Line label={t('panel.language')} value={languageName(contact.language, t('common:lang'))} />}
      {Object.entries(contact.facts).map(([key, value]) => <Line key={key} label={key} value={value} />)}
      {contact.note && <Line label={t('panel.note')} value={contact.note} />}
      {contact.tags.length > 0 && (
        <Group gap={4}>
          {contact.tags.map((one) => <Badge key={one} size="sm" color="gray">{one}</Badge>)}
        </Group>
      )}
      {may && (
        <Button variant="default" size="xs" leftSection={<IconPencil size={14} />} onClick={() => setEditing(true)} style={{ alignSelf: 'flex-start' }}>
          {t('panel.edit')}
        </Button>
      )}
    </Stack>
  );
}

function Line({ label, value }: { label: string; value: string }) {
  return (
    <Box>
      <Text size="xs" c="dimmed">{label}</Text>
      <Text size="sm" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }} dir="auto">{value}</Text>
    </Box>
  );
}

function Edit({ contact, tag, onDone }: { contact: Contact; tag: string | undefined; onDone: () => void }) {
  const { t } = useTranslation('inbox');
  const change = useChangeContact(contact.id);
  const words = useProblemText();
  const [problem, setProblem] = useState<string | null>(null);
  // What somebody else, or the bot, writes meanwhile comes to light when this is saved.
  const [start] = useState(() => opened(contact, tag));
  const form = useForm({ mode: 'uncontrolled', initialValues: start.before });
  const save = form.onSubmit((values) => {
    const made = edited(start, values);
    if (!made) return onDone();
    change.mutate(
      { change: made.change, tag: start.tag },
      {
        onSuccess: () => {
          undoable(t('panel.saved'), () => change.mutateAsync({ change: made.undo, tag: undefined }));
          onDone();
        },
        onError: (error) => setProblem(showInForm(form, error) && words(error)),
      },
    );
  });
  return (
    <form onSubmit={save}>
      <Stack gap="xs">
        <TextInput size="sm" label={t('panel.name')} key={form.key('name')} {...form.getInputProps('name')} data-autofocus autoFocus />
        <Select size="sm" label={t('panel.language')} clearable searchable data={languageChoices(t('common:lang'), start.before.language)} placeholder={t('panel.languageOfBusiness')} key={form.key('language')} {...form.getInputProps('language')} />
        <Textarea size="sm" label={t('panel.note')} description={t('panel.noteText')} autosize minRows={2} maxRows={8} key={form.key('note')} {...form.getInputProps('note')} />
        {problem && <Text size="sm" c="red" role="alert">{problem}</Text>}
        <Group gap="xs">
          <Button size="xs" type="submit" loading={change.isPending}>{t('common:save')}</Button>
          <Button size="xs" variant="default" onClick={onDone}>{t('common:cancel')}</Button>
        </Group>
      </Stack>
    </form>
  );
}

const LANGUAGES = ['ar', 'ca', 'de', 'en', 'es', 'eu', 'fr', 'gl', 'hi', 'it', 'ja', 'nl', 'pl', 'pt', 'ro', 'ru', 'tr', 'uk', 'zh'];

function languageChoices(reader: string, own: string): { value: string; label: string }[] {
  const tags = own && !LANGUAGES.includes(own) ? [own, ...LANGUAGES] : LANGUAGES;
  return tags.map((value) => ({ value, label: languageName(value, reader) })).sort((a, b) => a.label.localeCompare(b.label));
}

export function languageName(tag: string, reader: string): string {
  try {
    return new Intl.DisplayNames([reader], { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
