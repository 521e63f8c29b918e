// What people and models write, as a telephone shows it: *bold*, _italic_, ~struck~, `code`; web addresses become links, nothing is loaded by itself.
import { Fragment } from 'react';

const ADDRESS = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/gi;

export function Words({ text, found = [] }: { text: string; found?: string[] }) {
  const out: React.ReactNode[] = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    out.push(<Emphasized key={from} text={text.slice(from, match.index)} found={found} />);
    out.push(
      <a key={`a${match.index}`} href={match[0]} target="_blank" rel="noopener noreferrer nofollow">
        {match[0]}
      </a>,
    );
    from = match.index + match[0].length;
  }
  out.push(<Emphasized key={from} text={text.slice(from)} found={found} />);
  return <>{out}</>;
}

// A mark opens before a letter and closes after one, and no word runs on outside of it: `2*3*4` is arithmetic, `snake_case_name` a name.
const EMPHASIS = /(?<![\p{L}\p{N}*_~`])(\*\*|[*_~`])(?![\s*_~`])([^\n]*?[^\s*_~`][*_~`]*?)\1(?![\p{L}\p{N}*_~`])/gu;
const TAGS: Record<string, 'b' | 'i' | 's' | 'code'> = { '**': 'b', '*': 'b', _: 'i', '~': 's', '`': 'code' };

function Emphasized({ text, found }: { text: string; found: string[] }) {
  const out: React.ReactNode[] = [];
  let from = 0;
  for (const match of text.matchAll(EMPHASIS)) {
    const [all, mark, inside] = match as unknown as [string, string, string];
    const Tag = TAGS[mark]!;
    out.push(<Marked key={from} text={text.slice(from, match.index)} at={stretches(text.slice(from, match.index), found)} />);
    out.push(
      <Tag key={`e${match.index}`}>{Tag === 'code' ? <Marked text={inside} at={stretches(inside, found)} /> : <Emphasized text={inside} found={found} />}</Tag>,
    );
    from = match.index + all.length;
  }
  out.push(<Marked key={`m${from}`} text={text.slice(from)} at={stretches(text.slice(from), found)} />);
  return <>{out}</>;
}

/** Without the marks, for where there is one line. */
export function plain(text: string): string {
  const bare = text.replace(EMPHASIS, '$2');
  return bare === text ? text : plain(bare);
}

/** The stretches of `text` that begin like one of the words, without regard to case and accents. */
export function stretches(text: string, words: string[]): [from: number, to: number][] {
  const wanted = words.map(fold).filter((w) => w !== '');
  if (wanted.length === 0) return [];
  const found: [number, number][] = [];
  for (const match of text.matchAll(/[\p{L}\p{N}]+/gu)) {
    const word = fold(match[0]);
    const hit = wanted.find((w) => word.startsWith(w));
    if (hit) found.push([match.index, match.index + Math.min(match[0].length, hit.length)]);
  }
  return found;
}

export function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Marks the given stretches. */
export function Marked({ text, at }: { text: string; at: [from: number, to: number][] }) {
  const out: React.ReactNode[] = [];
  let here = 0;
  for (const [from, to] of at) {
    out.push(<Fragment key={here}>{text.slice(here, from)}</Fragment>, <mark key={`m${from}`}>{text.slice(from, to)}</mark>);
    here = to;
  }
  return <>{out}{text.slice(here)}</>;
}
