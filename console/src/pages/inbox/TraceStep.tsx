// One step of a turn, and one message on its way out.
import { Badge, Box, Code, Group, Paper, Text } from '@mantine/core';
import { IconArrowBackUp, IconBrain, IconFlag, IconInfoCircle, IconMessagePlus, IconTool, type Icon } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { Json, Time, useFormat } from '../../ui';
import type { Trace } from './data';
import { millis } from './Trace';

type Step = Trace['steps'][number]['step'];

const SIGNS: Record<Step['kind'], Icon> = { model: IconBrain, tools: IconTool, correction: IconArrowBackUp, note: IconInfoCircle, more: IconMessagePlus, finished: IconFlag };

export function StepView({ step, at, millis: took }: { step: Step; at: string; millis: number | null }) {
  const { t } = useTranslation('inbox');
  const format = useFormat();
  const Sign = SIGNS[step.kind];
  return (
    <Paper withBorder p="sm" radius="md">
      <Group justify="space-between" wrap="nowrap" mb={4}>
        <Group gap={6} wrap="nowrap" miw={0}>
          <Sign size={16} aria-hidden />
          <Text size="sm" fw={620} truncate>{step.kind === 'model' ? (step.dialect === 'policy' ? t('trace.step.approved') : t('trace.step.model', { model: step.model })) : t(`trace.step.${step.kind}`)}</Text>
        </Group>
        <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
          {typeof took === 'number' && took > 0 ? `${millis(format, took)} · ` : ''}
          <Time at={at} as="time" />
        </Text>
      </Group>
      <StepBody step={step} />
    </Paper>
  );
}

function StepBody({ step }: { step: Step }) {
  const { t } = useTranslation('inbox');
  const format = useFormat();
  switch (step.kind) {
    case 'model':
      return (
        <>
          {step.text && <Said text={step.text} />}
          {(step.calls ?? []).map((call) => (
            <Box key={call.id} mt={6}>
              <Text size="sm">{t('trace.asks')} <Code>{call.name}</Code></Text>
              <Json value={call.arguments} height={180} label={t('trace.arguments', { name: call.name })} />
              {call.broken && <Text size="sm" c="red">{call.broken}</Text>}
            </Box>
          ))}
          {step.usage && (
            <Text size="xs" c="dimmed" mt={6}>
              {t('trace.tokensText', { input: format.number(step.usage.input), cached: format.number(step.usage.cached), output: format.number(step.usage.output) })}
            </Text>
          )}
        </>
      );
    case 'tools':
      return step.results.map((result) => (
        <Box key={result.call} mt={4}>
          <Group gap={6} mb={4}>
            <Code>{result.name}</Code>
            <Badge size="sm" color={result.ok ? 'green' : 'red'}>{t(result.ok ? 'trace.ok' : 'trace.refused')}</Badge>
            {result.receipt && <Badge size="sm" color="pine" variant="outline">{t(`receipt.${result.receipt}`, { defaultValue: result.receipt })}</Badge>}
          </Group>
          <Said text={result.content} />
          {result.data != null && <Json value={result.data} height={200} label={t('trace.result', { name: result.name })} />}
        </Box>
      ));
    case 'correction':
    case 'note':
    case 'finished':
      return (
        <>
          {step.text ? <Said text={step.text} /> : <Text size="sm" c="dimmed">{t('trace.nothingSaid')}</Text>}
          {step.kind === 'finished' && step.gave_up && <Text size="sm" c="orange" mt={4}>{t(`trace.gaveUp.${step.gave_up}`, { defaultValue: step.gave_up })}</Text>}
        </>
      );
    case 'more':
      return null;
  }
}

function Said({ text }: { text: string }) {
  return <Text size="sm" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }} dir="auto">{text}</Text>;
}

export function Send({ send }: { send: Trace['sends'][number] }) {
  const { t } = useTranslation('inbox');
  const format = useFormat();
  return (
    <Paper withBorder p="sm" radius="md">
      <Group justify="space-between" mb={4}>
        <Badge color={send.delivery === 'failed' ? 'red' : 'gray'}>{send.delivery ? t(`delivery.${send.delivery}`) : send.state}</Badge>
        <Text size="xs" c="dimmed">{t('trace.attempts', { count: send.attempts })}</Text>
      </Group>
      {send.text && <Said text={send.text} />}
      {send.problem && <Text size="sm" c="red">{send.problem}</Text>}
      {send.tries.map((one) => (
        <Text key={one.n} size="xs" c="dimmed">
          {one.n}. <Time at={one.started_at} as="time" /> · {one.outcome ?? '…'}
          {typeof one.millis === 'number' ? ` · ${millis(format, one.millis)}` : ''}
          {one.detail ? ` · ${one.detail}` : ''}
        </Text>
      ))}
    </Paper>
  );
}
