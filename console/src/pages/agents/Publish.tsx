// Publishing: what changes, and a note for those who come later.
import { Alert, Box, Button, Group, List, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { undoable, useFailure, useProblemText } from '../../ui';
import { Diff } from './Diff';
import { agents, type Agent } from './model';
import type { DraftState } from './useDraft';
import { useLines } from './useLines';

export function Publish({ agent, draft, onClose }: { agent: Agent; draft: DraftState; onClose: () => void }) {
  const { t } = useTranslation('agents');
  const lines = useLines();
  const words = useProblemText();
  const failed = useFailure();
  const queries = useQueryClient();
  const [note, setNote] = useState('');
  const fresh = () => queries.invalidateQueries({ queryKey: ['agents'] });
  const publish = useMutation({
    mutationFn: () => agents.publish(agent.id, note.trim(), draft.tag),
    onSuccess: async ({ value }) => {
      onClose();
      await Promise.all([fresh(), draft.reload()]);
      const back = () => agents.restore(agent.id, agent.version, t('publish.undone', { n: value.version })).then(fresh, failed).then(() => draft.reload());
      undoable(t('publish.done', { n: value.version }), back);
    },
  });
  const [before, after] = [lines(agent.spec), lines(draft.spec)];
  return (
    <Modal opened closeButtonProps={{ 'aria-label': t('common:close') }} onClose={onClose} title={t('publish.title', { name: agent.name })} size="xl" centered>
      <form onSubmit={(event) => (event.preventDefault(), publish.mutate())}>
        <Stack>
          <TextInput label={t('publish.note')} description={t('publish.noteText')} value={note} onChange={(e) => setNote(e.currentTarget.value)} required maxLength={500} data-autofocus />
          {draft.problems.length > 0 && (
            <Alert color="red" title={t('publish.cannot')}>
              <List size="sm">
                {draft.problems.map((p, i) => (
                  <List.Item key={i}>{p.path}{p.line ? ` (${t('prompt.place', { line: p.line, column: p.column ?? 1 })})` : ''}: {p.problem}</List.Item>
                ))}
              </List>
            </Alert>
          )}
          {draft.basedOn !== agent.version && <Alert color="yellow">{t('publish.older', { based: draft.basedOn, now: agent.version })}</Alert>}
          <Box mah="46vh" style={{ overflow: 'auto' }} tabIndex={0} role="region" aria-label={t('publish.changes')}>
            {before === after ? <Text c="dimmed">{t('publish.same')}</Text> : <Diff before={before} after={after} titles={[t('published', { n: agent.version }), t('list.draft')]} />}
          </Box>
          {publish.error ? <Alert color="red">{words(publish.error)}</Alert> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
            <Button type="submit" loading={publish.isPending} disabled={!note.trim() || draft.problems.length > 0}>{t('publish.open')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
