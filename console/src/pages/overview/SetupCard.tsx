// What is left to set up; gone when everything that is needed is done.
import { Anchor, Badge, Group, Paper, Progress, SimpleGrid, Text, ThemeIcon, Title } from '@mantine/core';
import { IconCheck, IconCircleDashed } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { api, ask } from '../../api';

const WHERE: Record<string, string> = {
  model: '/settings#models',
  whatsapp: '/channels',
  webchat: '/channels',
  hours: '/services/hours',
  services: '/services',
  staff: '/services/staff',
  prompt: '/agents',
  team: '/team',
};

export function SetupCard() {
  const { t } = useTranslation('overview');
  const setup = useQuery({ queryKey: ['setup'], queryFn: () => ask(api.GET('/setup')) });
  const steps = setup.data?.steps ?? [];
  const needed = steps.filter((s) => !s.optional);
  const done = steps.filter((s) => s.done).length;
  if (steps.length === 0 || needed.every((s) => s.done)) return null;
  return (
    <Paper withBorder p="md" radius="md" component="section" aria-label={t('setup.title')}>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4">{t('setup.title')}</Title>
        <Text size="sm" c="dimmed">{t('setup.done', { done, all: steps.length })}</Text>
      </Group>
      <Progress value={(done / steps.length) * 100} mb="md" aria-label={t('setup.title')} />
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 4 }} spacing="sm">
        {steps.map((s) => (
          <Group key={s.step} wrap="nowrap" align="flex-start" gap="sm">
            <ThemeIcon size={26} radius="xl" variant="light" color={s.done ? 'teal' : 'gray'} role="img" aria-label={t(s.done ? 'setup.isDone' : 'setup.isOpen')}>
              {s.done ? <IconCheck size={16} /> : <IconCircleDashed size={16} />}
            </ThemeIcon>
            <div>
              <Group gap={6}>
                <Anchor component={Link} to={WHERE[s.step] ?? '/'} size="sm" fw={600}>{t(`setup.${s.step}.title`)}</Anchor>
                {s.optional && <Badge size="xs" variant="light" color="gray">{t('setup.optional')}</Badge>}
              </Group>
              <Text size="xs" c="dimmed">{t(`setup.${s.step}.text`)}</Text>
            </div>
          </Group>
        ))}
      </SimpleGrid>
    </Paper>
  );
}
