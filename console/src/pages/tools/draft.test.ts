// The form and the API's shape say the same.
import { describe, expect, test } from 'vitest';

import { blank, example, fromTool, hostOf, parameter, sample, tokenHostOf, toSchema, toTable, toTool } from './draft';

describe('parameters', () => {
  test('a table and its schema are the same', () => {
    const schema = toSchema([parameter('city', 'string', 'where', true, { maxLength: 5 }), parameter('days', 'integer', '', false), parameter(' ')]);
    expect(schema).toEqual({
      type: 'object',
      properties: { city: { type: 'string', description: 'where', maxLength: 5 }, days: { type: 'integer' } },
      required: ['city'],
      additionalProperties: false,
    });
    expect(toSchema(toTable(schema)!)).toEqual(schema);
  });

  test.each([
    [{ type: 'object', anyOf: [] }],
    [{ type: 'object', additionalProperties: true }],
    [{ type: 'object', properties: { a: { type: ['string', 'null'] } } }],
    [{ type: 'object', properties: { a: true } }],
  ])('%j does not fit into a table', (schema) => {
    expect(toTable(schema)).toBeNull();
  });
});

test('a tool survives the form', () => {
  const values = example({ title: 't', description: 'd', country: 'c' });
  const made = toTool(values);
  expect('tool' in made).toBe(true);
  if (!('tool' in made)) return;
  const again = toTool(fromTool(made.tool));
  expect(again).toEqual(made);
});

test('what decisions see, the example call and client credentials survive the form', () => {
  const values = blank();
  const auth = { ...values.request.auth, kind: 'client_credentials' as const, secret: 'CLIENT', token_url: ' https://login.example/token ', client_id: 'desk', scope: 'a b' };
  const made = toTool({ ...values, level: 'approval', category: 'resource', amount: '/amount', example: '{"amount": 3}', request: { ...values.request, auth } });
  if (!('tool' in made)) throw new Error(made.field);
  expect(made.tool).toMatchObject({ level: 'approval', category: 'resource', amount: '/amount', example: { amount: 3 } });
  const { kind, token_url, send_as } = made.tool.request.auth as { kind: string; token_url: string; send_as: string };
  expect([kind, token_url, send_as]).toEqual(['client_credentials', 'https://login.example/token', 'basic']);
  expect(toTool(fromTool(made.tool))).toEqual(made);
  expect(toTool({ ...values, example: '{' })).toEqual({ field: 'example' });
});

test('unreadable JSON is said at its field', () => {
  expect(toTool({ ...blank(), as: 'schema', parameters: '{' })).toEqual({ field: 'parameters' });
  const values = blank();
  expect(toTool({ ...values, request: { ...values.request, body: '{' } })).toEqual({ field: 'request.body' });
});

test('what only a person can want is sent', () => {
  const values = blank();
  const made = toTool({ ...values, effect: 'reads', idempotent: true, request: { ...values.request, rest: 'body', body: '{"a":1}' } });
  expect(made).toMatchObject({ tool: { idempotent: false, request: { rest: 'query' } } });
  if ('tool' in made) expect(made.tool.request).not.toHaveProperty('body');
});

test.each([
  ['https://api.example.com/orders/{id}', 'api.example.com'],
  ['http://API.example.com:8443?x=1', 'api.example.com:8443'],
  ['https://x.example:443/', 'x.example'],
  ['http://x.example/orders/{id}', 'x.example:80'],
  ['http://x.example:80/', 'x.example:80'],
  ['https://x.example:80/', 'x.example:80'],
  ['http://x.example:443/', 'x.example:443'],
  ['nonsense', ''],
])('the host of %s', (url, host) => {
  expect(hostOf(url)).toBe(host);
});

test.each([
  ['https://login.example.com/token', 'login.example.com'],
  ['http://login.example.com/token', 'login.example.com:80'],
  ['http://login.example.com:8080/token', 'login.example.com:8080'],
  ['nonsense', ''],
])('where %s buys tokens', (url, host) => {
  expect(tokenHostOf(url)).toBe(host);
});

test('a trial begins with a value for each parameter', () => {
  expect(JSON.parse(sample(example({ title: '', description: '', country: '' })))).toEqual({ year: 1, country: '' });
});
