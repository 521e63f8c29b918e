// Tasks by when they are due, in the days of the business.
export const GROUPS = ['overdue', 'today', 'soon', 'later', 'someday'] as const;
export type Group = (typeof GROUPS)[number];

interface Due {
  due_at?: string | null;
  created_at: string;
}

/** `day`: the day of a moment in the business's zone, as `2026-11-25`. What is due first comes first; without a date, what waits longest. */
export function byDue<T extends Due>(tasks: T[], day: (at: string | number) => string, now: number): Record<Group, T[]> {
  const groups: Record<Group, T[]> = { overdue: [], today: [], soon: [], later: [], someday: [] };
  const today = day(now);
  const week = day(now + 7 * 86_400_000);
  for (const task of tasks) {
    const due = task.due_at;
    if (!due) groups.someday.push(task);
    else if (Date.parse(due) < now) groups.overdue.push(task);
    else if (day(due) === today) groups.today.push(task);
    else if (day(due) <= week) groups.soon.push(task);
    else groups.later.push(task);
  }
  for (const group of GROUPS) {
    groups[group].sort((a, b) => (a.due_at ?? a.created_at).localeCompare(b.due_at ?? b.created_at));
  }
  return groups;
}
