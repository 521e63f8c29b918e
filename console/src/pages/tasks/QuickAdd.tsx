// One line, Enter: a task.
import { Button, Group, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask } from '../../api';
import { useFailure } from '../../ui';

export function QuickAdd({ assignee }: { assignee?: string }) {
  const { t } = useTranslation('tasks');
  const queries = useQueryClient();
  const [title, setTitle] = useState('');
  const add = useMutation({
    mutationFn: () => ask(api.POST('/tasks', { body: { title, assignee } })),
    onSuccess: () => {
      setTitle('');
      void queries.invalidateQueries({ queryKey: ['tasks'] });
    },
    onError: useFailure(),
  });
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        if (title.trim()) add.mutate();
      }}
    >
      <Group gap="xs" wrap="nowrap">
        <TextInput
          flex={1}
          aria-label={t('quick')}
          placeholder={t('quickHint')}
          maxLength={200}
          leftSection={<IconPlus size={16} />}
          value={title}
          onChange={(e) => setTitle(e.currentTarget.value)}
        />
        <Button type="submit" variant="default" disabled={!title.trim()} loading={add.isPending}>{t('add')}</Button>
      </Group>
    </form>
  );
}
