// Who may decide, and in words how a request reaches each of them now.
import { List, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, ask, useCan } from '../../api';
import { ErrorState, LoadingRows } from '../../ui';

export function Reached() {
  const { t } = useTranslation('settings');
  const may = useCan('approval:read');
  const found = useQuery({ queryKey: ['members', 'deciders'], queryFn: () => ask(api.GET('/approvals/deciders')), enabled: may });
  if (!may) return null;
  return (
    <section aria-label={t('reached.title')}>
      <Text fw={500} size="sm">{t('reached.title')}</Text>
      {found.isPending && <LoadingRows rows={2} />}
      {found.error && !found.data && <ErrorState error={found.error} retry={() => void found.refetch()} />}
      {found.data?.items.length === 0 && <Text size="sm" c="dimmed">{t('reached.none')}</Text>}
      <List size="sm" spacing={4} mt={4}>
        {found.data?.items.map((one) => (
          <List.Item key={one.id}>
            <b>{one.name}</b>{one.decides ? '' : ` (${t('reached.answersOnly')})`}: {t(`reached.${one.by_number}`)} {one.by_mail ? t('reached.mail') : t('reached.noMail')}
          </List.Item>
        ))}
      </List>
    </section>
  );
}
