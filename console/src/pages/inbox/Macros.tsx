// The saved replies of the team: written, changed and removed where they are used.
import { ActionIcon, Button, Code, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconMessage2Bolt, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useCan } from '../../api';
import { EmptyState, ErrorState, LoadingRows, showInForm, undoable, useFailure, useProblemText } from '../../ui';
import { useMacros, useRemoveMacro, useSaveMacro, type Macro } from './data';

const PLACES = ['contact.name', 'contact.first_name', 'business.name', 'staff.name'];

export default function Macros({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('inbox');
  const [edited, setEdited] = useState<Macro | 'new' | null>(null);
  return (
    <Modal opened={opened} onClose={onClose} size="lg" title={t('macro.title')} closeButtonProps={{ 'aria-label': t('common:close') }}>
      {edited ? <Edit key={edited === 'new' ? 'new' : edited.id} macro={edited === 'new' ? undefined : edited} onDone={() => setEdited(null)} /> : <All onEdit={setEdited} />}
    </Modal>
  );
}

function All({ onEdit }: { onEdit: (macro: Macro | 'new') => void }) {
  const { t } = useTranslation('inbox');
  const may = useCan('macro:write');
  const macros = useMacros(true);
  const remove = useRemoveMacro();
  const save = useSaveMacro();
  const failed = useFailure();
  const add = may && <Button size="sm" leftSection={<IconPlus size={16} />} onClick={() => onEdit('new')}>{t('macro.new')}</Button>;
  if (macros.isPending) return <LoadingRows rows={4} />;
  if (!macros.data) return <ErrorState error={macros.error} retry={() => void macros.refetch()} />;
  if (macros.data.length === 0) return <EmptyState compact icon={IconMessage2Bolt} title={t('macro.empty')} text={t('macro.emptyText')} action={add} />;
  const drop = (macro: Macro) =>
    remove.mutate(macro.id, {
      onSuccess: () => undoable(t('macro.removed', { name: macro.name }), () => save.mutateAsync({ name: macro.name, text: macro.text })),
      onError: failed,
    });
  return (
    <Stack gap="xs">
      {macros.data.map((macro) => (
        <Group key={macro.id} wrap="nowrap" align="flex-start" gap="xs">
          <div style={{ flex: 1, minWidth: 0 }}>
            <Text size="sm" fw={600}>/{macro.name}</Text>
            <Text size="sm" c="dimmed" lineClamp={2}>{macro.text}</Text>
          </div>
          {may && (
            <>
              <ActionIcon onClick={() => onEdit(macro)} aria-label={t('macro.edit', { name: macro.name })}><IconPencil size={16} /></ActionIcon>
              <ActionIcon onClick={() => drop(macro)} aria-label={t('macro.remove', { name: macro.name })}><IconTrash size={16} /></ActionIcon>
            </>
          )}
        </Group>
      ))}
      {add && <div>{add}</div>}
    </Stack>
  );
}

function Edit({ macro, onDone }: { macro: Macro | undefined; onDone: () => void }) {
  const { t } = useTranslation('inbox');
  const save = useSaveMacro();
  const words = useProblemText();
  const [problem, setProblem] = useState<string | null>(null);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: macro?.name ?? '', text: macro?.text ?? '' },
    validate: {
      name: (name) => (/^\S{1,80}$/.test(name.trim()) ? null : t('macro.nameRule')),
      text: (text) => (text.trim() === '' ? t('macro.textRule') : null),
    },
  });
  const submit = form.onSubmit(({ name, text }) =>
    save.mutate(
      { id: macro?.id, name: name.trim(), text },
      { onSuccess: onDone, onError: (error) => setProblem(showInForm(form, error) && words(error)) },
    ),
  );
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput label={t('macro.name')} description={t('macro.nameText')} leftSection="/" key={form.key('name')} {...form.getInputProps('name')} data-autofocus />
        <Textarea label={t('macro.text')} autosize minRows={4} maxRows={14} maxLength={4096} key={form.key('text')} {...form.getInputProps('text')} />
        <Text size="sm" c="dimmed">
          {t('macro.places')} {PLACES.map((place) => <Code key={place} mr={4}>{`{{${place}}}`}</Code>)}
        </Text>
        {problem && <Text size="sm" c="red" role="alert">{problem}</Text>}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>{t('common:cancel')}</Button>
          <Button type="submit" loading={save.isPending}>{t('common:save')}</Button>
        </Group>
      </Stack>
    </form>
  );
}
