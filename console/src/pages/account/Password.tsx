// A new password for oneself.
import { Button, Group, PasswordInput, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { sendJson } from '../../api/client';
import { SESSION, useSession, type Session } from '../../api/session';
import { told, useProblemText } from '../../ui';
import { Part } from './Part';

export function Password() {
  const { t } = useTranslation('account');
  const { session } = useSession();
  const queries = useQueryClient();
  const words = useProblemText();
  const [open, setOpen] = useState(false);
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const change = useMutation({
    mutationFn: () => sendJson<Session>('POST', '/session/password', { current, password }),
    onSuccess: (now) => {
      queries.setQueryData(SESSION, now);
      void queries.invalidateQueries({ queryKey: ['sessions'] });
      setOpen(false);
      setCurrent('');
      setPassword('');
      told(t('password.done'));
    },
  });
  return (
    <Part
      title={t('password.title')}
      text={t('password.text')}
      action={!open && <Button variant="default" onClick={() => setOpen(true)}>{t('password.change')}</Button>}
    >
      {open && (
        <form
          onSubmit={(e) => {
            e.preventDefault();
            change.mutate();
          }}
        >
          <Stack gap="md">
            <input type="text" name="username" autoComplete="username" value={session.person.email} readOnly hidden />
            <PasswordInput label={t('password.current')} autoComplete="current-password" autoFocus value={current} onChange={(e) => setCurrent(e.currentTarget.value)} />
            <PasswordInput
              label={t('password.new')}
              description={t('password.rule')}
              autoComplete="new-password"
              required
              minLength={12}
              value={password}
              onChange={(e) => setPassword(e.currentTarget.value)}
              error={change.error ? words(change.error) : undefined}
            />
            <Group>
              <Button type="submit" loading={change.isPending}>{t('password.change')}</Button>
              <Button variant="subtle" onClick={() => (setOpen(false), change.reset())}>{t('common:cancel')}</Button>
            </Group>
          </Stack>
        </form>
      )}
    </Part>
  );
}
