// A task in full: what, for whom, until when.
import { Button, Drawer, Group, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { DateTimePicker } from '@mantine/dates';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { api, ask, askTagged, ifMatch, useCan } from '../../api';
import { ErrorState, LoadingRows, showInForm, Time, told, useFormat, useProblemText } from '../../ui';
import { wallClock, zonedTime } from '../../ui/zone';
import type { Assignee, TaskView } from './types';

export function TaskEditor({ id, people, onClose }: { id?: string; people: Assignee[]; onClose: () => void }) {
  const { t } = useTranslation('tasks');
  const { t: common } = useTranslation();
  const found = useQuery({
    queryKey: ['task-editor', id],
    queryFn: () => askTagged(api.GET('/tasks/{id}', { params: { path: { id: id! } } })),
    enabled: !!id,
    // What one is writing is not replaced by what comes in meanwhile.
    staleTime: Infinity,
    gcTime: 0,
  });
  return (
    <Drawer opened onClose={onClose} position="right" title={id ? t('task') : t('new')} closeButtonProps={{ 'aria-label': common('close') }}>
      {!id ? (
        <Form people={people} onClose={onClose} />
      ) : found.isPending ? (
        <LoadingRows rows={4} />
      ) : found.data ? (
        <Form task={found.data.value} tag={found.data.tag} people={people} onClose={onClose} />
      ) : (
        <ErrorState error={found.error} retry={() => void found.refetch()} />
      )}
    </Drawer>
  );
}

function Form({ task, tag, people, onClose }: { task?: TaskView; tag?: string; people: Assignee[]; onClose: () => void }) {
  const { t } = useTranslation('tasks');
  const { t: common } = useTranslation();
  const { zone } = useFormat();
  const words = useProblemText();
  const queries = useQueryClient();
  const mayWrite = useCan('task:write');
  const [rest, setRest] = useState<string | null>(null);
  const form = useForm({
    initialValues: {
      title: task?.title ?? '',
      detail: task?.detail ?? '',
      assignee: task?.assignee ?? null,
      due_at: task?.due_at ? `${wallClock(task.due_at, zone).join(' ')}:00` : null,
    },
    validate: { title: (value) => (value.trim() ? null : t('needsTitle')) },
  });
  const save = useMutation({
    mutationFn: async (v: typeof form.values) => {
      const [day, time] = v.due_at?.split(' ') ?? [];
      const due_at = day && time ? zonedTime(day, time, zone).toISOString() : null;
      const detail = v.detail.trim() || null;
      if (task) {
        const body = { title: v.title, detail, assignee: v.assignee, due_at };
        await ask(api.PATCH('/tasks/{id}', { params: { path: { id: task.id } }, headers: ifMatch(tag), body }));
      } else {
        await ask(api.POST('/tasks', { body: { title: v.title, detail: detail ?? undefined, assignee: v.assignee ?? undefined, due_at: due_at ?? undefined } }));
      }
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['tasks'] });
      told(common('saved'));
      onClose();
    },
    onError: (error) => setRest(showInForm(form, error) ?? (error instanceof TypeError ? words(error) : null)),
  });
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
      <Stack>
        <TextInput label={t('field.title')} required maxLength={200} readOnly={!mayWrite} data-autofocus {...form.getInputProps('title')} />
        <Textarea label={t('field.detail')} autosize minRows={3} maxRows={12} readOnly={!mayWrite} {...form.getInputProps('detail')} />
        <Select
          label={t('field.assignee')}
          placeholder={t('nobody')}
          clearable
          searchable
          disabled={!mayWrite}
          data={people.map((p) => ({ value: p.id, label: p.name }))}
          {...form.getInputProps('assignee')}
        />
        <DateTimePicker
          label={t('field.due')}
          description={t('zone', { zone })}
          clearable
          disabled={!mayWrite}
          valueFormat="D MMM YYYY HH:mm"
          {...form.getInputProps('due_at')}
        />
        {task && (
          <Stack gap={4}>
            <Text size="sm" c="dimmed">{t('since')} <Time at={task.created_at} /></Text>
            <Group gap="sm">
              {task.conversation && <Button size="xs" variant="default" component={Link} to={`/inbox/${task.conversation}`}>{t('conversation')}</Button>}
              {task.contact && <Button size="xs" variant="default" component={Link} to={`/contacts/${task.contact}`}>{t('contact')}</Button>}
            </Group>
          </Stack>
        )}
        {rest && <Text c="red" size="sm" role="alert">{rest}</Text>}
        {mayWrite && (
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{common('cancel')}</Button>
            <Button type="submit" loading={save.isPending}>{common('save')}</Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}
