// Answering an invitation: somebody new chooses a password, somebody known signs in and accepts.
import { Button, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';

import { sendJson } from '../../api/client';
import { useSessionQuery, type Session } from '../../api/session';
import { LoadingRows } from '../../ui';
import { Card } from './Card';
import { useEntered } from './doors';
import { apartFrom, fieldOf, NewPasswordInput } from './Passwords';

interface Invited {
  business: string;
  email: string;
  role: string;
  invited_by: string;
  known: boolean;
}

export default function Invitation() {
  const { t } = useTranslation('enter');
  const { token = '' } = useParams();
  const session = useSessionQuery();
  const invited = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => sendJson<Invited>('POST', '/join/look', { token }),
    retry: false,
    staleTime: Infinity,
  });
  if (invited.isPending || session.isPending) return <LoadingRows rows={3} />;
  if (!invited.data) return <Card title={t('invitation.gone')} text={t('invitation.goneText')} />;
  const i = invited.data;
  const text = (
    <Text component="span">{t('invitation.text', { by: i.invited_by, business: i.business, role: t(`common:role.${i.role}`) })}</Text>
  );
  const title = t('invitation.title', { business: i.business });
  if (!i.known) return <AsSomebodyNew title={title} text={text} token={token} email={i.email} />;
  if (session.data) return <AsSignedIn title={title} text={text} token={token} email={i.email} who={session.data} />;
  return (
    <Card title={title} text={text}>
      <Text size="sm">{t('invitation.known', { email: i.email })}</Text>
      <Button component={Link} to={`/sign-in?next=${encodeURIComponent(`/invitation/${token}`)}`}>
        {t('signIn.go')}
      </Button>
    </Card>
  );
}

interface About {
  title: string;
  text: React.ReactNode;
  token: string;
  email: string;
}

function AsSignedIn({ title, text, token, email, who }: About & { who: Session }) {
  const { t } = useTranslation('enter');
  const entered = useEntered();
  const accept = useMutation({
    mutationFn: () => sendJson<Session>('POST', '/join', { token }),
    onSuccess: (session) => entered(session),
  });
  const other = who.person.email !== email;
  return (
    <Card title={title} text={text} error={other ? t('invitation.other', { email, me: who.person.email }) : accept.error}>
      {!other && (
        <Button loading={accept.isPending} onClick={() => accept.mutate()}>
          {t('invitation.accept')}
        </Button>
      )}
    </Card>
  );
}

function AsSomebodyNew({ title, text, token, email }: About) {
  const { t } = useTranslation('enter');
  const entered = useEntered();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const accept = useMutation({
    mutationFn: () => sendJson<Session>('POST', '/join', { token, name, password }),
    onSuccess: (session) => entered(session),
  });
  return (
    <Card title={title} text={text} error={apartFrom(accept.error, 'password', 'name')}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          accept.mutate();
        }}
      >
        <Stack gap="md">
          <TextInput label={t('email')} value={email} readOnly autoComplete="username" />
          <TextInput label={t('name')} required autoFocus autoComplete="name" value={name} onChange={(e) => setName(e.currentTarget.value)} error={fieldOf(accept.error, 'name')} />
          <NewPasswordInput value={password} onChange={setPassword} error={accept.error} />
          <Button type="submit" loading={accept.isPending}>
            {t('invitation.accept')}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}
