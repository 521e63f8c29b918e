// Who was asked to work here and has not answered.
import { Badge, Button, Group, Text } from '@mantine/core';
import { IconMailForward } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { sendJson } from '../../api/client';
import { useCan } from '../../api/session';
import { ConfirmButton, DataTable, EmptyState, Time, told, useFailure, type Column } from '../../ui';
import { INVITATIONS, useInvitations, type Invitation, type Sent } from './data';
import { ShowLink } from './Invite';

export function Invitations({ onInvite }: { onInvite?: () => void }) {
  const { t } = useTranslation('team');
  const may = useCan('member:write');
  const invitations = useInvitations();
  const queries = useQueryClient();
  const failure = useFailure();
  const [link, setLink] = useState<Sent | null>(null);
  const again = () => void queries.invalidateQueries({ queryKey: INVITATIONS });
  const resend = useMutation({
    mutationFn: (i: Invitation) => sendJson<Sent>('POST', `/invitations/${i.id}/resend`),
    onSuccess: (sent) => {
      again();
      if (sent.mailed) told(t('invite.mailed', { email: sent.invitation.email }));
      else setLink(sent);
    },
    onError: failure,
  });
  const revoke = useMutation({
    mutationFn: (i: Invitation) => sendJson<void>('DELETE', `/invitations/${i.id}`),
    onSuccess: () => (again(), told(t('invitations.withdrawn'))),
    onError: failure,
  });
  const columns: Column<Invitation>[] = [
    {
      key: 'email',
      title: t('invitations.email'),
      render: (i) => (
        <Group gap="xs">
          <Text fw={500}>{i.email}</Text>
          {!i.valid && <Badge color="orange" variant="light">{t('invitations.expired')}</Badge>}
        </Group>
      ),
    },
    { key: 'role', title: t('members.role'), width: 120, render: (i) => t(`common:role.${i.role}`) },
    { key: 'by', title: t('invitations.by'), minor: true, render: (i) => i.invited_by },
    { key: 'until', title: t('invitations.until'), minor: true, render: (i) => <Time at={i.expires_at} as="date" /> },
    ...(may
      ? [
          {
            key: 'acts',
            title: '',
            align: 'right' as const,
            render: (i: Invitation) => (
              <Group gap="xs" justify="flex-end">
                <Button size="compact-sm" variant="default" loading={resend.isPending && resend.variables?.id === i.id} onClick={() => resend.mutate(i)}>
                  {t('invitations.resend')}
                </Button>
                <ConfirmButton
                  size="compact-sm"
                  question={{ title: t('invitations.withdrawTitle', { email: i.email }), text: t('invitations.withdrawText'), confirm: t('invitations.withdraw') }}
                  onConfirm={() => revoke.mutate(i)}
                >
                  {t('invitations.withdraw')}
                </ConfirmButton>
              </Group>
            ),
          },
        ]
      : []),
  ];
  return (
    <>
      <DataTable
        label={t('invitations.tab')}
        columns={columns}
        pages={invitations}
        rowKey={(i) => i.id}
        empty={
          <EmptyState
            icon={IconMailForward}
            title={t('invitations.none')}
            text={t('invitations.noneText')}
            action={onInvite && <Button onClick={onInvite}>{t('invite.button')}</Button>}
          />
        }
      />
      <ShowLink sent={link} onClose={() => setLink(null)} />
    </>
  );
}
