// One prompt of the library: name, content, metadata.
import { Alert, Button, Group, JsonInput, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiProblem, ifMatch, send, sendJson } from '../../api';
import { showInForm, told, undoable, useConfirm, useFailure, useProblemText, useShortcuts } from '../../ui';

export interface Prompt {
  id: string;
  number: number;
  name: string;
  content: string;
  metadata: Record<string, unknown> | null;
  updated_at: string;
}

/** An object, nothing, or `undefined` for what is neither. */
export function readMetadata(text: string): Record<string, unknown> | null | undefined {
  if (!text.trim()) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

export function EditPrompt({ prompt, readOnly, onClose }: { prompt: Prompt | undefined; readOnly: boolean; onClose: () => void }) {
  const { t } = useTranslation('prompts');
  const words = useProblemText();
  const sure = useConfirm();
  const onError = useFailure();
  const queries = useQueryClient();
  const [rest, setRest] = useState<string>();
  const fresh = () => queries.invalidateQueries({ queryKey: ['prompts'] });
  const form = useForm({
    initialValues: { name: prompt?.name ?? '', content: prompt?.content ?? '', metadata: prompt?.metadata ? JSON.stringify(prompt.metadata, null, 2) : '' },
    validate: { metadata: (text) => (readMetadata(text) === undefined ? t('notObject') : null) },
  });
  const save = useMutation({
    mutationFn: async (values: typeof form.values) => {
      const body = JSON.stringify({ name: values.name, content: values.content, metadata: readMetadata(values.metadata) });
      // The tag of what was shown is its last change.
      const tag = prompt && `"${Date.parse(prompt.updated_at)}"`;
      const headers = { 'content-type': 'application/json', ...ifMatch(tag) };
      await send(prompt ? 'PATCH' : 'POST', prompt ? `/prompts/${prompt.id}` : '/prompts', { body, headers });
    },
    onSuccess: async () => {
      await fresh();
      told(t('saved'));
      onClose();
    },
    onError: (error) => {
      if (error instanceof ApiProblem && error.code === 'stale') setRest(t('stale'));
      else if (error instanceof ApiProblem && error.code === 'name_taken') form.setFieldError('name', words(error));
      else setRest(showInForm(form, error) ?? (error instanceof ApiProblem && error.fields.length ? undefined : words(error)));
    },
  });
  const remove = useMutation({
    mutationFn: (gone: Prompt) => sendJson<void>('DELETE', `/prompts/${gone.id}`),
    onSuccess: async (_, gone) => {
      await fresh();
      onClose();
      const { name, content, metadata } = gone;
      undoable(t('removed', { name }), () => sendJson('POST', '/prompts', { name, content, metadata }).then(fresh));
    },
    onError,
  });
  const submit = form.onSubmit((values) => (setRest(undefined), save.mutate(values)));
  useShortcuts(t('list'), [{ keys: 'mod+s', label: t('save'), run: () => submit(), whileTyping: true }], !readOnly);
  return (
    <Modal opened closeButtonProps={{ 'aria-label': t('common:close') }} onClose={onClose} title={prompt ? t('editTitle') : t('newTitle')} size="xl">
      <form
        onSubmit={submit}
        onKeyDown={(event) => {
          // A dialog has the keyboard to itself: the page's shortcuts do not reach it.
          if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's' && !readOnly) {
            event.preventDefault();
            submit();
          }
        }}
      >
        <Stack>
          <TextInput label={t('name')} required maxLength={100} readOnly={readOnly} data-autofocus {...form.getInputProps('name')} />
          <Textarea label={t('content')} autosize minRows={8} maxRows={22} maxLength={100_000} readOnly={readOnly} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }} {...form.getInputProps('content')} />
          <JsonInput label={t('metadata')} description={t('metadataText')} autosize minRows={3} maxRows={12} formatOnBlur readOnly={readOnly} {...form.getInputProps('metadata')} />
          {rest && <Alert color="red">{rest}</Alert>}
          <Group justify="space-between">
            <Group gap="xs">
              {prompt && !readOnly && (
                <Button
                  variant="subtle"
                  color="red"
                  loading={remove.isPending}
                  onClick={() => void sure({ title: t('removeTitle', { name: prompt.name }), text: t('removeText'), confirm: t('remove') }).then((yes) => yes && remove.mutate(prompt))}
                >
                  {t('remove')}
                </Button>
              )}
              {prompt && <Text size="sm" c="dimmed">{t('number', { n: prompt.number })}</Text>}
            </Group>
            <Group>
              <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
              {!readOnly && <Button type="submit" loading={save.isPending}>{t('save')}</Button>}
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
