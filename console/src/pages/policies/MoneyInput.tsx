// An amount in the business's currency, kept in minor units.
import { NumberInput } from '@mantine/core';

import { useBusiness } from '../../api';
import { minorDigits } from '../../ui/format';

export function MoneyInput({ label, value, onChange, disabled = false }: { label: string; value: number | null; onChange: (minor: number | null) => void; disabled?: boolean }) {
  const { currency } = useBusiness();
  const digits = minorDigits(currency);
  return (
    <NumberInput
      label={label}
      disabled={disabled}
      min={0}
      max={1e12}
      decimalScale={digits}
      allowNegative={false}
      suffix={` ${currency}`}
      value={value === null ? '' : value / 10 ** digits}
      onChange={(next) => onChange(next === '' || !Number.isFinite(Number(next)) ? null : Math.round(Number(next) * 10 ** digits))}
    />
  );
}
