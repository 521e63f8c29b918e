// Another name for an agent.
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { undoable, useProblemText } from '../../ui';
import { agents, type Agent } from './model';

export function Rename({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const { t } = useTranslation('agents');
  const words = useProblemText();
  const queries = useQueryClient();
  const [name, setName] = useState(agent.name);
  const set = (to: string) => agents.change(agent.id, { name: to }).then(() => queries.invalidateQueries({ queryKey: ['agents'] }));
  const save = useMutation({
    mutationFn: () => set(name.trim()),
    onSuccess: () => {
      undoable(t('rename.done'), () => set(agent.name));
      onClose();
    },
  });
  return (
    <Modal opened closeButtonProps={{ 'aria-label': t('common:close') }} onClose={onClose} title={t('menu.rename')} centered>
      <form onSubmit={(event) => (event.preventDefault(), save.mutate())}>
        <Stack>
          <TextInput label={t('new.name')} description={t('new.nameText')} value={name} onChange={(e) => setName(e.currentTarget.value)} maxLength={120} required data-autofocus error={save.error ? words(save.error) : null} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
            <Button type="submit" loading={save.isPending} disabled={!name.trim()}>{t('rename.save')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
