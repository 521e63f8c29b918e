import { describe, expect, it } from 'vitest';

import { makeFormat } from '../../ui/format';
import { measured, readBack, shown, together, type Series, type Unit } from './data';
import { count, daysOf } from './days';

describe('days', () => {
  it.each([
    ['7', '2026-03-03', '2026-02-25', '2026-03-03', 7],
    ['30', '2026-01-10', '2025-12-12', '2026-01-10', 30],
    ['month', '2026-02-28', '2026-02-01', '2026-02-28', 28],
    ['before', '2026-03-31', '2026-02-01', '2026-02-28', 28],
    ['before', '2026-01-15', '2025-12-01', '2025-12-31', 31],
  ] as const)('%s before %s', (span, today, from, to, days) => {
    expect(daysOf(span, today)).toEqual({ from, to });
    expect(count({ from, to })).toBe(days);
  });

  it('counts below one when the days are the wrong way round', () => {
    expect(count({ from: '2026-03-02', to: '2026-03-01' })).toBe(0);
  });
});

describe('figures', () => {
  const format = makeFormat('en', 'UTC', 'EUR');
  it.each<[Unit, number, string, number]>([
    [{ kind: 'count' }, 1234, '1,234', 1234],
    [{ kind: 'milliseconds' }, 1250, '1.3 s', 1.25],
    [{ kind: 'money', currency: 'EUR' }, 123450, '€1,234.50', 1234.5],
    [{ kind: 'money', currency: 'CLP' }, 5000, 'CLP 5,000', 5000],
    [{ kind: 'micros', currency: 'USD' }, 1250, '$0.0013', 0.00125],
  ])('%j %d', (unit, value, text, measure) => {
    expect(shown(format, unit, value).replace(/\u00a0/g, ' ')).toBe(text);
    expect(measured(unit, value)).toBe(measure);
    expect(readBack(format, unit, measure)).toBe(shown(format, unit, value));
  });

  it('says nothing of what is not known', () => {
    expect(shown(format, { kind: 'count' }, null)).toBe('–');
    expect(measured({ kind: 'count' }, null)).toBeNull();
  });

  it('puts together what is measured alike', () => {
    const series = (key: string, unit: Unit): Series => ({ key, name: key, unit, values: [], total: null });
    const charts = together([series('a', { kind: 'count' }), series('b', { kind: 'money', currency: 'EUR' }), series('c', { kind: 'count' }), series('d', { kind: 'money', currency: 'COP' })]);
    expect(charts.map((c) => c.series.map((s) => s.key).join(''))).toEqual(['ac', 'b', 'd']);
  });
});
