// An amount of any currency, kept in its minor units.
import { NumberInput } from '@mantine/core';

import { minorDigits } from '../../ui';

export function AmountInput({ currency, value, onChange, ...rest }: {
  currency: string;
  value: number | null;
  onChange: (minor: number | null) => void;
  label: string;
  description?: string;
  error?: string;
  disabled?: boolean;
}) {
  const digits = minorDigits(currency);
  return (
    <NumberInput
      {...rest}
      min={0}
      max={1e12}
      clampBehavior="none"
      decimalScale={digits}
      allowNegative={false}
      thousandSeparator=" "
      suffix={` ${currency}`}
      value={value === null ? '' : value / 10 ** digits}
      onChange={(next) => onChange(next === '' || !Number.isFinite(Number(next)) ? null : Math.round(Number(next) * 10 ** digits))}
    />
  );
}
