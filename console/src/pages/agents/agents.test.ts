// Rules of the editor and the playground that tables can show.
import { expect, test } from 'vitest';

import { folded, rows } from './Diff';
import { sameSpec, type Spec } from './model';
import { callsOf, fold, transcript, type Turn } from './playground';
import { placeIn } from './PromptEditor';

const spec: Spec = { prompt: 'a', models: [{ vendor: 'openai', model: 'x' }], tools: null, temperature: 0.7, max_output_tokens: null };

test('a changed line stands beside what it became', () => {
  expect(rows('a\nb\nc', 'a\nB\nc\nd')).toEqual([
    { left: 'a', right: 'a', same: true },
    { left: 'b', right: 'B', same: false },
    { left: 'c', right: 'c', same: true },
    { right: 'd', same: false },
  ]);
  expect(rows('', '')).toEqual([{ left: '', right: '', same: true }]);
  expect(rows('a', 'a').every((r) => r.same)).toBe(true);
});

test('long stretches without a change are folded', () => {
  const lines = Array.from({ length: 20 }, (_, i) => `line ${i}`).join('\n');
  const shown = folded(rows(lines, lines.replace('line 10', 'LINE')));
  expect(shown[0]).toBe(7);
  expect(shown.at(-1)).toBe(6);
  expect(shown).toHaveLength(9);
  expect(folded(rows('a', 'a'))).toEqual([1]);
});

test('specs are the same whatever order their members came in', () => {
  expect(sameSpec(spec, { ...spec, models: [{ model: 'x', vendor: 'openai', base_url: null }] })).toBe(true);
  expect(sameSpec(spec, { ...spec, tools: [] })).toBe(false);
  expect(sameSpec(spec, { ...spec, temperature: 0.8 })).toBe(false);
});

test('a place is found by line and column, in characters', () => {
  const text = 'ab\nñ😀x\n';
  expect(text[placeIn(text, 2, 3)]).toBe('x');
  expect(placeIn(text, 1, 1)).toBe(0);
  expect(placeIn(text, 9, 1)).toBeGreaterThanOrEqual(text.length);
});

test('news make a turn, and a turn makes the transcript', () => {
  let turn: Turn = { said: 'hola', happened: [], writing: '' };
  const usage = { vendor: 'openai', model: 'm', input_tokens: 1, cached_tokens: 0, output_tokens: 1, cost_micros: null, millis: 1 };
  const call = { id: '1', name: 'book', arguments: { x: 1 } };
  turn = fold(turn, { kind: 'prompt', text: 'p', problems: [] });
  turn = fold(turn, { kind: 'text', delta: 'half' });
  turn = fold(turn, { kind: 'again' });
  expect(turn.writing).toBe('');
  const looked = { ...call, id: '0', name: 'look' };
  turn = fold(turn, { kind: 'model', text: null, calls: [looked, call], ...usage });
  const acted = { ok: true, content: '', receipt: null };
  turn = fold(turn, { kind: 'tools', results: [{ call: '0', name: 'look', only_tried: false, ...acted }, { call: '1', name: 'book', only_tried: true, ...acted }], millis: 1 });
  turn = fold(turn, { kind: 'text', delta: 'do' });
  turn = fold(turn, { kind: 'text', delta: 'ne' });
  turn = fold(turn, { kind: 'model', text: 'done', calls: [], ...usage });
  expect(turn.writing).toBe('done');
  turn = fold(turn, { kind: 'answer', text: 'done', by_model: true, gave_up: null, receipts: ['booked'], model_calls: 2, tool_calls: 1, input_tokens: 2, output_tokens: 2, cost_micros: null, millis: 2 });
  expect([turn.writing, turn.answer?.text, callsOf(turn).length]).toEqual(['', 'done', 2]);
  expect(transcript([turn, { said: 'y', happened: [], writing: '' }], 'z')).toEqual([
    { by: 'customer', text: 'hola' },
    { by: 'agent', text: 'done', calls: [call] },
    { by: 'customer', text: 'y' },
    { by: 'customer', text: 'z' },
  ]);
});
