// Rules of the client that a table can show.
import { describe, expect, test, vi } from 'vitest';

vi.stubGlobal('location', { origin: 'https://desk.example' });

const { safeNext } = await import('./session');
const { keyring } = await import('./client');
const { makesOld, staleRoots } = await import('./live');
const { readProblem } = await import('./problem');

describe('where to go after signing in', () => {
  test.each([
    ['/inbox/cv_1?x=1#m', '/inbox/cv_1?x=1#m'],
    [null, '/'],
    ['', '/'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['https://evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['/\t/evil.example', '/'],
  ])('%j goes to %j', (next, expected) => {
    expect(safeNext(next)).toBe(expected);
  });
});

describe('what an event makes old', () => {
  test.each([
    ['contact.changed', ['contact', 'contacts']],
    ['message.received', ['message', 'messages', 'conversations']],
    ['appointment.booked', ['appointment', 'appointments', 'availability', 'contacts']],
  ])('%s', (kind, roots) => {
    expect(staleRoots(kind)).toEqual(roots);
  });
});

test('what belongs to another conversation stays', () => {
  const event = { kind: 'message.changed', subject: 'msg_1', conversation: 'cnv_1' };
  const old = (key: unknown[]) => makesOld(event, key);
  expect([old(['messages', 'cnv_1']), old(['conversations', 'list', {}]), old(['conversations', 'one', 'cnv_2'])]).toEqual([true, true, true]);
  expect([old(['messages', 'cnv_2']), old(['contacts'])]).toEqual([false, false]);
});

describe('a refusal', () => {
  test('is read with its code, detail and fields', async () => {
    const body = { code: 'invalid', detail: 'No.', errors: [{ path: 'name', problem: 'too long' }, { nonsense: 1 }] };
    const problem = await readProblem(new Response(JSON.stringify(body), { status: 422, headers: { 'retry-after': '7' } }));
    expect(problem).toMatchObject({ status: 422, code: 'invalid', detail: 'No.', retryAfterSeconds: 7 });
    expect(problem.fields).toEqual([{ path: 'name', problem: 'too long' }]);
  });

  test("a proxy's page keeps its status", async () => {
    expect(await readProblem(new Response('<html>', { status: 502 }))).toMatchObject({ status: 502, code: 'http_502', fields: [] });
  });
});

describe('the keys of a window', () => {
  const credit = { tokens: 1000, note: null };

  test('the same asked again, after a lost answer, goes under the same key', () => {
    const keyFor = keyring();
    const first = keyFor(credit);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect([keyFor({ ...credit }), keyFor({ ...credit, tokens: 2000 }) === first, keyFor({ ...credit, note: 'gift' }) === first, keyFor(credit)]).toEqual([
      first, false, false, first,
    ]);
  });

  test('the next window has others', () => {
    expect(keyring()(credit)).not.toBe(keyring()(credit));
  });
});
