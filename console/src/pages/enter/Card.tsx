// The card of a public page: what it is, what went wrong, and its form.
import { Alert, Paper, Stack, Text, Title } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';

import { usePageTitle, useProblemText } from '../../ui';

export function Card({ title, text, error, children }: { title: string; text?: ReactNode; error?: unknown; children?: ReactNode }) {
  usePageTitle(title);
  const words = useProblemText();
  return (
    <Paper withBorder radius="lg" p={{ base: 'lg', sm: 'xl' }}>
      <Stack gap="md">
        <div>
          <Title order={1} size="h2">
            {title}
          </Title>
          {text && (
            <Text c="dimmed" mt={4} component="div">
              {text}
            </Text>
          )}
        </div>
        {error ? (
          <Alert color="red" role="alert" icon={<IconAlertCircle size={18} />}>
            {typeof error === 'string' ? error : words(error)}
          </Alert>
        ) : null}
        {children}
      </Stack>
    </Paper>
  );
}
