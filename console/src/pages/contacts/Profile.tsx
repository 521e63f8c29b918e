// What staff may write about a contact, changed in place.
import { ActionIcon, Button, Group, Stack, TagsInput, Text, Textarea, TextInput } from '@mantine/core';
import { IconCheck, IconPencil, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask } from '../../api';
import { Tags } from './ContactList';
import { stateFor, type Seen } from './seen';
import { useChange, type Change } from './useChange';
import type { ContactDetail } from './words';

export function Profile({ contact, tag, mayWrite }: { contact: ContactDetail; tag: string | undefined; mayWrite: boolean }) {
  const { t } = useTranslation('contacts');
  const mutation = useChange(contact);
  const saving = mutation.isPending;
  const change = (made: Change, of: string | undefined) => mutation.mutateAsync({ change: made, tag: of });
  return (
    <Stack gap="md">
      <Line label={t('field.name')} value={contact.name} tag={tag} mayWrite={mayWrite} saving={saving} save={(name, of) => change({ name }, of)} />
      <TagLine tags={contact.tags} tag={tag} mayWrite={mayWrite} saving={saving} save={(tags, of) => change({ tags }, of)} />
      <Line
        label={t('field.language')}
        value={contact.language}
        tag={tag}
        hint={t('create.languageHint')}
        mayWrite={mayWrite}
        saving={saving}
        save={(language, of) => change({ language }, of)}
      />
      <Line
        label={t('field.note')}
        value={contact.note}
        tag={tag}
        hint={t('create.noteHint')}
        long
        mayWrite={mayWrite}
        saving={saving}
        save={(note, of) => change({ note }, of)}
      />
    </Stack>
  );
}

/** A labelled value with a pencil; while it is written, a field with Enter, Escape and two buttons. */
export function Line({ label, value, tag, hint, long = false, mayWrite, saving, save }: {
  label: string;
  value: string | null | undefined;
  /** Of the state that is shown; `save` gets that of the state that was changed. */
  tag: string | undefined;
  hint?: string;
  long?: boolean;
  mayWrite: boolean;
  saving: boolean;
  save: (value: string | null, tag: string | undefined) => Promise<unknown>;
}) {
  const [draft, setDraft] = useState<string | null>(null);
  const now: Seen<string> = { value: value ?? '', tag };
  const [then, setThen] = useState(now);
  const { t } = useTranslation('contacts');
  const done = () => {
    const text = draft?.trim() ?? '';
    if (text === then.value || text === now.value) return setDraft(null);
    save(text || null, stateFor(then, now)).then(() => setDraft(null), () => {});
  };
  if (draft === null) {
    return (
      <Shown label={label} edit={mayWrite ? () => (setThen(now), setDraft(now.value)) : undefined}>
        {value ? <Text size="sm" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{value}</Text> : <Text size="sm" c="dimmed">{t('one.nothing')}</Text>}
      </Shown>
    );
  }
  const props = {
    label,
    description: hint,
    value: draft,
    autoFocus: true,
    disabled: saving,
    onChange: (e: { currentTarget: { value: string } }) => setDraft(e.currentTarget.value),
    onKeyDown: (e: React.KeyboardEvent) => {
      if (e.key === 'Escape') setDraft(null);
      if (e.key === 'Enter' && (!long || e.ctrlKey || e.metaKey)) {
        e.preventDefault();
        done();
      }
    },
  };
  return (
    <Stack gap="xs">
      {long ? <Textarea {...props} autosize minRows={3} maxRows={12} /> : <TextInput {...props} />}
      <Buttons saving={saving} save={done} cancel={() => setDraft(null)} />
    </Stack>
  );
}

function TagLine({ tags, tag, mayWrite, saving, save }: {
  tags: string[];
  tag: string | undefined;
  mayWrite: boolean;
  saving: boolean;
  save: (tags: string[], tag: string | undefined) => Promise<unknown>;
}) {
  const { t } = useTranslation('contacts');
  const [draft, setDraft] = useState<string[] | null>(null);
  const now: Seen<string[]> = { value: tags, tag };
  const [then, setThen] = useState(now);
  const known = useQuery({ queryKey: ['contacts', 'tags'], queryFn: () => ask(api.GET('/contacts/tags')), enabled: draft !== null });
  if (draft === null) {
    return (
      <Shown label={t('field.tags')} edit={mayWrite ? () => (setThen(now), setDraft(tags)) : undefined}>
        {tags.length > 0 ? <Tags tags={tags} /> : <Text size="sm" c="dimmed">{t('one.nothing')}</Text>}
      </Shown>
    );
  }
  return (
    <Stack gap="xs">
      <TagsInput label={t('field.tags')} data={(known.data?.tags ?? []).map((entry) => entry.tag)} value={draft} onChange={setDraft} autoFocus />
      <Buttons saving={saving} save={() => void save(draft, stateFor(then, now)).then(() => setDraft(null), () => {})} cancel={() => setDraft(null)} />
    </Stack>
  );
}

function Shown({ label, edit, children }: { label: string; edit?: () => void; children: ReactNode }) {
  const { t } = useTranslation('contacts');
  return (
    <Group justify="space-between" wrap="nowrap" align="flex-start">
      <Stack gap={2} miw={0}>
        <Text size="xs" c="dimmed" fw={600}>{label}</Text>
        {children}
      </Stack>
      {edit && <ActionIcon aria-label={t('one.edit', { field: label })} onClick={edit}><IconPencil size={16} /></ActionIcon>}
    </Group>
  );
}

export function Buttons({ saving, save, cancel }: { saving: boolean; save: () => void; cancel: () => void }) {
  const { t } = useTranslation();
  return (
    <Group gap="xs">
      <Button size="xs" leftSection={<IconCheck size={14} />} loading={saving} onClick={save}>{t('save')}</Button>
      <Button size="xs" variant="default" leftSection={<IconX size={14} />} onClick={cancel}>{t('cancel')}</Button>
    </Group>
  );
}
