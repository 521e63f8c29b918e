// A value as indented JSON, to read and to copy.
import { Box, Code } from '@mantine/core';

import { CopyButton } from './CopyButton';

export function Json({ value, height = 320, label }: { value: unknown; height?: number; label?: string }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return (
    <Box pos="relative">
      <Box pos="absolute" top={4} right={4} style={{ zIndex: 1 }}>
        <CopyButton value={text} />
      </Box>
      <Code block mah={height} style={{ overflow: 'auto', paddingRight: 36 }} tabIndex={0} aria-label={label}>
        {text}
      </Code>
    </Box>
  );
}
