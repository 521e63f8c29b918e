import { describe, expect, it } from 'vitest';

import { byAction, byDay } from './sums';

const items = [
  { day: '2026-11-24', action: 'sms', tokens: 3, times: 3 },
  { day: '2026-11-26', action: 'sms', tokens: 1, times: 1 },
  { day: '2026-11-26', action: 'call', tokens: 50, times: 1 },
  { day: '2026-11-26', action: 'sms', tokens: -1, times: 0 },
];

describe('what was spent', () => {
  it('is summed by action, dearest first', () => {
    expect(byAction(items).map((a) => [a.action, a.tokens, a.times])).toEqual([['call', 50, 1], ['sms', 3, 4]]);
    expect(byAction([])).toEqual([]);
  });
  it('has a row for every day', () => {
    expect(byDay(items, '2026-11-24', '2026-11-26')).toEqual([
      { date: '2026-11-24', sms: 3 },
      { date: '2026-11-25' },
      { date: '2026-11-26', sms: 0, call: 50 },
    ]);
  });
});
