// How definitions are held against each other, and what a trial begins with.
import { expect, test } from 'vitest';

import { asText, sample, type Definition } from './data';

const definition: Definition = { name: 'find', title: 'Find', description: 'Finds.', parameters: { type: 'object' }, hints: { reads_only: true } };

test('every part of a definition that is pinned is in its text', () => {
  const text = asText(definition);
  for (const part of ['Find', 'Finds.', '"type": "object"', '"reads_only": true']) expect(text).toContain(part);
  expect(asText({ ...definition, answers: { type: 'string' } })).not.toBe(text);
});

test('a trial begins with the arguments that are needed', () => {
  const parameters = { properties: { n: { type: 'integer' }, s: { type: 'string' }, more: {} }, required: ['n', 's'] };
  expect(JSON.parse(sample(parameters))).toEqual({ n: 1, s: '' });
  expect(sample(undefined)).toBe('{}');
});
