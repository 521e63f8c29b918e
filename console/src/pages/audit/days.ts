// A day as people choose it, as the instant at which it begins in the business's zone.

/** `2026-11-25` (or so many days later) in a zone, as RFC 3339 in UTC. */
export function dayStart(day: string, zone: string, later = 0): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  const wanted = Date.UTC(year, month - 1, date + later);
  // Twice: the offset at the first guess may be that of the other side of a clock change.
  let instant = wanted;
  for (let i = 0; i < 2; i++) instant = wanted - offset(instant, zone);
  return new Date(instant).toISOString();
}

/** How far a zone's clocks are ahead of UTC at an instant, in milliseconds. */
function offset(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  }).formatToParts(at);
  const get = (type: string) => Number(parts.find((p) => p.type === type)?.value);
  return Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second')) - Math.floor(at / 1000) * 1000;
}
