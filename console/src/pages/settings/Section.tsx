// One block of settings with its heading.
import { Paper, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

export function Section({ id, title, text, children }: { id: string; title: string; text?: string; children: ReactNode }) {
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} radius="md" component="section" id={id} aria-labelledby={`${id}-title`}>
      <Title order={2} size="h4" id={`${id}-title`}>{title}</Title>
      {text && <Text c="dimmed" size="sm" mt={4}>{text}</Text>}
      <div style={{ marginTop: 16 }}>{children}</div>
    </Paper>
  );
}
