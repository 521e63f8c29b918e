// What people and models write, shown as it is: only web addresses become links, and nothing is loaded by itself.
import { Fragment } from 'react';

const ADDRESS = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/gi;

export function Words({ text, found = [] }: { text: string; found?: string[] }) {
  const out: React.ReactNode[] = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    out.push(<Marked key={from} text={text.slice(from, match.index)} at={stretches(text.slice(from, match.index), found)} />);
    out.push(
      <a key={`a${match.index}`} href={match[0]} target="_blank" rel="noopener noreferrer nofollow">
        {match[0]}
      </a>,
    );
    from = match.index + match[0].length;
  }
  out.push(<Marked key={from} text={text.slice(from)} at={stretches(text.slice(from), found)} />);
  return <>{out}</>;
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
