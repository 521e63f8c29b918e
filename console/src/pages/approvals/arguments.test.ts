import { expect, test } from 'vitest';

import { changes, fieldsOf, toArguments } from './arguments';

const schema = {
  properties: {
    amount: { type: 'integer', description: 'in cents' },
    order: { type: 'string' },
    why: { type: 'string', enum: ['late', 'broken'] },
    tell: { type: 'boolean' },
    lines: { type: 'array' },
  },
  required: ['amount'],
};
const given = { amount: 500, order: 'A-7', why: 'late', lines: [1, 2] };
const typed = (fields: { name: string; value: string }[]) => Object.fromEntries(fields.map((f) => [f.name, f.value]));

test('what is not touched stays exactly as it was', () => {
  for (const args of [given, {}, { amount: '45' }, { amount: 1.5, order: '', extra: { a: null } }, { order: null }, { why: 'other' }]) {
    const fields = fieldsOf(args, { ...schema, required: [] });
    expect(toArguments(fields, typed(fields), args), JSON.stringify(args)).toEqual({ value: args, wrong: [] });
  }
});

test('fields are of the kind of what is there, else of what the tool takes', () => {
  const kinds = (args: Record<string, unknown>, of: unknown = schema) => Object.fromEntries(fieldsOf(args, of).map((f) => [f.name, f.kind]));
  expect(kinds(given)).toEqual({ amount: 'number', order: 'text', why: 'choice', lines: 'json', tell: 'boolean' });
  expect(kinds({ amount: '45', why: 'other', tell: null })).toEqual({ amount: 'text', why: 'text', tell: 'json', order: 'text', lines: 'json' });
  expect(kinds({ a: 'x' }, null)).toEqual({ a: 'text' });
  expect(fieldsOf(given, schema)[0]).toMatchObject({ name: 'amount', required: true, about: 'in cents', value: '500' });
});

test('what cannot be read is named, and nothing is made up for it', () => {
  const fields = fieldsOf(given, schema);
  const read = (change: Record<string, string>) => toArguments(fields, { ...typed(fields), ...change }, given);
  expect(read({ amount: '750', tell: 'true' }).value).toEqual({ ...given, amount: 750, tell: true });
  expect(read({ order: '' }).value).toEqual({ amount: 500, why: 'late', lines: [1, 2] });
  expect(read({ amount: '' }).wrong).toEqual(['amount']);
  expect(read({ amount: 'many', lines: '[1,' }).wrong).toEqual(['amount', 'lines']);
});

test('changes say what was and what is', () => {
  expect(changes(given, { amount: 750, order: 'A-7', why: 'late', lines: [1, 2], tell: true })).toEqual([
    { name: 'amount', was: 500, is: 750 },
    { name: 'tell', was: undefined, is: true },
  ]);
  expect(changes({ a: { x: 1, y: [2] } }, { a: { y: [2], x: 1 } })).toEqual([]);
  expect(changes({ a: 1 }, { a: '1' })).toHaveLength(1);
});
