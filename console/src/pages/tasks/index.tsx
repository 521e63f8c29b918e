// Tasks: what people are to do, by when it is due.
import { Box, Button, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChecklist, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask, useCan, usePages, useSession } from '../../api';
import { EmptyState, ErrorState, LoadingRows, More, PageBody, PageHeader, useChoices, useFormat, useNow, useShortcuts } from '../../ui';
import { byDue, GROUPS } from './due';
import { QuickAdd } from './QuickAdd';
import { TaskEditor } from './TaskEditor';
import { TaskRow } from './TaskRow';
import type { TaskView } from './types';

const VIEWS = ['mine', 'all', 'done'] as const;

export default function Tasks() {
  const { t } = useTranslation('tasks');
  const format = useFormat();
  const now = useNow();
  const me = useSession().session.person.id;
  const mayWrite = useCan('task:write');
  const [params, choose] = useChoices();
  const [adding, add] = useDisclosure();
  const view = VIEWS.find((v) => v === params.get('show')) ?? 'all';
  const open = params.get('task');
  const query = view === 'done' ? { state: 'done' as const } : { state: 'open' as const, ...(view === 'mine' ? { assignee: me } : {}) };
  const pages = usePages<TaskView>(['tasks', 'list', query], (cursor) =>
    ask(api.GET('/tasks', { params: { query: { ...query, limit: 100, cursor } } })),
  );
  const counts = useQuery({ queryKey: ['tasks', 'counts'], queryFn: () => ask(api.GET('/tasks/counts')) });
  const people = useQuery({ queryKey: ['tasks', 'assignees'], queryFn: () => ask(api.GET('/tasks/assignees')), staleTime: 60_000 });
  const names = useMemo(() => new Map((people.data?.people ?? []).map((p) => [p.id, p.name])), [people.data]);
  useShortcuts(t('title'), mayWrite ? [{ keys: 'n', label: t('new'), run: add.open }] : []);

  const items = pages.items ?? [];
  const grouped = view === 'done' ? null : byDue(items, format.dayKey, now);
  const row = (task: TaskView) => (
    <TaskRow key={task.id} task={task} assignee={task.assignee ? (names.get(task.assignee) ?? '…') : undefined} mayWrite={mayWrite} onOpen={() => choose({ task: task.id })} />
  );
  return (
    <PageBody width={900}>
      <PageHeader
        title={t('title')}
        text={t('text')}
        actions={mayWrite && <Button leftSection={<IconPlus size={16} />} onClick={add.open}>{t('new')}</Button>}
      />
      <Stack>
        <SegmentedControl
          aria-label={t('show')}
          value={view}
          onChange={(value) => choose({ show: value === 'all' ? null : value })}
          data={VIEWS.map((value) => ({ value, label: label(t(`view.${value}`), value === 'mine' ? counts.data?.mine : value === 'all' ? counts.data?.open : undefined) }))}
          style={{ alignSelf: 'flex-start' }}
        />
        {mayWrite && view !== 'done' && <QuickAdd assignee={view === 'mine' ? me : undefined} />}
        {pages.isPending ? (
          <LoadingRows />
        ) : pages.error && !pages.items ? (
          <ErrorState error={pages.error} retry={() => void pages.refetch()} />
        ) : items.length === 0 ? (
          <EmptyState icon={IconChecklist} title={t(`empty.${view}`)} text={t('empty.text')} />
        ) : grouped ? (
          GROUPS.filter((group) => grouped[group].length > 0).map((group) => (
            <Box component="section" key={group} aria-label={t(`due.${group}`)}>
              <Title order={2} size="h4" mb="xs" c={group === 'overdue' ? 'red' : 'dimmed'}>
                {t(`due.${group}`)} <Text span c="dimmed" inherit fw={400}>{grouped[group].length}</Text>
              </Title>
              <Stack gap="xs">{grouped[group].map(row)}</Stack>
            </Box>
          ))
        ) : (
          <Stack gap="xs">{items.map(row)}</Stack>
        )}
        <More pages={pages} />
      </Stack>
      {adding && <TaskEditor people={people.data?.people ?? []} onClose={add.close} />}
      {open && <TaskEditor key={open} id={open} people={people.data?.people ?? []} onClose={() => choose({ task: null })} />}
    </PageBody>
  );
}

function label(text: string, count: number | undefined): string {
  return count === undefined ? text : `${text} · ${count}`;
}
