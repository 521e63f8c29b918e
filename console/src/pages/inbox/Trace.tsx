// A turn told step by step: what the agent was given, what it called and said, what it cost, what was sent.
import { Accordion, Alert, Badge, Box, Drawer, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconRoute } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { EmptyState, ErrorState, Json, LoadingRows, Time, useFormat } from '../../ui';
import { useTrace, type Trace } from './data';
import { Decisions } from './TraceDecisions';
import { Send, StepView } from './TraceStep';

export default function TraceDrawer({ message, onClose }: { message: string | undefined; onClose: () => void }) {
  const { t } = useTranslation(['inbox', 'policies']);
  const phone = useMediaQuery('(max-width: 48em)');
  const trace = useTrace(message);
  return (
    <Drawer opened={!!message} onClose={onClose} position="right" size={phone ? '100%' : 620} title={t('trace.title')} closeButtonProps={{ 'aria-label': t('common:close') }}>
      {trace.isPending && <LoadingRows />}
      {trace.error && !trace.data ? <ErrorState error={trace.error} retry={() => void trace.refetch()} /> : null}
      {trace.data && <Told trace={trace.data} />}
    </Drawer>
  );
}

function Told({ trace }: { trace: Trace }) {
  const { t } = useTranslation('inbox');
  if (!trace.id) return <EmptyState compact icon={IconRoute} title={t('trace.none')} text={t(`trace.without.${trace.state}`, { defaultValue: trace.state })} />;
  return (
    <Stack gap="lg">
      <Summary trace={trace} />
      {trace.problem && <Alert color="orange" title={t('trace.problem')}>{trace.problem}</Alert>}
      <section>
        <Title order={3} mb={6}>{t('trace.incoming')}</Title>
        {(trace.incoming ?? []).map((m) => (
          <Text key={m.id} size="sm" style={{ whiteSpace: 'pre-wrap' }} dir="auto">{m.text}</Text>
        ))}
      </section>
      {trace.prompt != null && (
        <Accordion variant="contained">
          <Accordion.Item value="prompt">
            <Accordion.Control>{t('trace.prompt')}</Accordion.Control>
            <Accordion.Panel>
              <Json value={trace.prompt} label={t('trace.prompt')} />
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
      )}
      <section>
        <Title order={3} mb={6}>{t('trace.steps')}</Title>
        <Stack gap="xs" component="ol" p={0} m={0} style={{ listStyle: 'none' }}>
          {trace.steps.map((one, i) => (
            <li key={i}><StepView at={one.at} millis={one.millis} step={one.step} /></li>
          ))}
        </Stack>
      </section>
      {(trace.decisions ?? []).length > 0 && <Decisions of={trace.decisions!} />}
      {trace.sends.length > 0 && (
        <section>
          <Title order={3} mb={6}>{t('trace.sends')}</Title>
          <Stack gap="xs">
            {trace.sends.map((send) => <Send key={send.id} send={send} />)}
          </Stack>
        </section>
      )}
    </Stack>
  );
}

function Summary({ trace }: { trace: Trace }) {
  const { t } = useTranslation('inbox');
  const format = useFormat();
  const tokens = trace.used?.tokens;
  const figures: [string, React.ReactNode][] = [
    [t('trace.agent'), [trace.agent_name, trace.agent_version && `v${trace.agent_version}`].filter(Boolean).join(' ') || '–'],
    [t('trace.began'), trace.started_at ? <Time at={trace.started_at} /> : '–'],
    [t('trace.took'), typeof trace.millis === 'number' ? millis(format, trace.millis) : '–'],
    [t('trace.calls'), t('trace.callsText', { models: trace.used?.model_calls ?? 0, tools: trace.used?.tool_calls ?? 0 })],
    [t('trace.tokens'), tokens ? t('trace.tokensText', { input: format.number(tokens.input), cached: format.number(tokens.cached), output: format.number(tokens.output) }) : '–'],
    [t('trace.cost'), typeof tokens?.cost_micros === 'number' ? cost(format, tokens.cost_micros) : t('trace.costUnknown')],
  ];
  return (
    <Box>
      <Group gap="xs" mb="sm">
        <Badge color={trace.state === 'done' || trace.state === 'ended' ? 'green' : trace.state === 'running' ? 'blue' : 'orange'}>
          {t(`trace.state.${trace.state}`, { defaultValue: trace.state })}
        </Badge>
        {trace.outcome && <Text size="sm" c="dimmed">{trace.outcome}</Text>}
      </Group>
      <SimpleGrid cols={{ base: 2, xs: 3 }} spacing="sm">
        {figures.map(([label, value]) => (
          <Box key={label}>
            <Text size="xs" c="dimmed">{label}</Text>
            <Text size="sm" fw={550} component="div">{value}</Text>
          </Box>
        ))}
      </SimpleGrid>
    </Box>
  );
}

export function millis(format: ReturnType<typeof useFormat>, value: number): string {
  return value < 1000
    ? format.number(value, { style: 'unit', unit: 'millisecond', unitDisplay: 'short' })
    : format.number(value / 1000, { style: 'unit', unit: 'second', unitDisplay: 'short', maximumFractionDigits: 1 });
}

/** Millionths of a US dollar. */
export function cost(format: ReturnType<typeof useFormat>, micros: number): string {
  return format.number(micros / 1_000_000, { style: 'currency', currency: 'USD', maximumFractionDigits: 6 });
}
