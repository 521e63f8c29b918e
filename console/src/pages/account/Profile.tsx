// Name and language.
import { Button, Group, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { sendJson } from '../../api/client';
import { SESSION, useSession, type Session } from '../../api/session';
import { isLanguage, languages, speak } from '../../i18n';
import { showInForm, told, useFailure } from '../../ui';
import { Part } from './Part';

export function Profile() {
  const { t } = useTranslation('account');
  const { session } = useSession();
  const queries = useQueryClient();
  const failure = useFailure();
  const form = useForm({ initialValues: { name: session.person.name, language: session.person.language ?? 'auto' } });
  const save = useMutation({
    mutationFn: (v: typeof form.values) =>
      sendJson<Session>('PATCH', '/account', { name: v.name, language: v.language === 'auto' ? null : v.language }),
    onSuccess: (now) => {
      queries.setQueryData(SESSION, now);
      if (isLanguage(now.person.language)) void speak(now.person.language);
      form.resetDirty();
      told(t('common:saved'));
    },
    onError: (error) => {
      if (showInForm(form, error)) failure(error);
    },
  });
  return (
    <Part title={t('profile.title')} text={session.person.email}>
      <form onSubmit={form.onSubmit((v) => save.mutate(v))}>
        <Stack gap="md">
          <TextInput label={t('profile.name')} required autoComplete="name" {...form.getInputProps('name')} />
          <Select
            label={t('profile.language')}
            allowDeselect={false}
            data={[{ value: 'auto', label: t('profile.auto') }, ...Object.entries(languages).map(([value, label]) => ({ value, label }))]}
            {...form.getInputProps('language')}
          />
          <Group>
            <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
              {t('common:save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Part>
  );
}
