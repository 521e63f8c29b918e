// Refusals in the reader's words, and where they belong in a form.
import type { UseFormReturnType } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import i18next from 'i18next';
import { useCallback } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';

import { ApiProblem } from '../api/problem';

const TOLD = ['stale', 'forbidden', 'not_found', 'unauthorized', 'rate_limited', 'internal', 'sign_in_again'];

/** A sentence for any failure. The server's own detail wins where it says more than the kind of refusal does. */
export function useProblemText(): (error: unknown) => string {
  const { t } = useTranslation();
  return useCallback((error: unknown) => inWords(error, (key, values) => t(key, { ...values })), [t]);
}

function inWords(error: unknown, t: (key: string, values?: { status: number }) => string): string {
  if (!(error instanceof ApiProblem)) return t('error.offline');
  if (error.fields.length > 0) return error.fields.map((f) => (f.path ? `${f.path}: ${f.problem}` : f.problem)).join('\n');
  if (TOLD.includes(error.code)) return t(`error.code.${error.code}`);
  return error.detail || t('error.status', { status: error.status });
}

/** Tells a failure in the corner of the screen. `onError: useFailure()` */
export function useFailure(): (error: unknown) => void {
  const { t } = useTranslation();
  const words = useProblemText();
  return useCallback(
    (error: unknown) => {
      notifications.show({ color: 'red', title: t('error.title'), message: words(error), autoClose: 8000 });
    },
    [t, words],
  );
}

/** Puts the server's findings beside the fields they are about; what fits no field, and every other failure, is returned to be told. */
export function showInForm<V>(form: UseFormReturnType<V>, error: unknown): string | null {
  if (!(error instanceof ApiProblem) || error.fields.length === 0) return inWords(error, (key, values) => i18next.t(key, { ...values }));
  const values = form.getValues() as Record<string, unknown>;
  const rest: string[] = [];
  // Drawn before the next frame, in which the first of them is brought into sight.
  flushSync(() => {
    for (const { path, problem } of error.fields) {
      const field = toFormPath(path);
      if (field.split('.')[0]! in values) form.setFieldError(field, problem);
      else rest.push(path ? `${path}: ${problem}` : problem);
    }
  });
  requestAnimationFrame(() => document.querySelector<HTMLElement>('main [aria-invalid="true"], [role="dialog"] [aria-invalid="true"]')?.focus());
  return rest.length > 0 ? rest.join('\n') : null;
}

/** `addresses[0].value` and `/addresses/0/value` are `addresses.0.value` in a form. */
export function toFormPath(path: string): string {
  return path.replace(/^\//, '').replace(/\//g, '.').replace(/\[(\w+)\]/g, '.$1').replace(/^\./, '');
}
