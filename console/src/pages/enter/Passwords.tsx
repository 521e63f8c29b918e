// A new password, typed once and shown on wish.
import { PasswordInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { ApiProblem } from '../../api/problem';

export const SHORTEST = 12;

export function NewPasswordInput({ value, onChange, error, autoFocus }: {
  value: string;
  onChange: (value: string) => void;
  error?: unknown;
  autoFocus?: boolean;
}) {
  const { t } = useTranslation('enter');
  return (
    <PasswordInput
      label={t('newPassword')}
      description={t('passwordRule', { n: SHORTEST })}
      name="new-password"
      autoComplete="new-password"
      required
      minLength={SHORTEST}
      autoFocus={autoFocus}
      value={value}
      onChange={(e) => onChange(e.currentTarget.value)}
      error={fieldOf(error, 'password') && t('passwordWeak')}
    />
  );
}

/** What the server says about one field. */
export function fieldOf(error: unknown, path: string): string | undefined {
  return error instanceof ApiProblem ? error.fields.find((f) => f.path === path)?.problem : undefined;
}

/** The rest: what no field shows. */
export function apartFrom(error: unknown, ...paths: string[]): unknown {
  if (error instanceof ApiProblem && error.fields.length > 0 && error.fields.every((f) => paths.includes(f.path))) return null;
  return error;
}
