// The link from the mail: a new password, once.
import { Anchor, Button, Stack } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';

import { sendJson } from '../../api/client';
import { LoadingRows } from '../../ui';
import { Card } from './Card';
import { apartFrom, NewPasswordInput } from './Passwords';

export default function Reset() {
  const { t } = useTranslation('enter');
  const { token = '' } = useParams();
  const [password, setPassword] = useState('');
  const link = useQuery({
    queryKey: ['reset', token],
    queryFn: async () => (await sendJson<void>('POST', '/password-reset/look', { token }), true),
    retry: false,
    staleTime: Infinity,
  });
  const redeem = useMutation({ mutationFn: () => sendJson<void>('POST', '/password-reset/redeem', { token, password }) });
  if (link.isPending) return <LoadingRows rows={3} />;
  if (link.error)
    return (
      <Card title={t('reset.gone')} text={t('reset.goneText')}>
        <Anchor component={Link} to="/forgot">
          {t('reset.again')}
        </Anchor>
      </Card>
    );
  if (redeem.isSuccess)
    return (
      <Card title={t('reset.done')} text={t('reset.doneText')}>
        <Button component={Link} to="/sign-in">
          {t('signIn.go')}
        </Button>
      </Card>
    );
  return (
    <Card title={t('reset.title')} text={t('reset.text')} error={apartFrom(redeem.error, 'password')}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          redeem.mutate();
        }}
      >
        <Stack gap="md">
          <NewPasswordInput value={password} onChange={setPassword} error={redeem.error} autoFocus />
          <Button type="submit" loading={redeem.isPending}>
            {t('reset.go')}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}
