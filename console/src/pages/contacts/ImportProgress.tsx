// How far an import is, and what came of it.
import { Alert, Button, Card, Group, Progress, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { IconCircleCheck, IconDownload } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { api, ask, selectedBusiness, usePages, type components } from '../../api';
import { ErrorState, LoadingRows, More, useFailure, useFormat } from '../../ui';

type ImportView = components['schemas']['ImportView'];

export function ImportProgress({ id }: { id: string }) {
  const { t } = useTranslation('contacts');
  const queries = useQueryClient();
  const found = useQuery({
    queryKey: ['imports', 'one', id],
    queryFn: () => ask(api.GET('/contacts/imports/{id}', { params: { path: { id } } })),
    // The events are a hint only; a running import is looked at in any case.
    refetchInterval: (query) => (query.state.data && query.state.data.state !== 'running' ? false : 1500),
  });
  const over = found.data && found.data.state !== 'running';
  useEffect(() => {
    if (over) void queries.invalidateQueries({ queryKey: ['contacts'] });
  }, [over, queries]);
  const cancel = useMutation({
    mutationFn: () => ask(api.DELETE('/contacts/imports/{id}', { params: { path: { id } } })),
    onSuccess: () => found.refetch(),
    onError: useFailure(),
  });
  if (found.isPending) return <LoadingRows rows={3} />;
  if (!found.data) return <ErrorState error={found.error} retry={() => void found.refetch()} />;
  const i = found.data;
  const share = i.rows > 0 ? Math.round((i.done * 100) / i.rows) : 100;
  return (
    <Stack gap="lg">
      <Card>
        <Group justify="space-between" mb="sm">
          <Title order={2} size="h3">{t(`import.state.${i.state}`)}</Title>
          {i.state === 'running' && <Button size="xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>{t('import.stop')}</Button>}
        </Group>
        <Progress value={share} animated={i.state === 'running'} size="lg" aria-label={t('import.progress')} />
        <Text size="sm" c="dimmed" mt="xs" role="status">{t('import.done', { done: i.done, count: i.rows })}</Text>
        <Numbers of={i} />
        {i.problem && <Alert color="red" mt="md">{i.problem}</Alert>}
      </Card>
      {i.state === 'done' && (
        <Alert color="green" icon={<IconCircleCheck size={20} />}>
          <Group justify="space-between">
            <Text size="sm">{t('import.finished')}</Text>
            <Button component={Link} to="/contacts" size="xs">{t('import.toContacts')}</Button>
          </Group>
        </Alert>
      )}
      {i.failed > 0 && <Problems id={id} />}
    </Stack>
  );
}

function Numbers({ of }: { of: ImportView }) {
  const { t } = useTranslation('contacts');
  const format = useFormat();
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }} mt="md">
      {(['created', 'updated', 'skipped', 'failed'] as const).map((what) => (
        <Stack key={what} gap={0}>
          <Text fz={26} fw={650} c={what === 'failed' && of.failed > 0 ? 'red' : undefined}>{format.number(of[what])}</Text>
          <Text size="sm" c="dimmed">{t(`import.result.${what}`)}</Text>
        </Stack>
      ))}
    </SimpleGrid>
  );
}

function Problems({ id }: { id: string }) {
  const { t } = useTranslation('contacts');
  const pages = usePages(['imports', 'problems', id], (cursor) =>
    ask(api.GET('/contacts/imports/{id}/problems', { params: { path: { id }, query: { cursor } } })),
  );
  const business = selectedBusiness();
  const href = `/api/v1/contacts/imports/${id}/problems.csv${business ? `?tenant=${encodeURIComponent(business)}` : ''}`;
  return (
    <Card>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h3">{t('import.problems')}</Title>
        <Button component="a" href={href} download size="xs" variant="default" leftSection={<IconDownload size={14} />}>{t('import.download')}</Button>
      </Group>
      <Text size="sm" c="dimmed" mb="sm">{t('import.problemsText')}</Text>
      <Table aria-label={t('import.problems')} verticalSpacing={6}>
        <Table.Tbody>
          {(pages.items ?? []).map((p) => (
            <Table.Tr key={p.line}>
              <Table.Td w={90} c="dimmed">{t('import.line', { line: p.line })}</Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{p.reason}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <More pages={pages} />
    </Card>
  );
}
