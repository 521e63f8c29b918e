// One task: tick it, read it, go where it comes from.
import { ActionIcon, Anchor, Badge, Card, Checkbox, Group, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconMessageCircle, IconUser } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { Time, undoable, useFailure, useNow } from '../../ui';
import { api, ask } from '../../api';
import type { TaskView } from './types';

export function TaskRow({ task, assignee, mayWrite, onOpen }: {
  task: TaskView;
  assignee?: string;
  mayWrite: boolean;
  onOpen: () => void;
}) {
  const { t } = useTranslation('tasks');
  const now = useNow();
  const failed = useFailure();
  const queries = useQueryClient();
  const done = task.state === 'done';
  const late = !done && !!task.due_at && Date.parse(task.due_at) < now;
  const put = async (state: 'open' | 'done') => {
    await ask(api.PATCH('/tasks/{id}', { params: { path: { id: task.id } }, body: { state } }));
    await queries.invalidateQueries({ queryKey: ['tasks'] });
  };
  const tick = () =>
    put(done ? 'open' : 'done').then(() => undoable(done ? t('opened') : t('finished'), () => put(done ? 'done' : 'open')), failed);
  return (
    <Card padding="sm">
      <Group wrap="nowrap" align="flex-start" gap="sm">
        <Checkbox mt={3} checked={done} disabled={!mayWrite} aria-label={t(done ? 'reopen' : 'finish', { title: task.title })} onChange={() => void tick()} />
        <Stack gap={4} flex={1} miw={0}>
          <UnstyledButton onClick={onOpen}>
            <Text fw={600} td={done ? 'line-through' : undefined} c={done ? 'dimmed' : undefined} style={{ overflowWrap: 'anywhere' }}>{task.title}</Text>
          </UnstyledButton>
          {task.detail && <Text size="sm" c="dimmed" lineClamp={2}>{task.detail}</Text>}
          <Group gap={8}>
            {task.kind !== 'todo' && <Badge size="sm" color="yellow">{t(`kind.${task.kind}`, { defaultValue: t('kind.other') })}</Badge>}
            {task.due_at && <Badge size="sm" color={late ? 'red' : 'gray'}>{t('dueAt')} <Time at={task.due_at} as="dateTime" /></Badge>}
            {assignee && <Badge size="sm" color="blue" leftSection={<IconUser size={11} />}>{assignee}</Badge>}
            <Text size="xs" c="dimmed"><Time at={done && task.done_at ? task.done_at : task.created_at} as="relative" /></Text>
            {task.contact && <Anchor size="xs" component={Link} to={`/contacts/${task.contact}`}>{t('contact')}</Anchor>}
          </Group>
        </Stack>
        {task.conversation && (
          <ActionIcon component={Link} to={`/inbox/${task.conversation}`} aria-label={t('conversation')}><IconMessageCircle size={18} /></ActionIcon>
        )}
      </Group>
    </Card>
  );
}
