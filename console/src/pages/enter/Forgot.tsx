// Asking for a new password by mail. The answer is the same whether or not anybody has the address.
import { Anchor, Button, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { sendJson } from '../../api/client';
import { Card } from './Card';
import { useDoors } from './doors';

export default function Forgot() {
  const { t } = useTranslation('enter');
  const doors = useDoors();
  const [email, setEmail] = useState('');
  const ask = useMutation({ mutationFn: () => sendJson<void>('POST', '/password-reset', { email }) });
  const back = (
    <Anchor component={Link} to="/sign-in" size="sm">
      {t('toSignIn')}
    </Anchor>
  );
  if (doors.data && !doors.data.mail) return <Card title={t('forgot.title')} text={t('forgot.noMail')}>{back}</Card>;
  if (ask.isSuccess) return <Card title={t('forgot.sent')} text={t('forgot.sentText', { email })}>{back}</Card>;
  return (
    <Card title={t('forgot.title')} text={t('forgot.text')} error={ask.error}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          ask.mutate();
        }}
      >
        <Stack gap="md">
          <TextInput label={t('email')} type="email" autoComplete="username" required autoFocus value={email} onChange={(e) => setEmail(e.currentTarget.value)} />
          <Button type="submit" loading={ask.isPending}>
            {t('forgot.go')}
          </Button>
          {back}
        </Stack>
      </form>
    </Card>
  );
}
