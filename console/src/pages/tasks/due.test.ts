import { expect, test } from 'vitest';

import { makeFormat } from '../../ui/format';
import { byDue, GROUPS } from './due';

test('a task is due on a day of the business, not of the reader', () => {
  const { dayKey } = makeFormat('en', 'America/Bogota', 'COP');
  const now = Date.parse('2026-11-25T22:00:00-05:00');
  const tasks = [
    { id: 'over', due_at: '2026-11-25T21:59:00-05:00' },
    { id: 'tonight', due_at: '2026-11-25T23:30:00-05:00' },
    { id: 'tomorrow', due_at: '2026-11-26T00:30:00-05:00' },
    { id: 'next-month', due_at: '2026-12-25T09:00:00-05:00' },
    { id: 'old', due_at: null, created_at: '2026-01-01T00:00:00Z' },
    { id: 'new', due_at: null, created_at: '2026-02-01T00:00:00Z' },
  ].map((t) => ({ created_at: '2026-01-01T00:00:00Z', ...t }));
  const groups = byDue(tasks.reverse(), dayKey, now);
  expect(GROUPS.map((g) => groups[g].map((t) => t.id))).toEqual([['over'], ['tonight'], ['tomorrow'], ['next-month'], ['old', 'new']]);
});
