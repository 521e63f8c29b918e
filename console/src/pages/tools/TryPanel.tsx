// A trial: the exact request and what came back, side by side.
import { Alert, Badge, Button, Code, Divider, Group, JsonInput, Paper, Stack, Switch, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconAlertTriangle, IconPlayerPlay } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask, useCan } from '../../api';
import { Json } from '../../ui';
import { mono, sample, type NewTool, type Trial, type Values } from './draft';

export function TryPanel({ values, read, onFlaws, onExample, error }: {
  values: Values;
  /** The tool as it stands, or null when it cannot be read. */
  read: () => NewTool | null;
  onFlaws: (error: unknown) => void;
  /** The arguments become those of the example call; empty: there is none. */
  onExample: (text: string) => void;
  error: ReactNode;
}) {
  const { t } = useTranslation('tools');
  const mayWrite = useCan('tool:write');
  const [text, setText] = useState<string | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const run = useMutation({
    mutationFn: (body: { tool: NewTool; arguments: unknown }) => ask<Trial>(api.POST('/tools/test', { body: body as never })),
    onError: onFlaws,
  });
  const shown = text ?? (values.example || sample(values));
  const write = (written: string) => {
    setText(written);
    if (values.example) onExample(written);
  };

  const start = () => {
    setWrong(null);
    let args: unknown;
    try {
      args = JSON.parse(shown || '{}');
    } catch {
      setWrong(t('form.notJson'));
      return;
    }
    const tool = read();
    if (tool) run.mutate({ tool, arguments: args });
  };

  return (
    <Paper withBorder p="md" radius="md">
      <Stack gap="sm">
        <Title order={2} size="h4">{t('try.title')}</Title>
        <Text size="sm" c="dimmed">{values.effect === 'writes' ? t('try.writes') : t('try.text')}</Text>
        <JsonInput label={t('try.arguments')} autosize minRows={3} maxRows={12} styles={mono} value={shown} error={wrong ?? error} onChange={write} />
        <Switch label={t('probe.keep')} description={t('probe.keepHelp')} disabled={!mayWrite} checked={!!values.example} onChange={(event) => onExample(event.currentTarget.checked ? shown : '')} />
        <Group>
          <Button disabled={!mayWrite} loading={run.isPending} leftSection={<IconPlayerPlay size={16} />} onClick={start}>{t('try.run')}</Button>
        </Group>
        <div aria-live="polite">{run.data && !run.isPending && <Outcome trial={run.data} />}</div>
      </Stack>
    </Paper>
  );
}

function Outcome({ trial }: { trial: Trial }) {
  const { t } = useTranslation('tools');
  const { request, response, problem } = trial;
  return (
    <Stack gap="sm">
      {problem && (
        <Alert color="red" icon={<IconAlertTriangle size={18} />} title={t(`try.problem.${problem.kind}`)}>{problem.detail}</Alert>
      )}
      {request && (
        <section aria-label={t('try.request')}>
          <Divider label={t('try.request')} labelPosition="left" mb={6} />
          <Stack gap={6}>
            <Text size="sm" ff="monospace" style={{ wordBreak: 'break-all' }}><b>{request.method}</b> {request.url}</Text>
            <Headers all={request.headers} />
            {request.body !== undefined && <Json value={indented(request.body)} label={t('try.requestBody')} height={200} />}
          </Stack>
        </section>
      )}
      {response && (
        <section aria-label={t('try.response')}>
          <Divider
            labelPosition="left"
            mb={6}
            label={<Group gap="xs">{t('try.response')}<Badge color={trial.succeeded ? 'green' : 'red'} variant="light">{response.status}</Badge>{t('try.millis', { millis: trial.millis })}</Group>}
          />
          <Stack gap={6}>
            <Headers all={response.headers} />
            <Json value={indented(response.body)} label={t('try.responseBody')} />
            {response.cut_off && <Text size="xs" c="dimmed">{t('try.cutOff')}</Text>}
          </Stack>
        </section>
      )}
      <section aria-label={t('try.told')}>
        <Divider label={t('try.told')} labelPosition="left" mb={6} />
        <Text size="sm" style={{ whiteSpace: 'pre-wrap', wordBreak: 'break-word', maxHeight: 240, overflow: 'auto' }} tabIndex={0}>{trial.told}</Text>
      </section>
    </Stack>
  );
}

function Headers({ all }: { all: { name: string; value: string }[] }) {
  if (all.length === 0) return null;
  return (
    <Stack gap={2}>
      {all.map((header, i) => (
        <Text key={i} size="xs" c="dimmed" style={{ wordBreak: 'break-all' }}><Code fz="xs">{header.name}</Code> {header.value}</Text>
      ))}
    </Stack>
  );
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
