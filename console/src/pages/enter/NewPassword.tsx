// Somebody else knows the password (it was printed or handed over): a new one comes first.
import { Button, PasswordInput, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate } from 'react-router';

import { sendJson } from '../../api/client';
import { useSessionQuery, useSignOut, type Session } from '../../api/session';
import { LoadingRows } from '../../ui';
import { Card } from './Card';
import { useEntered } from './doors';
import { apartFrom, NewPasswordInput } from './Passwords';

export default function NewPassword() {
  const { t } = useTranslation('enter');
  const session = useSessionQuery();
  const entered = useEntered();
  const signOut = useSignOut();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const change = useMutation({
    mutationFn: () => sendJson<Session>('POST', '/session/password', { current, password }),
    onSuccess: (now) => entered(now),
  });
  if (session.isPending) return <LoadingRows rows={3} />;
  if (!session.data) return <Navigate to="/sign-in" replace />;
  return (
    <Card title={t('change.title')} text={t('change.text')} error={apartFrom(change.error, 'password')}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          change.mutate();
        }}
      >
        <Stack gap="md">
          <input type="text" name="username" autoComplete="username" value={session.data.person.email} readOnly hidden />
          <PasswordInput label={t('change.current')} autoComplete="current-password" required autoFocus value={current} onChange={(e) => setCurrent(e.currentTarget.value)} />
          <NewPasswordInput value={password} onChange={setPassword} error={change.error} />
          <Button type="submit" loading={change.isPending}>
            {t('change.go')}
          </Button>
          <Button variant="subtle" onClick={() => void signOut()}>
            {t('change.leave')}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}
