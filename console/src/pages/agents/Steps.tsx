// What the agent did before it answered: tool calls with their results, and answers that were held back.
import { Badge, Box, Group, Text, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconChevronRight, IconTool } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Json } from '../../ui';
import classes from './agents.module.css';
import type { Acted, Call, Happened } from './playground';

export function Steps({ happened }: { happened: Happened[] }) {
  const { t } = useTranslation('agents');
  const results = new Map(happened.flatMap((h) => (h.kind === 'tools' ? h.results.map((r) => [r.call, r] as const) : [])));
  return (
    <>
      {happened.map((step, i) => {
        if (step.kind === 'model') return step.calls.map((call) => <ToolCall key={`${i}${call.id}`} call={call} result={results.get(call.id)} />);
        if (step.kind === 'correction') {
          return (
            <Box key={i} className={classes.step} p={8}>
              <Group gap={6} wrap="nowrap" align="flex-start">
                <IconAlertTriangle size={16} color="var(--mantine-color-yellow-6)" style={{ flexShrink: 0 }} />
                <Text size="sm">{t('steps.heldBack')}</Text>
              </Group>
            </Box>
          );
        }
        return null;
      })}
    </>
  );
}

function ToolCall({ call, result }: { call: Call; result: Acted | undefined }) {
  const { t } = useTranslation('agents');
  const [open, setOpen] = useState(false);
  const state = !result ? 'running' : !result.ok ? 'refused' : result.only_tried ? 'tried' : 'read';
  const color = { running: 'gray', refused: 'red', tried: 'violet', read: 'teal' }[state];
  return (
    <Box className={classes.step}>
      <UnstyledButton className={classes.stepHead} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Group gap={6} wrap="nowrap">
          <IconChevronRight size={14} style={{ transform: open ? 'rotate(90deg)' : undefined, flexShrink: 0 }} />
          <IconTool size={14} style={{ flexShrink: 0 }} />
          <Text size="sm" fw={500} truncate>{call.name}</Text>
          <Badge size="sm" variant="light" color={color} ml="auto" style={{ flexShrink: 0 }}>{t(`steps.${state}`)}</Badge>
        </Group>
        {result && <Text size="xs" c="dimmed" lineClamp={open ? undefined : 1}>{result.content}</Text>}
      </UnstyledButton>
      {open && (
        <Box px={10} pb={10}>
          <Text size="xs" fw={600} mb={2}>{t('steps.arguments')}</Text>
          <Json value={call.broken ?? call.arguments} height={220} label={t('steps.arguments')} />
          {result && (
            <>
              <Text size="xs" fw={600} mt="xs" mb={2}>{t('steps.result')}</Text>
              <Json value={result.data ?? result.content} height={260} label={t('steps.result')} />
            </>
          )}
        </Box>
      )}
    </Box>
  );
}
