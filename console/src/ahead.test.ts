// Which page is made ready before anything is drawn.
import { expect, test } from 'vitest';

import { endsAt } from './ahead';
import type { Session } from './api/session';

const person = { id: 'usr_1', email: 'a@example.org', name: '', language: null, operator: false, has_password: true };
const session: Session = { person, tenants: [], must_change_password: false, factors: { totp: false, passkeys: 0 } };

test.each([
  ['/', null, '/sign-in'],
  ['/', session, '/inbox'],
  ['/tasks', null, '/sign-in'],
  ['/tasks', session, '/tasks'],
  ['/inbox/cnv_1', session, '/inbox/cnv_1'],
  ['/forgot', null, '/forgot'],
  ['/setup/abc', session, '/setup/abc'],
  ['/tasks', { ...session, must_change_password: true }, '/new-password'],
])('%s leads on', (path, who, end) => {
  expect(endsAt(path, who)).toBe(end);
});
