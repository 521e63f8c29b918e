// Rules of the inbox that a table can show.
import { describe, expect, test } from 'vitest';

import { after, change } from './acts';
import { filters, readView, writeView } from './FilterBar';
import { choices } from './later';
import type { Item, Message, Note } from './model';
import { answers } from './Parts';
import { blanks, isFilled, part } from './template';
import { stretches } from '../../ui/words';
import { hasArrived, rows } from './timeline';
import { isOpen } from './window';

const item = {
  id: 'cnv_1', state: { mode: 'bot', waiting: false }, assignee: null, snoozed_until: null, unread: true,
} as unknown as Item;

describe('what one does with a conversation', () => {
  const until = '2026-11-26T08:00:00.000Z';
  test.each([
    [{ do: 'give_back' }, { state: { mode: 'bot' } }, { state: { mode: 'bot', waiting: false } }],
    [{ do: 'pause', until }, { state: { mode: 'paused', until } }, { state: { mode: 'paused', until, waiting: false } }],
    [{ do: 'close' }, { state: { mode: 'closed' } }, { state: { mode: 'closed', waiting: false }, unread: false }],
    [{ do: 'assign', person: { id: 'usr_1', name: 'Ana' } }, { assignee: 'usr_1' }, { assignee: { id: 'usr_1', name: 'Ana' } }],
    [{ do: 'assign', person: null }, { assignee: null }, { assignee: null }],
    [{ do: 'snooze', until }, { snoozed_until: until }, { snoozed_until: until }],
    [{ do: 'snooze', until: null }, { snoozed_until: null }, { snoozed_until: null }],
    [{ do: 'read' }, { unread: false }, { unread: false }],
  ] as const)('%j', (act, asked, shown) => {
    expect(change(act)).toEqual(asked);
    expect(after(item, act)).toMatchObject(shown);
  });
});

test('a view survives its way through the address', () => {
  const view = { only: 'mine', state: 'paused', channel: 'chn_1', snoozed: true } as const;
  expect(readView(writeView(view))).toEqual(view);
  expect(readView(new URLSearchParams("only=x&state=';--"))).toEqual({});
  expect(filters(view)).toEqual({ state: 'paused', assignee: 'me', unread: undefined, channel: 'chn_1', snoozed: true });
  expect(filters({ only: 'waiting' })).toMatchObject({ state: 'waiting', snoozed: false });
});

describe('the thread', () => {
  const message = (id: string, at: string, author: Message['author']) => ({ id, at, author, direction: author === 'contact' ? 'in' : 'out' }) as Message;
  const note = (id: string, created_at: string) => ({ id, created_at }) as Note;
  const day = (at: string) => at.slice(0, 10);

  test('has days, runs of one author, and notes where they were written', () => {
    const messages = [
      message('a', '2026-11-24T10:00:00Z', 'contact'),
      message('b', '2026-11-24T10:01:00Z', 'contact'),
      message('c', '2026-11-24T10:20:00Z', 'contact'),
      message('d', '2026-11-25T10:00:00Z', 'bot'),
    ];
    const got = rows(messages, [note('n', '2026-11-24T10:00:30Z')], true, day);
    expect(got.map((r) => (r.kind === 'message' ? `${r.key}${r.first ? '*' : ''}` : r.kind === 'note' ? `note ${r.key}` : r.key))).toEqual([
      'day 2026-11-24', 'a*', 'note n', 'b*', 'c*', 'day 2026-11-25', 'd*',
    ]);
  });

  test('a note from before what is loaded waits', () => {
    const messages = [message('a', '2026-11-24T10:00:00Z', 'contact')];
    expect(rows(messages, [note('n', '2026-11-01T10:00:00Z')], false, day)).toHaveLength(2);
    expect(rows(messages, [note('n', '2026-11-01T10:00:00Z')], true, day)).toHaveLength(4);
  });
});

test.each([
  ['Corte y Tinte', ['tin'], [[8, 11]]],
  ['¿Mañana a las 5?', ['manana'], [[1, 7]]],
  ['<b>bold</b>', ['b'], [[1, 2], [3, 4], [9, 10]]],
  ['nothing', [''], []],
])('in %j the words %j are marked', (text, words, at) => {
  expect(stretches(text, words as string[])).toEqual(at);
});

describe('"until when?"', () => {
  const zone = 'Europe/Madrid';
  test('offers nothing that is past, and Monday only when it is not tomorrow', () => {
    const at = (now: string) => choices(Date.parse(now), zone).map((c) => `${c.key} ${c.at.toISOString().slice(0, 16)}`);
    expect(at('2026-11-25T09:00:00Z')).toEqual([
      'hour 2026-11-25T10:00', 'hours 2026-11-25T13:00', 'evening 2026-11-25T17:00', 'tomorrow 2026-11-26T08:00', 'monday 2026-11-30T08:00',
    ]);
    expect(at('2026-11-29T20:00:00Z').map((c) => c.split(' ')[0])).toEqual(['hour', 'hours', 'tomorrow']);
  });
});

test('the window is open until its end, and always where there is none', () => {
  const of = (window: { open: boolean; until: string | null } | null) => ({ window }) as never;
  const now = Date.parse('2026-11-25T12:00:00Z');
  expect(isOpen(of(null), now)).toBe(true);
  expect(isOpen(of({ open: true, until: '2026-11-25T12:00:01Z' }), now)).toBe(true);
  // It was open when it was read, and is not any more.
  expect(isOpen(of({ open: true, until: '2026-11-25T11:59:59Z' }), now)).toBe(false);
  expect(isOpen(of({ open: false, until: null }), now)).toBe(false);
});

test('a template is sent with its blanks in order, header and body apart', () => {
  const template = { name: 'reminder', language: 'es', header: 'Cita {{1}}', body: 'Hola {{name}}, hasta el {{day}}. {{name}}!', footer: 'Luna', buttons: [], needs_more: null };
  expect(blanks(template.body)).toEqual(['name', 'day']);
  const values = { header: { 1: '#7' }, body: { name: ' Ana ', day: 'lunes' } };
  expect(isFilled(template, values)).toBe(true);
  expect(isFilled(template, { ...values, body: { name: 'Ana', day: '  ' } })).toBe(false);
  expect(part(template, values)).toEqual({
    type: 'template', name: 'reminder', language: 'es', preview: 'Cita #7\n\nHola Ana, hasta el lunes. Ana!\n\nLuna',
    components: [
      { type: 'header', parameters: [{ type: 'text', text: '#7' }] },
      { type: 'body', parameters: [{ type: 'text', parameter_name: 'name', text: 'Ana' }, { type: 'text', parameter_name: 'day', text: 'lunes' }] },
    ],
  });
});

test("a form's answers are lines, and what is no object is shown as it came", () => {
  expect(answers('{"name":"Ana","n":2}')).toBe('name: Ana\nn: 2');
  expect(answers('[1]')).toBe('[1]');
  expect(answers('{broken')).toBe('{broken');
});

test('what was sent is shown once: as on its way, or as it arrived', () => {
  const text = (said: string) => [{ type: 'text' as const, text: said }];
  const pending = { key: 'k', parts: text('ok'), at: '', after: 'msg_05' };
  const message = (id: string, author: string, said: string) => ({ id, author, parts: text(said) }) as unknown as Message;
  expect(hasArrived(pending, [message('msg_06', 'staff', 'ok')])).toBe(true);
  expect(hasArrived({ ...pending, after: undefined }, [message('msg_01', 'staff', 'ok')])).toBe(true);
  expect(hasArrived(pending, [message('msg_05', 'staff', 'ok'), message('msg_06', 'bot', 'ok'), message('msg_07', 'staff', 'no')])).toBe(false);
  expect(hasArrived({ ...pending, problem: 'it failed' }, [message('msg_06', 'staff', 'ok')])).toBe(false);
  expect(hasArrived({ ...pending, parts: [] }, [message('msg_06', 'staff', '')])).toBe(false);
});
