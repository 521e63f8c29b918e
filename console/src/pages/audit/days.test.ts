import { expect, test } from 'vitest';

import { dayStart } from './days';

test.each([
  ['2026-11-25', 'America/Bogota', 0, '2026-11-25T05:00:00.000Z'],
  ['2026-11-25', 'America/Bogota', 1, '2026-11-26T05:00:00.000Z'],
  ['2026-03-29', 'Europe/Paris', 0, '2026-03-28T23:00:00.000Z'],
  ['2026-03-29', 'Europe/Paris', 1, '2026-03-29T22:00:00.000Z'],
  ['2026-12-31', 'UTC', 1, '2027-01-01T00:00:00.000Z'],
  // Without a midnight: the clocks go from 23:59 of the day before to 01:00.
  ['2026-09-06', 'America/Santiago', 0, '2026-09-06T04:00:00.000Z'],
  ['2026-03-08', 'America/Havana', 0, '2026-03-08T05:00:00.000Z'],
  ['2026-03-07', 'America/Havana', 1, '2026-03-08T05:00:00.000Z'],
  // With two of them: the first.
  ['2026-11-01', 'America/Havana', 0, '2026-11-01T04:00:00.000Z'],
])('%s in %s, %i days later, begins at %s', (day, zone, later, instant) => {
  expect(dayStart(day, zone, later)).toBe(instant);
});
