// The agent asked a question: the answer goes back into its conversation.
import { Alert, Button, Card, Group, Stack, Textarea } from '@mantine/core';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useProblemText, useShortcuts } from '../../ui';
import type { Word } from './data';
import { LONGEST } from './Say';

export function Answer({ onSay }: { onSay: (word: Word) => Promise<void> }) {
  const { t } = useTranslation('approvals');
  const words = useProblemText();
  const box = useRef<HTMLTextAreaElement>(null);
  const [answer, setAnswer] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  useShortcuts(t('request'), [{ keys: 'a', label: t('answer.focus'), run: () => box.current?.focus() }]);
  const submit = async () => {
    if (busy || !answer.trim()) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await onSay({ say: 'answer', answer: answer.trim() });
    } catch (error) {
      setProblem(words(error));
    }
    setBusy(false);
  };
  return (
    <Card>
      <form onSubmit={(e) => (e.preventDefault(), void submit())}>
        <Stack>
          <Textarea
            ref={box}
            label={t('answer.label')}
            description={t('answer.hint')}
            autosize
            minRows={3}
            maxRows={12}
            maxLength={LONGEST}
            value={answer}
            onChange={(e) => setAnswer(e.currentTarget.value)}
            onKeyDown={(e) => {
              if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) void submit();
              if (e.key === 'Escape') e.currentTarget.blur();
            }}
          />
          {problem && <Alert color="red" role="alert" style={{ whiteSpace: 'pre-line' }}>{problem}</Alert>}
          <Group justify="flex-end">
            <Button type="submit" loading={busy} disabled={!answer.trim()}>{t('answer.do')}</Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}
