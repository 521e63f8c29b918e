// Yes or no to exactly what is shown here, with a word for the agent.
import { Alert, Box, Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useProblemText } from '../../ui';
import { Value } from './ArgumentsView';
import { isArguments } from './arguments';
import type { Approval, Word } from './data';

export const LONGEST = 2000;

export function Say({ of, what, onSay, onClose }: { of: Approval; what: 'approve' | 'reject'; onSay: (word: Word) => Promise<void>; onClose: () => void }) {
  const { t } = useTranslation('approvals');
  const { t: common } = useTranslation();
  const words = useProblemText();
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const submit = async () => {
    if (busy) return;
    setBusy(true);
    setProblem(undefined);
    const said = note.trim() || undefined;
    try {
      await onSay(what === 'approve' ? { say: 'approve', args_hash: of.args_hash, note: said } : { say: 'reject', note: said });
    } catch (error) {
      setProblem(words(error));
      setBusy(false);
    }
  };
  const lines = isArguments(of.arguments) ? Object.entries(of.arguments) : [];
  return (
    <Modal opened onClose={onClose} centered title={t(`${what}.title`, { what: of.title })} closeButtonProps={{ 'aria-label': common('close') }}>
      <form onSubmit={(e) => (e.preventDefault(), void submit())}>
        <Stack>
          <Box component="dl" m={0} mah={220} style={{ overflow: 'auto' }} tabIndex={lines.length > 5 ? 0 : undefined} aria-label={t('arguments.title')}>
            {lines.map(([name, value]) => (
              <Group key={name} gap="xs" wrap="nowrap" align="flex-start" mb={4}>
                <Text size="sm" ff="monospace" c="dimmed" component="dt" style={{ flex: '0 0 35%', overflowWrap: 'anywhere' }}>{name}</Text>
                <Box component="dd" m={0} miw={0} flex={1}><Value of={value} /></Box>
              </Group>
            ))}
          </Box>
          <Text size="sm">{t(`${what}.text`)}</Text>
          <Textarea
            label={t('note')}
            description={t('noteHint')}
            autosize
            minRows={2}
            maxRows={8}
            maxLength={LONGEST}
            data-autofocus
            value={note}
            onChange={(e) => setNote(e.currentTarget.value)}
            onKeyDown={(e) => e.key === 'Enter' && (e.ctrlKey || e.metaKey) && void submit()}
          />
          {problem && <Alert color="red" role="alert" style={{ whiteSpace: 'pre-line' }}>{problem}</Alert>}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{common('cancel')}</Button>
            <Button type="submit" loading={busy} color={what === 'reject' ? 'red' : undefined}>{t(`${what}.yes`)}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
