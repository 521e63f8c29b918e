// Between instants and the wall clock of the business, wherever the browser is. Wall times are written `2026-11-25 14:30:00`.

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  let found = formats.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(zone, found);
  }
  return found;
}

/** What the clock on the wall shows at an instant. */
export function wall(at: string | number, zone: string): string {
  const parts = Object.fromEntries(format(zone).formatToParts(new Date(at)).map((p) => [p.type, p.value]));
  return `${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute}:${parts.second}`;
}

/** The day on the wall. */
export function wallDay(at: string | number, zone: string): string {
  return wall(at, zone).slice(0, 10);
}

/**
 * The instant of a wall time. One that is skipped when clocks go forward moves on by the gap; of two passes the one nearer to `near` is
 * meant, else the first.
 */
export function instant(local: string, zone: string, near?: string): string {
  const shown = `${local.slice(0, 10)}T${local.slice(11, 19) || '00:00:00'}Z`;
  const asUtc = Date.parse(shown);
  const offset = (at: number) => Date.parse(`${wall(at, zone).replace(' ', 'T')}Z`) - at;
  const day = 86_400_000;
  const guesses = [...new Set([asUtc - offset(asUtc - day), asUtc - offset(asUtc + day)])];
  const real = guesses.filter((at) => Date.parse(`${wall(at, zone).replace(' ', 'T')}Z`) === asUtc).sort((a, b) => a - b);
  if (real.length === 0) return new Date(asUtc - offset(asUtc - day)).toISOString();
  const wish = near ? Date.parse(near) : real[0]!;
  return new Date(real.reduce((best, at) => (Math.abs(at - wish) < Math.abs(best - wish) ? at : best))).toISOString();
}

/** Another day, so many days on. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** 0 is Monday. */
export function weekdayOf(day: string): number {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
}

export function mondayOf(day: string): string {
  return addDays(day, -weekdayOf(day));
}

export type View = 'day' | 'week' | 'month';

/** The days `[first, last)` that a view shows. */
export function daysOf(view: View, day: string): [string, string] {
  if (view === 'day') return [day, addDays(day, 1)];
  if (view === 'week') return [mondayOf(day), addDays(mondayOf(day), 7)];
  const first = mondayOf(`${day.slice(0, 7)}-01`);
  return [first, addDays(first, 42)];
}

/** The same view, one step on or back. */
export function step(view: View, day: string, by: number): string {
  if (view === 'day') return addDays(day, by);
  if (view === 'week') return addDays(day, 7 * by);
  const date = new Date(`${day.slice(0, 7)}-01T00:00:00Z`);
  date.setUTCMonth(date.getUTCMonth() + by);
  return date.toISOString().slice(0, 10);
}
