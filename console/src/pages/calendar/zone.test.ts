// Wall clocks that jump are where calendars go wrong.
import { expect, test } from 'vitest';

import { addDays, daysOf, instant, step, wall, weekdayOf } from './zone';

test.each([
  ['2026-11-23T15:00:00Z', 'America/Bogota', '2026-11-23 10:00:00'],
  ['2026-11-24T04:59:00Z', 'America/Bogota', '2026-11-23 23:59:00'],
  ['2026-11-23T05:00:00Z', 'America/Bogota', '2026-11-23 00:00:00'],
  ['2026-10-25T00:30:00Z', 'Europe/Paris', '2026-10-25 02:30:00'],
  ['2026-10-25T01:30:00Z', 'Europe/Paris', '2026-10-25 02:30:00'],
])('%s in %s is %s', (at, zone, shown) => {
  expect(wall(at, zone)).toBe(shown);
});

test.each([
  ['2026-11-23 10:00:00', 'America/Bogota', undefined, '2026-11-23T15:00:00.000Z'],
  // Skipped in spring: moved on by the gap.
  ['2026-03-29 02:30:00', 'Europe/Paris', undefined, '2026-03-29T01:30:00.000Z'],
  ['2026-03-29 03:00:00', 'Europe/Paris', undefined, '2026-03-29T01:00:00.000Z'],
  // Twice in autumn: the first, unless the second was meant.
  ['2026-10-25 02:30:00', 'Europe/Paris', undefined, '2026-10-25T00:30:00.000Z'],
  ['2026-10-25 02:30:00', 'Europe/Paris', '2026-10-25T01:00:00Z', '2026-10-25T00:30:00.000Z'],
  ['2026-10-25 02:30:00', 'Europe/Paris', '2026-10-25T01:45:00Z', '2026-10-25T01:30:00.000Z'],
  ['2026-03-08 02:15:00', 'America/New_York', undefined, '2026-03-08T07:15:00.000Z'],
])('%s in %s is an instant', (local, zone, near, at) => {
  expect(instant(local, zone, near)).toBe(at);
});

test('views know their days', () => {
  expect(weekdayOf('2026-11-23')).toBe(0);
  expect(daysOf('day', '2026-11-25')).toEqual(['2026-11-25', '2026-11-26']);
  expect(daysOf('week', '2026-11-29')).toEqual(['2026-11-23', '2026-11-30']);
  expect(daysOf('month', '2026-11-15')).toEqual(['2026-10-26', '2026-12-07']);
  expect(step('month', '2026-01-31', 1)).toBe('2026-02-01');
  expect(step('month', '2026-01-31', -1)).toBe('2025-12-01');
  expect(step('week', '2026-12-28', 1)).toBe('2027-01-04');
  expect(addDays('2026-03-28', 2)).toBe('2026-03-30');
});
