// The one clock of all who show how long ago something was.
import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => vi.useRealTimers());

test('whoever looks after a time without watchers sees the present at once', async () => {
  vi.useFakeTimers({ now: Date.parse('2026-11-25T09:00:00Z') });
  const { present, watch } = await import('./useNow');
  watch(() => {})();
  vi.advanceTimersByTime(10 * 60_000);
  const leave = watch(() => {});
  expect(new Date(present()).toISOString()).toBe('2026-11-25T09:10:00.000Z');
  leave();
});

test('who comes later does not move the clock of the others between two ticks', async () => {
  vi.useFakeTimers({ now: Date.parse('2026-11-25T10:00:00Z') });
  const { present, watch } = await import('./useNow');
  const told = vi.fn();
  const leave = [watch(told)];
  vi.advanceTimersByTime(10_000);
  leave.push(watch(() => {}));
  expect(new Date(present()).toISOString()).toBe('2026-11-25T10:00:00.000Z');
  vi.advanceTimersByTime(20_000);
  expect([new Date(present()).toISOString(), told.mock.calls.length]).toEqual(['2026-11-25T10:00:30.000Z', 1]);
  leave.forEach((one) => one());
});
