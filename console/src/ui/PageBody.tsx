// The padded, scrolling body of an ordinary page; the inbox and the calendar fill the window instead.
import { Box } from '@mantine/core';
import type { ReactNode } from 'react';

export function PageBody({ children, width = 1180 }: { children: ReactNode; width?: number | string }) {
  return (
    <Box px={{ base: 'md', sm: 'xl' }} py={{ base: 'md', sm: 'xl' }} maw={width} mx="auto" w="100%">
      {children}
    </Box>
  );
}
