// Rules of the form about a contact.
import { expect, test } from 'vitest';

import { edited, opened } from './edited';

const start = opened({ name: null, language: 'es', note: 'Left-handed' }, '"1"');

test('the form is about the contact as it was when it was opened', () => {
  expect(start).toEqual({ before: { name: '', language: 'es', note: 'Left-handed' }, tag: '"1"' });
});

test.each([
  ['nothing, where nothing was touched', {}, null],
  ['spaces are nothing', { note: ' Left-handed ' }, null],
  // The bot may have learnt the name meanwhile: it stays out of it.
  ['only what was touched', { note: 'Right-handed' }, { change: { note: 'Right-handed' }, undo: { note: 'Left-handed' } }],
  ['what is emptied is cleared', { note: '  ', name: 'Ana' }, { change: { name: 'Ana', note: null }, undo: { name: null, note: 'Left-handed' } }],
])('%s', (_, typed, made) => {
  expect(edited(start, { ...start.before, ...typed })).toEqual(made);
});
