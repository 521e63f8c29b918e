// Business credit: what is there, what it was spent on, what things cost and what may be spent.
import { Button, Group, Stack } from '@mantine/core';
import { IconCoins, IconDownload, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask, selectedBusiness, useCan } from '../../api';
import { EmptyState, ErrorState, LoadingRows, PageBody, PageHeader, told, useFailure } from '../../ui';
import { Balance } from './Balance';
import { BuyButton } from './Buy';
import { Ceilings } from './Ceilings';
import { Costs } from './Costs';
import { Ledger } from './Ledger';
import { SwitchOff } from './SwitchOff';
import { TopUp } from './TopUp';
import { Usage } from './Usage';

export default function TokensPage() {
  const { t } = useTranslation('tokens');
  const may = useCan('tokens:write');
  const [filling, setFilling] = useState(false);
  const balance = useQuery({ queryKey: ['tokens', 'balance'], queryFn: () => ask(api.GET('/tokens/balance')) });
  const data = balance.data;
  const business = selectedBusiness();
  const actions = data?.enabled && (
    <Group gap="xs">
      <Button variant="default" component="a" href={`/api/v1/tokens/ledger.csv${business ? `?tenant=${business}` : ''}`} download leftSection={<IconDownload size={16} />}>
        {t('csv')}
      </Button>
      {may && <BuyButton />}
      {may && <Button variant="default" leftSection={<IconPlus size={18} />} onClick={() => setFilling(true)}>{t('topUp.open')}</Button>}
    </Group>
  );
  return (
    <PageBody>
      <PageHeader title={t('title')} text={t('text')} actions={actions} />
      {balance.isPending && <LoadingRows rows={4} height={90} />}
      {balance.error && !data && <ErrorState error={balance.error} retry={() => void balance.refetch()} />}
      {data && !data.enabled && <Off />}
      {data?.enabled && (
        <Stack gap="lg">
          <Balance balance={data} />
          <Usage />
          <Costs />
          <Ceilings />
          <Ledger />
          {may && <SwitchOff />}
        </Stack>
      )}
      <TopUp opened={filling} onClose={() => setFilling(false)} />
    </PageBody>
  );
}

/** Nothing is counted: what it would be good for. */
function Off() {
  const { t } = useTranslation('tokens');
  const may = useCan('tokens:write');
  const queries = useQueryClient();
  const failed = useFailure();
  const begin = useMutation({
    mutationFn: () => ask(api.PATCH('/tokens/settings', { body: { enabled: true } })),
    onSuccess: () => (void queries.invalidateQueries({ queryKey: ['tokens'] }), told(t('off.begun'))),
    onError: failed,
  });
  return (
    <EmptyState
      icon={IconCoins}
      title={t('off.title')}
      text={may ? t('off.text') : `${t('off.text')} ${t('off.ask')}`}
      action={may && <Button loading={begin.isPending} onClick={() => begin.mutate()}>{t('off.begin')}</Button>}
    />
  );
}
