// Nothing here yet, it went wrong, it is coming: the three faces every page has besides its own.
import { Alert, Box, Button, Group, Skeleton, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconAlertTriangle, IconRefresh, type Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { useProblemText } from './problems';

export function EmptyState({ icon: Icon, title, text, action, compact = false }: {
  icon: Icon;
  title: string;
  text: ReactNode;
  action?: ReactNode;
  compact?: boolean;
}) {
  return (
    <Stack align="center" gap={compact ? 'xs' : 'sm'} ta="center" py={compact ? 'lg' : 56} px="md">
      <ThemeIcon size={compact ? 40 : 56} radius="xl" variant="light" aria-hidden>
        <Icon size={compact ? 20 : 28} stroke={1.6} />
      </ThemeIcon>
      <Title order={2} size={compact ? 'h4' : 'h3'}>
        {title}
      </Title>
      <Text c="dimmed" maw={460} size={compact ? 'sm' : 'md'}>
        {text}
      </Text>
      {action && <Box mt="xs">{action}</Box>}
    </Stack>
  );
}

export function ErrorState({ error, retry, title }: { error: unknown; retry?: () => void; title?: string }) {
  const { t } = useTranslation();
  const words = useProblemText();
  return (
    <Box p="md" role="alert">
      <Alert color="red" icon={<IconAlertTriangle size={20} />} title={title ?? t('error.title')}>
        <Text size="sm">{words(error)}</Text>
        {retry && (
          <Group mt="sm">
            <Button size="xs" variant="default" leftSection={<IconRefresh size={14} />} onClick={retry}>
              {t('error.retry')}
            </Button>
          </Group>
        )}
      </Alert>
    </Box>
  );
}

/** Rows that are on their way. */
export function LoadingRows({ rows = 6, height = 44 }: { rows?: number; height?: number }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm" role="status" aria-label={t('loading')}>
      {Array.from({ length: rows }, (_, i) => (
        <Skeleton key={i} height={height} radius="md" opacity={1 - i / (rows + 2)} />
      ))}
    </Stack>
  );
}

/** A whole page that is on its way. */
export function LoadingPage() {
  return (
    <Box p={{ base: 'md', sm: 'xl' }} maw={1180} mx="auto" w="100%">
      <Skeleton height={28} width={220} mb="sm" />
      <Skeleton height={16} width="45%" mb="xl" />
      <LoadingRows />
    </Box>
  );
}
