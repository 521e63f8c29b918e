// Who works here, who is invited, and as what.
import { Button, Stack, Tabs } from '@mantine/core';
import { IconUserPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useCan } from '../../api/session';
import { PageBody, PageHeader } from '../../ui';
import { Invitations } from './Invitations';
import { Invite } from './Invite';
import { Members } from './Members';

export default function Team() {
  const { t } = useTranslation('team');
  const may = useCan('member:write');
  const [inviting, setInviting] = useState(false);
  const invite = may && (
    <Button leftSection={<IconUserPlus size={18} />} onClick={() => setInviting(true)}>
      {t('invite.button')}
    </Button>
  );
  return (
    <PageBody>
      <PageHeader title={t('title')} text={t('text')} actions={invite} />
      <Tabs defaultValue="members" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="members">{t('members.tab')}</Tabs.Tab>
          <Tabs.Tab value="invitations">{t('invitations.tab')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="members">
          <Members />
        </Tabs.Panel>
        <Tabs.Panel value="invitations">
          <Stack>
            <Invitations onInvite={may ? () => setInviting(true) : undefined} />
          </Stack>
        </Tabs.Panel>
      </Tabs>
      <Invite opened={inviting} onClose={() => setInviting(false)} />
    </PageBody>
  );
}
