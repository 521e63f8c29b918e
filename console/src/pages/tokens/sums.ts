// What was spent, summed up for charts.
export interface Spent {
  day: string;
  action: string;
  tokens: number;
  times: number;
}

const COLORS = ['teal.6', 'blue.6', 'grape.6', 'orange.6', 'pink.6', 'indigo.6', 'lime.6', 'cyan.6'];

/** Each action with what it came to, dearest first, and the color it has in every chart. */
export function byAction(items: Spent[]): { action: string; tokens: number; times: number; color: string }[] {
  const sums = new Map<string, { tokens: number; times: number }>();
  for (const { action, tokens, times } of items) {
    const sum = sums.get(action) ?? { tokens: 0, times: 0 };
    sums.set(action, { tokens: sum.tokens + tokens, times: sum.times + times });
  }
  const sorted = [...sums].sort(([a, x], [b, y]) => y.tokens - x.tokens || a.localeCompare(b));
  return sorted.map(([action, sum], i) => ({ action, ...sum, color: COLORS[i % COLORS.length]! }));
}

/** A row for every day from one to another, also those on which nothing was spent. */
export function byDay(items: Spent[], from: string, to: string): ({ date: string } & Record<string, number | string>)[] {
  const rows: ({ date: string } & Record<string, number | string>)[] = [];
  for (let at = Date.parse(`${from}T00:00:00Z`); at <= Date.parse(`${to}T00:00:00Z`); at += 86_400_000) {
    const date = new Date(at).toISOString().slice(0, 10);
    const row: { date: string } & Record<string, number | string> = { date };
    for (const item of items) {
      if (item.day === date) row[item.action] = Number(row[item.action] ?? 0) + item.tokens;
    }
    rows.push(row);
  }
  return rows;
}
