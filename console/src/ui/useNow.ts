// The present, twice a minute, from one timer for all who show it.
import { useSyncExternalStore } from 'react';

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const watchers = new Set<() => void>();

export function watch(then: () => void): () => void {
  watchers.add(then);
  if (timer === undefined) {
    // It stood still while nobody watched; React looks again once it is subscribed.
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      watchers.forEach((tell) => tell());
    }, 30_000);
  }
  return () => {
    watchers.delete(then);
    if (watchers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

export const present = () => now;

const never = () => () => {};

export function useNow(moving = true): number {
  return useSyncExternalStore(moving ? watch : never, present);
}
