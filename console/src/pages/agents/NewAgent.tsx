// A new agent: a name, and what it begins with.
import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { sendJson, useCan } from '../../api';
import { showInForm, useProblemText } from '../../ui';
import { agents, type Agent } from './model';

export function NewAgent({ all, onClose }: { all: Agent[]; onClose: () => void }) {
  const { t } = useTranslation('agents');
  const navigate = useNavigate();
  const queries = useQueryClient();
  const words = useProblemText();
  const library = useQuery({
    queryKey: ['prompts', 'to begin with'],
    queryFn: () => sendJson<{ items: { id: string; name: string }[] }>('GET', '/prompts?limit=200').then((f) => f.items),
    enabled: useCan('prompt:read'),
  });
  const form = useForm({ initialValues: { name: '', from: 'builtin' } });
  const make = useMutation({
    mutationFn: ({ name, from }: { name: string; from: string }) => {
      const [kind, id] = from.split(':');
      const copied = kind === 'agent' ? all.find((a) => a.id === id) : undefined;
      return agents.create({ name, ...(copied ? { spec: copied.spec } : {}), ...(kind === 'prompt' && id ? { prompt: id } : {}) });
    },
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ['agents'] });
      onClose();
      void navigate(`/agents/${made.id}`);
    },
    onError: (error) => {
      const rest = showInForm(form, error);
      if (rest) form.setFieldError('name', rest || words(error));
    },
  });
  return (
    <Modal opened closeButtonProps={{ 'aria-label': t('common:close') }} onClose={onClose} title={t('new.title')} centered>
      <form onSubmit={form.onSubmit((values) => make.mutate(values))}>
        <Stack>
          <TextInput label={t('new.name')} description={t('new.nameText')} required maxLength={120} data-autofocus {...form.getInputProps('name')} />
          <Select
            label={t('new.from')}
            allowDeselect={false}
            searchable
            data={[
              { group: t('new.scratch'), items: [{ value: 'builtin', label: t('new.builtin') }] },
              ...(all.length ? [{ group: t('new.copies'), items: all.map((a) => ({ value: `agent:${a.id}`, label: a.name })) }] : []),
              ...(library.data?.length ? [{ group: t('new.library'), items: library.data.map((p) => ({ value: `prompt:${p.id}`, label: p.name })) }] : []),
            ]}
            {...form.getInputProps('from')}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
            <Button type="submit" loading={make.isPending}>{t('new.make')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
