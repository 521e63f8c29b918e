// Both languages say everything, with the same blanks to fill.
import { expect, test } from 'vitest';

type Texts = { [key: string]: string | Texts };

const files = import.meta.glob<Texts>(['./{en,es}.json', '../pages/*/{en,es}.json'], { import: 'default', eager: true });

function flat(texts: Texts, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(texts)) {
    const path = prefix + key;
    if (typeof value === 'string') found.set(path, value);
    else flat(value, `${path}.`).forEach((text, at) => found.set(at, text));
  }
  return found;
}

const english = Object.keys(files).filter((path) => path.endsWith('/en.json'));
// A language may need plural forms that another does not.
const base = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, '');
const blanks = (text: string) => [...text.matchAll(/{{\s*(\w+)/g)].map((m) => m[1]).sort();

test('there are texts', () => {
  expect(english.length).toBeGreaterThan(0);
});

test.each(english)('%s has the same keys and blanks in Spanish', (path) => {
  const en = flat(files[path]!);
  const other = files[path.replace(/en\.json$/, 'es.json')];
  expect(other, 'es.json is missing').toBeDefined();
  const es = flat(other!);
  expect([...new Set([...es.keys()].map(base))].sort()).toEqual([...new Set([...en.keys()].map(base))].sort());
  for (const [key, text] of en) {
    expect(text.trim(), `${key} is empty`).not.toBe('');
    const translated = es.get(key);
    if (translated !== undefined) expect(blanks(translated), key).toEqual(blanks(text));
  }
});
