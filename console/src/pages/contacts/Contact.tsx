// One contact: who they are on the left, what happened with them on the right.
import { Anchor, Avatar, Button, Card, Grid, Group, Menu, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconArrowLeft, IconArrowsJoin2, IconDots, IconEraser, IconUserOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';

import { api, ApiProblem, askTagged, useCan } from '../../api';
import { EmptyState, ErrorState, LoadingPage, PageBody, PageHeader, Time } from '../../ui';
import { Addresses } from './Addresses';
import { EraseContact } from './EraseContact';
import { Facts } from './Facts';
import { MergeContact } from './MergeContact';
import { MergeHints } from './MergeHints';
import { Profile } from './Profile';
import { Timeline } from './Timeline';
import { initials, shownName } from './words';

export function Contact() {
  const { id = '' } = useParams();
  const { t } = useTranslation('contacts');
  const [merging, merge] = useDisclosure();
  const [erasing, erase] = useDisclosure();
  const [mayWrite, mayErase] = [useCan('contact:write'), useCan('contact:erase')];
  const found = useQuery({
    queryKey: ['contacts', 'one', id],
    queryFn: () => askTagged(api.GET('/contacts/{id}', { params: { path: { id } } })),
    retry: false,
  });
  if (found.isPending) return <LoadingPage />;
  if (!found.data) return <Missing error={found.error} retry={() => void found.refetch()} />;
  const { value: contact, tag } = found.data;
  const name = shownName(contact);
  return (
    <PageBody>
      <Back />
      <PageHeader
        title={name}
        text={<>{t('one.since')} <Time at={contact.created_at} as="date" /></>}
        actions={
          (mayWrite || mayErase) && (
            <Menu position="bottom-end">
              <Menu.Target>
                <Button variant="default" px="sm" aria-label={t('one.actions', { name })}><IconDots size={18} /></Button>
              </Menu.Target>
              <Menu.Dropdown>
                {mayWrite && <Menu.Item leftSection={<IconArrowsJoin2 size={16} />} onClick={merge.open}>{t('merge.start')}</Menu.Item>}
                {mayErase && (
                  <Menu.Item color="red" leftSection={<IconEraser size={16} />} onClick={erase.open}>{t('erase.start')}</Menu.Item>
                )}
              </Menu.Dropdown>
            </Menu>
          )
        }
      />
      <MergeHints contact={contact} mayMerge={mayWrite} />
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="lg">
            <Card>
              <Group mb="md" wrap="nowrap">
                <Avatar size={52} radius="xl" color="pine" aria-hidden>{initials(name)}</Avatar>
                <Text fw={650} size="lg" style={{ overflowWrap: 'anywhere' }}>{name}</Text>
              </Group>
              <Profile contact={contact} tag={tag} mayWrite={mayWrite} />
            </Card>
            <Addresses contact={contact} mayWrite={mayWrite} />
            <Facts contact={contact} tag={tag} mayWrite={mayWrite} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Timeline contact={contact} />
        </Grid.Col>
      </Grid>
      {merging && <MergeContact contact={contact} onClose={merge.close} />}
      {erasing && <EraseContact contact={contact} onClose={erase.close} />}
    </PageBody>
  );
}

export function Back() {
  const { t } = useTranslation('contacts');
  return (
    <Anchor component={Link} to="/contacts" size="sm" mb="xs" display="inline-block">
      <Group gap={4} wrap="nowrap"><IconArrowLeft size={14} aria-hidden />{t('title')}</Group>
    </Anchor>
  );
}

/** Erased, merged into somebody, or never there. */
function Missing({ error, retry }: { error: unknown; retry: () => void }) {
  const { t } = useTranslation('contacts');
  const merged = error instanceof ApiProblem && error.code === 'merged' ? /con_[\w-]+/.exec(error.detail)?.[0] : undefined;
  if (merged) {
    return (
      <PageBody>
        <EmptyState
          icon={IconArrowsJoin2}
          title={t('one.mergedTitle')}
          text={t('one.mergedText')}
          action={<Button component={Link} to={`/contacts/${merged}`}>{t('one.mergedOpen')}</Button>}
        />
      </PageBody>
    );
  }
  if (error instanceof ApiProblem && error.status === 404) {
    return (
      <PageBody>
        <EmptyState
          icon={IconUserOff}
          title={t('one.goneTitle')}
          text={t('one.goneText')}
          action={<Button component={Link} to="/contacts">{t('title')}</Button>}
        />
      </PageBody>
    );
  }
  return <PageBody><ErrorState error={error} retry={retry} /></PageBody>;
}
