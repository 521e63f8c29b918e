// The whole prompt as the model would get it, for the customer and the moment of the playground.
import { Alert, Badge, Code, Group, Stack, Text, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { ErrorState, LoadingRows, useFormat } from '../../ui';
import { agents } from './model';
import type { Cast } from './playground';

export function Preview({ prompt, agent, cast }: { prompt: string; agent: string; cast: Cast }) {
  const { t } = useTranslation('agents');
  const format = useFormat();
  const [wanted] = useDebouncedValue(prompt, 400);
  const { contact, now } = cast;
  const found = useQuery({
    queryKey: ['agent-preview', agent, wanted, contact, now],
    queryFn: () => agents.preview({ prompt: wanted, agent_name: agent, ...(contact ? { contact } : {}), ...(now ? { now } : {}) }),
    placeholderData: keepPreviousData,
  });
  if (found.isPending) return <LoadingRows rows={4} height={80} />;
  if (found.error) return <ErrorState error={found.error} retry={() => void found.refetch()} />;
  const parts = [['prompt', found.data.own], ['moment', found.data.moment], ['business', found.data.business]] as const;
  return (
    <Stack>
      <Group gap="xs">
        <Badge variant="light">{t('preview.size', { characters: format.number(found.data.characters), tokens: format.number(found.data.tokens) })}</Badge>
        <Text size="sm" c="dimmed">{t('preview.text', { who: cast.contactName || cast.customerName || t('cast.standIn') })}</Text>
      </Group>
      {parts.map(([part, text]) => (
        <section key={part} aria-label={t(`preview.${part}`)}>
          <Title order={2} size="h5" mb={4}>{t(`preview.${part}`)}</Title>
          {found.data.problems.filter((p) => p.path === part).map((p, i) => (
            <Alert key={i} color={part === 'prompt' ? 'red' : 'yellow'} mb="xs" py={6}>
              {p.line !== undefined ? `${t('prompt.place', { line: p.line, column: p.column ?? 1 })} ` : ''}
              {p.problem}
            </Alert>
          ))}
          <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{text}</Code>
        </section>
      ))}
    </Stack>
  );
}
