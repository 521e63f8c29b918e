// A day as people choose it, as the instant at which it begins in the business's zone.
import { addDays, zonedTime } from '../../ui/zone';

/** `2026-11-25` (or so many days later) in a zone, as RFC 3339 in UTC. */
export function dayStart(day: string, zone: string, later = 0): string {
  return zonedTime(addDays(day, later), '00:00', zone).toISOString();
}
