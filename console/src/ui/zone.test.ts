// Wall clocks, also where they jump.
import { expect, test } from 'vitest';

import { addDays, wallClock, weekdayOf, zonedTime } from './zone';

test.each([
  ['2026-11-25', '09:00', 'Europe/Madrid', '2026-11-25T08:00:00.000Z'],
  ['2026-07-01', '09:00', 'Europe/Madrid', '2026-07-01T07:00:00.000Z'],
  ['2026-11-25', '09:00', 'America/New_York', '2026-11-25T14:00:00.000Z'],
  ['2026-11-25', '09:00', 'Asia/Kathmandu', '2026-11-25T03:15:00.000Z'],
  // Left out by summer time: one hour later on the clock.
  ['2026-03-29', '02:30', 'Europe/Madrid', '2026-03-29T01:30:00.000Z'],
])('%s %s in %s is %s', (day, time, zone, at) => {
  expect(zonedTime(day, time, zone).toISOString()).toBe(at);
});

test('a clock is read back as it was set', () => {
  for (const zone of ['UTC', 'Europe/Madrid', 'America/Sao_Paulo', 'Pacific/Auckland', 'Asia/Kolkata']) {
    for (const day of ['2026-01-15', '2026-03-29', '2026-06-21', '2026-10-25', '2026-12-31']) {
      expect(wallClock(zonedTime(day, '12:00', zone), zone)).toEqual([day, '12:00']);
    }
  }
});

test('days go on over months', () => {
  expect(addDays('2026-02-28', 1)).toBe('2026-03-01');
  expect([weekdayOf('2026-11-25'), weekdayOf('2026-11-29')]).toEqual([3, 7]);
});
