// Every version, compared with the one that answers now; any of them can answer again.
import { Badge, Box, Button, Drawer, Group, Stack, Text, UnstyledButton } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useCan, usePages } from '../../api';
import { ErrorState, LoadingRows, More, Time, undoable, useFailure } from '../../ui';
import classes from './agents.module.css';
import { Diff } from './Diff';
import { agents, type Agent, type Version } from './model';
import { useLines } from './useLines';

export function Versions({ agent, onClose, onRestored }: { agent: Agent; onClose: () => void; onRestored: () => void }) {
  const { t } = useTranslation('agents');
  const found = usePages<Version>(['agents', agent.id, 'versions'], (cursor) => agents.versions(agent.id, cursor));
  const [open, setOpen] = useState<number>();
  const queries = useQueryClient();
  const may = useCan('agent:write');
  const lines = useLines();
  const onError = useFailure();
  const fresh = () => queries.invalidateQueries({ queryKey: ['agents'] }).then(onRestored);
  const restore = useMutation({
    mutationFn: (n: number) => agents.restore(agent.id, n),
    onSuccess: async (made, n) => {
      await fresh();
      undoable(t('versions.restored', { n, made: made.version }), () => agents.restore(agent.id, agent.version).then(fresh));
    },
    onError,
  });
  return (
    <Drawer opened closeButtonProps={{ 'aria-label': t('common:close') }} onClose={onClose} title={t('versions.title', { name: agent.name })} position="right" size="min(900px, 100%)">
      {found.isPending ? <LoadingRows /> : found.error && !found.items ? <ErrorState error={found.error} retry={() => void found.refetch()} /> : null}
      <Stack gap="xs">
        {found.items?.map((v) => (
          <Box key={v.version} className={classes.step} style={{ width: '100%' }}>
            <UnstyledButton className={classes.stepHead} aria-expanded={open === v.version} onClick={() => setOpen(open === v.version ? undefined : v.version)}>
              <Group justify="space-between" gap="xs">
                <Group gap="xs">
                  <Text fw={600}>{t('version', { n: v.version })}</Text>
                  {v.version === agent.version && <Badge variant="light">{t('versions.answers')}</Badge>}
                </Group>
                <Text size="sm" c="dimmed">{v.author_name ?? t('versions.nobody')} · <Time at={v.created_at} as="short" /></Text>
              </Group>
              <Text size="sm">{v.note}</Text>
            </UnstyledButton>
            {open === v.version && (
              <Box px="sm" pb="sm">
                {v.version === agent.version ? (
                  <Text size="sm" c="dimmed">{t('versions.this')}</Text>
                ) : (
                  <>
                    {may && (
                      <Button size="xs" mb="xs" loading={restore.isPending} onClick={() => restore.mutate(v.version)}>{t('versions.restore', { n: v.version })}</Button>
                    )}
                    <Box style={{ overflow: 'auto' }}>
                      <Diff before={lines(v.spec)} after={lines(agent.spec)} titles={[t('version', { n: v.version }), t('published', { n: agent.version })]} />
                    </Box>
                  </>
                )}
              </Box>
            )}
          </Box>
        ))}
      </Stack>
      <More pages={found} />
    </Drawer>
  );
}
