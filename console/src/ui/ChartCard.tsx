// A frame with a title for a chart.
import { Paper, Title } from '@mantine/core';
import type { ReactNode } from 'react';

export function ChartCard({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <Paper withBorder p="md" radius="md" component="section" aria-label={title}>
      <Title order={2} size="h5" mb="sm">{title}</Title>
      {aside}
      {children}
    </Paper>
  );
}
