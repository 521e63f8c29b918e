// Contacts with the same name: perhaps the same people, to be merged one after another.
import { Anchor, Button, Card, Group, Stack, Text } from '@mantine/core';
import { IconArrowsJoin2, IconMoodSmile } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { api, ask } from '../../api';
import { EmptyState, ErrorState, LoadingRows, PageBody, PageHeader, Time } from '../../ui';
import { Back } from './Contact';
import { shownAddress, shownName } from './words';

export function Duplicates() {
  const { t } = useTranslation('contacts');
  const found = useQuery({ queryKey: ['contacts', 'duplicates'], queryFn: () => ask(api.GET('/contacts/duplicates')) });
  return (
    <PageBody width={820}>
      <Back />
      <PageHeader title={t('duplicates.title')} text={t('duplicates.text')} />
      {found.isPending && <LoadingRows />}
      {found.error && !found.data && <ErrorState error={found.error} retry={() => void found.refetch()} />}
      {found.data?.groups.length === 0 && <EmptyState icon={IconMoodSmile} title={t('duplicates.none')} text={t('duplicates.noneText')} />}
      <Stack>
        {found.data?.groups.map((group) => {
          const [first] = group.contacts;
          if (!first) return null;
          return (
            <Card key={first.id}>
              <Group justify="space-between" mb="xs">
                <Text fw={650}>{shownName(first)}</Text>
                <Button size="compact-sm" variant="light" leftSection={<IconArrowsJoin2 size={14} />} component={Link} to={`/contacts/${first.id}`}>
                  {t('duplicates.look')}
                </Button>
              </Group>
              <Stack gap={4}>
                {group.contacts.map((c) => (
                  <Text key={c.id} size="sm">
                    <Anchor component={Link} to={`/contacts/${c.id}`} inherit>{shownName(c)}</Anchor> · {c.addresses.map(shownAddress).join(', ')} ·{' '}
                    <Text span c="dimmed" inherit><Time at={c.created_at} as="date" /></Text>
                  </Text>
                ))}
              </Stack>
            </Card>
          );
        })}
      </Stack>
    </PageBody>
  );
}
