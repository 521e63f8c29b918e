// What the web chat keeps where the browser's storage is full.
import { beforeEach, expect, test, vi } from 'vitest';

import { Memory } from './memory';
import type { Pending } from './types';

const stored = new Map<string, string>();
let full = false;

vi.stubGlobal('localStorage', {
  getItem: (key: string) => stored.get(key) ?? null,
  setItem: (key: string, text: string) => {
    if (full) throw new DOMException('', 'QuotaExceededError');
    stored.set(key, text);
  },
  removeItem: (key: string) => stored.delete(key),
});

beforeEach(() => {
  stored.clear();
  full = false;
});

const pending = (id: string) => ({ id }) as Pending;
const add = (memory: Memory, id: string) => memory.change(({ queue }) => ({ queue: [...queue, pending(id)] }));
const queued = (memory: Memory) => memory.get().queue.map(({ id }) => id);

test('what could not be stored is kept for as long as the page is', () => {
  const memory = new Memory('chn_1');
  add(memory, 'a');
  full = true;
  add(memory, 'b');
  add(memory, 'c');
  expect(queued(memory)).toEqual(['a', 'b', 'c']);
});

test('what was taken back does not return from the storage', () => {
  const memory = new Memory('chn_1');
  add(memory, 'a');
  full = true;
  memory.change(() => ({ queue: [] }));
  expect(queued(memory)).toEqual([]);
});

test('once there is room again, everything is stored, and another tab is read', () => {
  const memory = new Memory('chn_1');
  add(memory, 'a');
  full = true;
  add(memory, 'b');
  full = false;
  add(memory, 'c');
  const other = new Memory('chn_1');
  expect(queued(other)).toEqual(['a', 'b', 'c']);
  add(other, 'd');
  expect(queued(memory)).toEqual(['a', 'b', 'c', 'd']);
});

test('what is forgotten is gone, stored or not', () => {
  const memory = new Memory('chn_1');
  add(memory, 'a');
  full = true;
  add(memory, 'b');
  memory.forget();
  expect(queued(memory)).toEqual([]);
});
