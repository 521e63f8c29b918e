// The example call of a tool: what it came to the last time, and making it again.
import { Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconHeartbeat } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { useCan } from '../../api';
import { Time, useFailure } from '../../ui';
import type { Tool } from './draft';
import { probeTool, useStale } from './queries';

export function Probe({ tool }: { tool: Tool }) {
  const { t } = useTranslation('tools');
  const mayWrite = useCan('tool:write');
  const failed = useFailure();
  const stale = useStale();
  const run = useMutation({ mutationFn: () => probeTool(tool.id!), onSuccess: stale, onError: failed });
  const { probe } = tool;
  if (!tool.example) return null;
  return (
    <Paper withBorder p="md" radius="md" component="section" aria-label={t('probe.title')}>
      <Stack gap="xs">
        <Group justify="space-between">
          <Title order={2} size="h4">{t('probe.title')}</Title>
          {mayWrite && <Button size="compact-sm" variant="default" loading={run.isPending} leftSection={<IconHeartbeat size={14} />} onClick={() => run.mutate()}>{t('probe.run')}</Button>}
        </Group>
        <div aria-live="polite">
          {probe ? (
            <Stack gap={4}>
              <Group gap="xs">
                <Badge color={probe.succeeded ? 'green' : 'red'} variant="light">{t(probe.succeeded ? 'probe.good' : 'probe.bad')}</Badge>
                <Text size="xs" c="dimmed"><Time at={probe.at} /> · {t('try.millis', { millis: probe.millis })}</Text>
                {probe.outdated && <Badge color="orange" variant="light">{t('probe.outdated')}</Badge>}
              </Group>
              <Text size="sm" style={{ whiteSpace: 'pre-wrap', wordBreak: 'break-word' }}>{probe.told}</Text>
            </Stack>
          ) : (
            <Text size="sm" c="dimmed">{t('probe.never')}</Text>
          )}
        </div>
      </Stack>
    </Paper>
  );
}
