// A new contact, in a drawer.
import { Button, Drawer, Group, Stack, TagsInput, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { api, ApiProblem, ask } from '../../api';
import { told, useProblemText } from '../../ui';

export function CreateContact({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('contacts');
  const { t: common } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const words = useProblemText();
  const [rest, setRest] = useState<string | null>(null);
  const tags = useQuery({ queryKey: ['contacts', 'tags'], queryFn: () => ask(api.GET('/contacts/tags')) });
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: '', phone: '', email: '', language: '', tags: [] as string[], note: '' },
    validate: { phone: (value, values) => (value.trim() || values.email.trim() ? null : t('create.needsAddress')) },
  });
  const save = useMutation({
    mutationFn: (v: typeof form.values) =>
      ask(
        api.POST('/contacts', {
          body: {
            name: v.name.trim() || undefined,
            language: v.language.trim() || undefined,
            note: v.note.trim() || undefined,
            tags: v.tags,
            addresses: [
              ...(v.phone.trim() ? [{ kind: 'phone' as const, value: v.phone }] : []),
              ...(v.email.trim() ? [{ kind: 'email' as const, value: v.email }] : []),
            ],
          },
        }),
      ),
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: ['contacts'] });
      told(t('create.done'));
      onClose();
      void navigate(`/contacts/${made.id}`);
    },
    onError: (error) => {
      setRest(null);
      if (!(error instanceof ApiProblem) || error.fields.length === 0) return setRest(words(error));
      const phoneFirst = form.getValues().phone.trim() !== '';
      const left: string[] = [];
      for (const { path, problem } of error.fields) {
        const at = /^addresses\[(\d)\]/.exec(path)?.[1];
        const field = at === undefined ? path.replace(/\[.*$/, '') : at === '0' && phoneFirst ? 'phone' : 'email';
        if (field in form.getValues()) form.setFieldError(field, problem);
        else left.push(problem);
      }
      if (left.length > 0) setRest(left.join('\n'));
    },
  });
  return (
    <Drawer opened={opened} onClose={onClose} position="right" title={t('list.new')} closeButtonProps={{ 'aria-label': common('close') }}>
      <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
        <Stack>
          <TextInput label={t('field.name')} data-autofocus autoComplete="off" key={form.key('name')} {...form.getInputProps('name')} />
          <TextInput
            label={t('field.phone')}
            description={t('create.phoneHint')}
            type="tel"
            autoComplete="off"
            key={form.key('phone')}
            {...form.getInputProps('phone')}
          />
          <TextInput label={t('field.email')} type="email" autoComplete="off" key={form.key('email')} {...form.getInputProps('email')} />
          <TextInput label={t('field.language')} description={t('create.languageHint')} key={form.key('language')} {...form.getInputProps('language')} />
          <TagsInput
            label={t('field.tags')}
            description={t('create.tagsHint')}
            data={(tags.data?.tags ?? []).map((entry) => entry.tag)}
            key={form.key('tags')}
            {...form.getInputProps('tags')}
          />
          <Textarea label={t('field.note')} description={t('create.noteHint')} autosize minRows={2} maxRows={8} key={form.key('note')} {...form.getInputProps('note')} />
          {rest && <Text c="red" size="sm" role="alert">{rest}</Text>}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{common('cancel')}</Button>
            <Button type="submit" loading={save.isPending}>{common('create')}</Button>
          </Group>
        </Stack>
      </form>
    </Drawer>
  );
}
