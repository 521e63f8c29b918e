// The top of a page: what it is, what it is for, and its main actions.
import { Box, Group, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';

import { useMaybeSession } from '../api/session';

export function PageHeader({ title, text, actions }: { title: string; text?: ReactNode; actions?: ReactNode }) {
  usePageTitle(title);
  return (
    <Group component="header" justify="space-between" align="flex-start" gap="md" mb="lg">
      <Box flex="1 1 260px" miw={0}>
        <Title order={1}>{title}</Title>
        {text && (
          <Text c="dimmed" mt={4} maw={680}>
            {text}
          </Text>
        )}
      </Box>
      {actions && <Group gap="sm">{actions}</Group>}
    </Group>
  );
}

export function usePageTitle(title: string): void {
  const business = useMaybeSession()?.business?.name;
  useDocumentTitle([title, business, 'frontdesk'].filter(Boolean).join(' · '));
}
