// Wall-clock times of a zone as instants: "tomorrow at nine" where the business is.

/** How far the zone's clock is ahead of UTC at an instant, in milliseconds. */
function ahead(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  }).formatToParts(at);
  const of = (type: string) => Number(parts.find((p) => p.type === type)?.value);
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) - Math.floor(at / 1000) * 1000;
}

/** `2026-11-25` and `09:00` in the zone. A time that a clock change leaves out is the one just after it. */
export function zonedTime(day: string, time: string, zone: string): Date {
  const wall = Date.parse(`${day}T${time.length === 5 ? `${time}:00` : time}Z`);
  const first = wall - ahead(wall, zone);
  const second = wall - ahead(first, zone);
  // Where the two differ a clock change is near; the later guess knows the offset on its side.
  return new Date(wall - ahead(second, zone) === second ? second : Math.max(first, second));
}

/** What the zone's calendar and clock show: `['2026-11-25', '09:00']`. */
export function wallClock(at: Date | number | string, zone: string): [day: string, time: string] {
  const instant = new Date(at).getTime();
  const text = new Date(instant + ahead(instant, zone)).toISOString();
  return [text.slice(0, 10), text.slice(11, 16)];
}

/** The day so many days later. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** 1 is Monday, 7 is Sunday. */
export function weekdayOf(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
}
