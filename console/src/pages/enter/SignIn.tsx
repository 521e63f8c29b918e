// Signing in: password, passkey or single sign-on; then perhaps a second factor.
import { Anchor, Button, Divider, PasswordInput, Stack, TextInput } from '@mantine/core';
import { IconFingerprint, IconLogin2 } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';

import { sendJson } from '../../api/client';
import { isDeclined, passkeysArePossible, signWithPasskey, type Asked } from '../../api/passkey';
import { safeNext, type Session } from '../../api/session';
import { Card } from './Card';
import { isSession, useDoors, useEntered, type FactorAsked } from './doors';
import { SecondFactor } from './SecondFactor';

export default function SignIn() {
  const { t } = useTranslation('enter');
  const [search] = useSearchParams();
  const next = search.get('next');
  const doors = useDoors();
  const entered = useEntered();
  const [asked, setAsked] = useState<FactorAsked | null>(null);
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');

  const enter = useMutation({
    mutationFn: () => sendJson<Session | FactorAsked>('POST', '/session', { email, password }),
    onSuccess: (answer) => (isSession(answer) ? entered(answer, next) : setAsked(answer)),
  });
  const byPasskey = useMutation({
    mutationFn: async () => {
      const begun = await sendJson<Asked>('POST', '/session/passkey/begin');
      const credential = await signWithPasskey(begun.options);
      return sendJson<Session>('POST', '/session/passkey', { challenge: begun.challenge, credential });
    },
    onSuccess: (session) => entered(session, next),
  });

  if (asked) return <SecondFactor asked={asked} next={next} onBack={() => setAsked(null)} />;
  const problem = search.get('problem');
  const declined = byPasskey.error && isDeclined(byPasskey.error);
  const error = enter.error ?? (declined ? null : byPasskey.error) ?? (problem ? t(`sso.${problem === 'gone' ? 'gone' : problem === 'unavailable' ? 'unavailable' : 'refused'}`) : null);
  const wrong = enter.error && 'code' in enter.error && enter.error.code === 'wrong_credentials' ? t('signIn.wrong') : error;
  const passkeys = doors.data?.passkeys && passkeysArePossible();
  return (
    <Card title={t('signIn.title')} text={doors.data?.setup ? t('signIn.setup') : undefined} error={wrong}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          byPasskey.reset();
          enter.mutate();
        }}
      >
        <Stack gap="md">
          <TextInput label={t('email')} type="email" name="email" autoComplete="username" required autoFocus value={email} onChange={(e) => setEmail(e.currentTarget.value)} />
          <PasswordInput label={t('password')} name="password" autoComplete="current-password" required value={password} onChange={(e) => setPassword(e.currentTarget.value)} />
          <Button type="submit" loading={enter.isPending} leftSection={<IconLogin2 size={18} />}>
            {t('signIn.go')}
          </Button>
          <Anchor component={Link} to="/forgot" size="sm">
            {t('signIn.forgot')}
          </Anchor>
        </Stack>
      </form>
      {(passkeys || doors.data?.sso) && <Divider label={t('signIn.or')} />}
      {passkeys && (
        <Button variant="default" leftSection={<IconFingerprint size={18} />} loading={byPasskey.isPending} onClick={() => byPasskey.mutate()}>
          {t('signIn.passkey')}
        </Button>
      )}
      {doors.data?.sso && (
        <Button variant="default" component="a" href={`/api/v1/session/sso?next=${encodeURIComponent(safeNext(next))}`}>
          {t('signIn.sso', { name: doors.data.sso })}
        </Button>
      )}
    </Card>
  );
}
