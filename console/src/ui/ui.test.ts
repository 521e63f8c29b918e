// Rules of the shared parts that a table can show.
import { describe, expect, test } from 'vitest';

import { makeFormat } from './format';
import { toFormPath } from './problems';
import { press } from './shortcuts';
import { withChoices } from './useChoices';
import { plain } from './words';

const madrid = makeFormat('en', 'Europe/Madrid', 'EUR');

describe('a time in a list', () => {
  const now = '2026-11-25T22:30:00Z';
  test.each([
    ['2026-11-25T08:05:00Z', '9:05 AM'],
    // Already tomorrow in UTC terms of the viewer, still the same day in Madrid.
    ['2026-11-24T23:10:00Z', '12:10 AM'],
    ['2026-11-24T22:50:00Z', 'Tue'],
    ['2026-11-02T12:00:00Z', 'Nov 2'],
    ['2025-11-02T12:00:00Z', 'Nov 2, 2025'],
  ])('%s', (at, text) => {
    expect(madrid.short(at, now).replace(/\s/g, ' ')).toBe(text);
  });
});

test('money is in minor units and knows currencies without cents', () => {
  expect(madrid.money(1250)).toBe('€12.50');
  expect(madrid.money(1250, 'JPY')).toBe('¥1,250');
  expect(madrid.money(1250, 'not a currency')).toBe('12.50 not a currency');
});

test('sizes', () => {
  expect([madrid.bytes(0), madrid.bytes(999), madrid.bytes(1_500), madrid.bytes(25_000_000)]).toEqual(['0 byte', '999 byte', '1.5 kB', '25 MB']);
});

test.each([
  ['name', 'name'],
  ['addresses[0].value', 'addresses.0.value'],
  ['/addresses/0/value', 'addresses.0.value'],
])('%s in a form is %s', (path, field) => {
  expect(toFormPath(path)).toBe(field);
});

test.each([
  [{ key: 'J' }, 'j'],
  [{ key: 'k', ctrlKey: true }, 'mod+k'],
  [{ key: 'k', metaKey: true }, 'mod+k'],
  [{ key: 'ArrowDown' }, 'down'],
  [{ key: '?' }, '?'],
])('%j is written %s', (event, written) => {
  expect(press({ ctrlKey: false, metaKey: false, altKey: false, ...event })).toBe(written);
});

test.each([
  ['*SERVICIOS* y *PRECIOS*:', 'SERVICIOS y PRECIOS:'],
  ['**Horario** de hoy', 'Horario de hoy'],
  ['*uno _dos_ tres*, ~no~', 'uno dos tres, no'],
  ['2*3*4 = 24, un_nombre_largo', '2*3*4 = 24, un_nombre_largo'],
  ['* uno\n* dos', '* uno\n* dos'],
  ['* no * es nada', '* no * es nada'],
  ['`x_y_z`', 'x_y_z'],
  ['*sin fin', '*sin fin'],
])('%s reads %s', (written, read) => {
  expect(plain(written)).toBe(read);
});

test('a choice is added to the others, replaces its own, and is taken out when it is empty', () => {
  const now = new URLSearchParams('span=month&grouping=week');
  expect(withChoices(now, { analysis: 'spending', grouping: null, location: '', from: undefined }).toString()).toBe('span=month&analysis=spending');
  expect(withChoices(now, { span: '30' }).toString()).toBe('span=30&grouping=week');
  expect(now.toString()).toBe('span=month&grouping=week');
});
