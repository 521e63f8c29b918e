// The first start: whoever has the link from the terminal becomes the owner.
import { Button, Select, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';

import { sendJson } from '../../api/client';
import type { Session } from '../../api/session';
import { LoadingRows } from '../../ui';
import { Card } from './Card';
import { useEntered } from './doors';
import { apartFrom, fieldOf, NewPasswordInput } from './Passwords';

export default function FirstOwner() {
  const { t, i18n } = useTranslation('enter');
  const { token = '' } = useParams();
  const entered = useEntered();
  const [form, setForm] = useState({ email: '', name: '', business: '', time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone });
  const [password, setPassword] = useState('');
  const link = useQuery({
    queryKey: ['first-owner', token],
    queryFn: async () => (await sendJson<void>('POST', '/first-owner/look', { token }), true),
    retry: false,
    staleTime: Infinity,
  });
  const begin = useMutation({
    mutationFn: () => sendJson<Session>('POST', '/first-owner', { token, ...form, password, language: i18n.language }),
    onSuccess: (session) => entered(session),
  });
  if (link.isPending) return <LoadingRows rows={4} />;
  if (link.error) return <Card title={t('first.gone')} text={t('first.goneText')} />;
  const set = (key: keyof typeof form) => (value: string) => setForm({ ...form, [key]: value });
  return (
    <Card title={t('first.title')} text={t('first.text')} error={apartFrom(begin.error, 'password', 'email', 'name', 'business')}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          begin.mutate();
        }}
      >
        <Stack gap="md">
          <TextInput label={t('name')} required autoFocus autoComplete="name" value={form.name} onChange={(e) => set('name')(e.currentTarget.value)} error={fieldOf(begin.error, 'name')} />
          <TextInput label={t('email')} type="email" required autoComplete="username" value={form.email} onChange={(e) => set('email')(e.currentTarget.value)} error={fieldOf(begin.error, 'email') && t('emailWrong')} />
          <NewPasswordInput value={password} onChange={setPassword} error={begin.error} />
          <TextInput label={t('first.business')} required autoComplete="organization" value={form.business} onChange={(e) => set('business')(e.currentTarget.value)} error={fieldOf(begin.error, 'business')} />
          <Select label={t('first.zone')} searchable required data={zones()} value={form.time_zone} onChange={(zone) => zone && set('time_zone')(zone)} />
          <Button type="submit" loading={begin.isPending}>
            {t('first.go')}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}

function zones(): string[] {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const all = Intl.supportedValuesOf('timeZone');
  return all.includes(here) ? all : [here, ...all];
}
