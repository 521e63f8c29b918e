import { expect, test } from 'vitest';

import { LEVELS, type Condition, type Rule } from './data';
import { belowFloor, fromConditions, meant, moved, toConditions, withRule } from './rules';

test('conditions come out of the form as they went in', () => {
  const rows: Condition[][] = [
    [],
    [{ kind: 'amount_over', minor: 0 }],
    [{ kind: 'amount_over', minor: 5000 }, { kind: 'count_over', count: 2 }, { kind: 'other_recipient' }, { kind: 'outside_hours' }, { kind: 'first_time_contact' }],
  ];
  for (const when of rows) expect(toConditions(fromConditions(when))).toEqual(when);
  // Both must hold: the higher limit says it all.
  expect(toConditions(fromConditions([{ kind: 'amount_over', minor: 9 }, { kind: 'amount_over', minor: 5 }]))).toEqual([{ kind: 'amount_over', minor: 9 }]);
});

test('patterns say what they mean', () => {
  expect([meant('*'), meant('book*'), meant('category:external'), meant('refund')].map((m) => m.kind)).toEqual(['all', 'beginning', 'category', 'action']);
});

test('a rule moves and the others keep their order', () => {
  expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c']);
  expect(moved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b']);
  expect(moved(['a', 'b', 'c'], 1, 1)).toEqual(['a', 'b', 'c']);
});

test('a changed rule stays in its place, a new one is the last', () => {
  const rules: Rule[] = [{ id: 'rul_1', action: '*', level: 'off' }, { id: 'rul_2', action: 'a', level: 'off' }];
  expect(withRule(rules, { id: 'rul_1', action: 'b', level: 'approval' }).map((r) => r.action)).toEqual(['b', 'a']);
  expect(withRule(rules, { action: 'c', level: 'approval' }).map((r) => r.action)).toEqual(['*', 'a', 'c']);
});

test('a floor is not gone below', () => {
  expect(LEVELS.map((level) => belowFloor(level, 'approval', LEVELS))).toEqual([true, true, true, false, false]);
});
