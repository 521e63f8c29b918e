// Every agent, with what answers now.
import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { IconPlus, IconRobot } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { useCan } from '../../api';
import { DataTable, EmptyState, PageBody, PageHeader, Time, type Column } from '../../ui';
import { useAgents, type Agent } from './model';
import { NewAgent } from './NewAgent';

export function List() {
  const { t } = useTranslation('agents');
  const navigate = useNavigate();
  const may = useCan('agent:write');
  const found = useAgents();
  const [making, setMaking] = useState(false);
  const make = may && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(true)}>
      {t('new.open')}
    </Button>
  );
  const columns: Column<Agent>[] = [
    {
      key: 'name',
      title: t('list.name'),
      render: (a) => (
        <Group gap="xs" wrap="nowrap">
          <Text fw={600} truncate>{a.name}</Text>
          {a.is_default && <Badge variant="light">{t('list.default')}</Badge>}
        </Group>
      ),
    },
    {
      key: 'model',
      title: t('list.model'),
      render: (a) => (a.spec.models[0] ? `${a.spec.models[0].vendor}/${a.spec.models[0].model}` : t('models.ours')),
      minor: true,
    },
    {
      key: 'version',
      title: t('list.version'),
      render: (a) => (
        <Group gap="xs">
          <Text size="sm">{t('version', { n: a.version })}</Text>
          <Text size="sm" c="dimmed"><Time at={a.published_at} as="relative" /></Text>
        </Group>
      ),
    },
    { key: 'draft', title: t('list.draft'), render: (a) => (a.drafted_at ? <Badge color="yellow" variant="light">{t('list.hasDraft')}</Badge> : '–') },
  ];
  return (
    <PageBody>
      <PageHeader title={t('common:nav.agents')} text={t('list.text')} actions={make} />
      <Stack>
        <DataTable
          label={t('common:nav.agents')}
          columns={columns}
          pages={{ items: found.data, error: found.error, isPending: found.isPending, refetch: found.refetch }}
          rowKey={(a) => a.id}
          onOpen={(a) => void navigate(`/agents/${a.id}`)}
          empty={<EmptyState icon={IconRobot} title={t('list.empty')} text={t('list.emptyText')} action={make} />}
        />
      </Stack>
      {making && <NewAgent all={found.data ?? []} onClose={() => setMaking(false)} />}
    </PageBody>
  );
}
