// One turn of the playground: what was said, what the agent did about it, what it cost.
import { ActionIcon, Alert, Badge, Button, Group, Loader, Modal, Stack, Text, Textarea, Tooltip } from '@mantine/core';
import { IconFileText, IconPencil } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Json, useFormat, useProblemText } from '../../ui';
import { Words } from '../../ui/words';
import classes from './agents.module.css';
import type { Answer, Turn } from './playground';
import { Steps } from './Steps';

export function TurnView({ turn, running, onRerun }: { turn: Turn; running: boolean; onRerun: (said: string) => void }) {
  const { t } = useTranslation('agents');
  const words = useProblemText();
  const [editing, setEditing] = useState<string>();
  const [prompt, setPrompt] = useState(false);
  const { answer } = turn;
  const stopped = !running && !answer && turn.failed === undefined && !turn.error;
  return (
    <Stack gap={6}>
      {editing === undefined ? (
        <Group gap={4} wrap="nowrap" align="center">
          <div className={classes.theirs}>{turn.said}</div>
          <Tooltip label={t('turn.edit')}>
            <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('turn.edit')} onClick={() => setEditing(turn.said)}><IconPencil size={14} /></ActionIcon>
          </Tooltip>
        </Group>
      ) : (
        <form onSubmit={(event) => (event.preventDefault(), setEditing(undefined), editing.trim() && onRerun(editing.trim()))}>
          <Textarea value={editing} onChange={(e) => setEditing(e.currentTarget.value)} autosize maxLength={8000} autoFocus aria-label={t('turn.edit')} />
          <Group gap="xs" mt={4}>
            <Button size="compact-xs" type="submit" disabled={!editing.trim()}>{t('turn.rerun')}</Button>
            <Button size="compact-xs" variant="default" onClick={() => setEditing(undefined)}>{t('common:cancel')}</Button>
          </Group>
        </form>
      )}
      <Steps happened={turn.happened} />
      {(turn.writing || answer) && (
        <div className={classes.ours}><Words text={answer ? answer.text : turn.writing} /></div>
      )}
      {running && !turn.writing && !answer && <Loader type="dots" size="sm" style={{ alignSelf: 'flex-end' }} aria-label={t('turn.working')} />}
      {turn.failed !== undefined && <Alert color="red" py={6}>{turn.failed || t('turn.cut')}</Alert>}
      {turn.error ? <Alert color="red" py={6} style={{ whiteSpace: 'pre-line' }}>{words(turn.error)}</Alert> : null}
      {stopped && <Text size="xs" c="dimmed" ta="right">{t('turn.stopped')}</Text>}
      {answer && (
        <Group gap={6} justify="flex-end">
          {answer.gave_up && <Badge color="red" variant="light">{t(`gaveUp.${answer.gave_up}`)}</Badge>}
          {answer.receipts.map((receipt, i) => <Badge key={i} color="teal" variant="light">{t(`receipt.${receipt}`)}</Badge>)}
          <Price answer={answer} />
          {turn.prompt && (
            <Tooltip label={t('turn.prompt')}>
              <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('turn.prompt')} onClick={() => setPrompt(true)}><IconFileText size={14} /></ActionIcon>
            </Tooltip>
          )}
        </Group>
      )}
      {prompt && (
        <Modal opened closeButtonProps={{ 'aria-label': t('common:close') }} onClose={() => setPrompt(false)} title={t('turn.prompt')} size="xl">
          <Json value={turn.prompt} height={560} label={t('turn.prompt')} />
        </Modal>
      )}
    </Stack>
  );
}

function Price({ answer }: { answer: Answer }) {
  const { t } = useTranslation('agents');
  const format = useFormat();
  const parts = [
    t('price.tokens', { count: answer.input_tokens + answer.output_tokens, n: format.number(answer.input_tokens + answer.output_tokens) }),
    answer.cost_micros === null ? t('price.unknown') : dollars(answer.cost_micros, format.language),
    `${format.number(answer.millis)} ms`,
  ];
  return (
    <Tooltip label={t('price.split', { input: format.number(answer.input_tokens), output: format.number(answer.output_tokens), calls: answer.model_calls })}>
      <Text size="xs" c="dimmed" tabIndex={0}>{parts.join(' · ')}</Text>
    </Tooltip>
  );
}

/** Model prices are in US dollars, and small. */
export function dollars(micros: number, language: string): string {
  return new Intl.NumberFormat(language, { style: 'currency', currency: 'USD', maximumFractionDigits: 6, minimumFractionDigits: 2 }).format(micros / 1_000_000);
}
