// What a form says when it could not be saved.
import type { UseFormReturnType } from '@mantine/form';
import i18next from 'i18next';
import { beforeAll, expect, test } from 'vitest';

import { ApiProblem } from '../api/problem';
import es from '../i18n/es.json';
import { showInForm } from './problems';

const form = { getValues: () => ({ name: '' }), setFieldError: () => {} } as unknown as UseFormReturnType<{ name: string }>;

beforeAll(async () => {
  await i18next.init({ lng: 'es', ns: ['common'], defaultNS: 'common', resources: { es: { common: es } } });
});

test("what belongs to no field is told in the reader's language", () => {
  expect(showInForm(form, new ApiProblem(412, 'stale', 'Somebody changed it in the meantime: read it again.'))).toBe(es.error.code.stale);
  expect(showInForm(form, new ApiProblem(403, 'forbidden', 'As viewer you lack the permission `task:write`.'))).toBe(es.error.code.forbidden);
  expect(showInForm(form, new ApiProblem(409, 'in_use', '3 coming appointments are with them.'))).toBe('3 coming appointments are with them.');
});

test('a server that cannot be reached is told, too', () => {
  expect(showInForm(form, new TypeError('Failed to fetch'))).toBe(es.error.offline);
});
