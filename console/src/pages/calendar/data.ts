// What the calendar's pages read.
import { useQuery } from '@tanstack/react-query';

import { api, ask } from '../../api/client';
import type { components } from '../../api/schema';

type Schemas = components['schemas'];
export type Appointment = Schemas['Appointment'];
export type Service = Schemas['Service'];
export type Staff = Schemas['Staff'];
export type Location = Schemas['Location'];
export type OpeningHours = Schemas['OpeningHours'];
export type Span = Schemas['Span'];
export type Weekly = Record<string, Span[]>;

export const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** Every appointment of a span of time, page by page. */
export function useAppointments(from: string, to: string) {
  return useQuery({
    queryKey: ['appointments', { from, to }],
    queryFn: async () => {
      const all: Appointment[] = [];
      let cursor: string | undefined;
      do {
        const query = { from, to, limit: 200, ...(cursor ? { cursor } : {}) };
        const page = await ask(api.GET('/appointments', { params: { query } }));
        all.push(...page.items);
        cursor = page.next ?? undefined;
      } while (cursor);
      return all;
    },
    placeholderData: (previous) => previous,
  });
}

export function useServices() {
  return useQuery({ queryKey: ['services'], queryFn: async () => (await ask(api.GET('/services'))).items });
}

export function useStaff() {
  return useQuery({ queryKey: ['staff'], queryFn: async () => (await ask(api.GET('/staff'))).items });
}

export function useLocations() {
  return useQuery({ queryKey: ['locations'], queryFn: async () => (await ask(api.GET('/locations'))).items });
}

export function useHours() {
  return useQuery({ queryKey: ['hours'], queryFn: () => ask(api.GET('/hours')) });
}

/** The tag under which the server knows this state of a thing. */
export function tagOf(thing: { updated_at: string }): string {
  return `"${Date.parse(thing.updated_at)}"`;
}

/** A person's colour: always the same, told apart from their neighbours'. */
const COLORS = ['pine', 'blue', 'grape', 'orange', 'cyan', 'pink', 'indigo', 'lime', 'violet', 'red'];

export function colorOf(staff: Staff[] | undefined, id: string | null | undefined): string {
  const at = staff?.findIndex((s) => s.id === id) ?? -1;
  return at < 0 ? 'gray' : COLORS[at % COLORS.length]!;
}

/** When the business is open on a day: a holiday's own hours, else the weekday's. */
export function openOn(hours: OpeningHours | undefined, day: string, weekday: number): { spans: Span[]; holiday: string | undefined } {
  const holiday = hours?.holidays.find((h) => h.date === day);
  if (holiday) return { spans: holiday.hours ?? [], holiday: holiday.name ?? '' };
  return { spans: (hours?.hours as Weekly | undefined)?.[DAYS[weekday]!] ?? [], holiday: undefined };
}
