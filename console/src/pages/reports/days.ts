// Stretches of days that people ask for most, as dates without a zone.

export const SPANS = ['7', '30', '90', 'month', 'before', 'own'] as const;
export type Span = (typeof SPANS)[number];

export interface Days {
  from: string;
  to: string;
}

const key = (year: number, month: number, day: number) => new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);

/** `today`: the day in the business's zone, `2026-11-25`. */
export function daysOf(span: Exclude<Span, 'own'>, today: string): Days {
  const [year, month, day] = today.split('-').map(Number) as [number, number, number];
  switch (span) {
    case 'month':
      return { from: key(year, month - 1, 1), to: today };
    case 'before':
      return { from: key(year, month - 2, 1), to: key(year, month - 1, 0) };
    default:
      return { from: key(year, month - 1, day - Number(span) + 1), to: today };
  }
}

/** Days from the first to the last, both counted; below one when they are the wrong way round. */
export function count({ from, to }: Days): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1;
}
