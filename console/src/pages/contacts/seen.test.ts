// Rules of a field that more than one may write.
import { expect, test } from 'vitest';

import { stateFor } from './seen';

test.each([
  ['nothing happened', ['Ana', '"1"'], ['Ana', '"1"'], '"1"'],
  ['the field was changed by somebody else: refused', ['', '"1"'], ['Ana', '"2"'], '"1"'],
  ['another field was saved', ['Ana', '"1"'], ['Ana', '"2"'], '"2"'],
  ['a tag was added by somebody else: refused', [['vip'], '"1"'], [['vip', 'late'], '"2"'], '"1"'],
  ['the same tags, read anew', [['vip'], '"1"'], [['vip'], '"2"'], '"2"'],
] as const)('%s', (_, then, now, tag) => {
  expect(stateFor<unknown>({ value: then[0], tag: then[1] }, { value: now[0], tag: now[1] })).toBe(tag);
});
