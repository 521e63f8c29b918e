// A moment, written for the reader in the business's zone, with the whole of it on hover.
import { Tooltip } from '@mantine/core';

import { useFormat, type When } from './format';
import { useNow } from './useNow';

type As = 'short' | 'time' | 'date' | 'dateTime' | 'relative';

export function Time({ at, as = 'dateTime' }: { at: When; as?: As }) {
  const format = useFormat();
  const now = useNow(as === 'relative' || as === 'short');
  const text = as === 'relative' || as === 'short' ? format[as](at, now) : format[as](at);
  return (
    <Tooltip label={format.full(at)}>
      <time dateTime={new Date(at).toISOString()}>{text}</time>
    </Tooltip>
  );
}

export function Money({ minor, currency }: { minor: number; currency?: string }) {
  return <>{useFormat().money(minor, currency)}</>;
}
