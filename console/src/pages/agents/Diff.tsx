// Two texts side by side: what went on the left, what came on the right.
import { diffLines, diffWordsWithSpace } from 'diff';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import classes from './agents.module.css';

interface Row {
  left?: string;
  right?: string;
  same: boolean;
}

/** Lines in pairs; a changed line stands beside what it became. */
export function rows(before: string, after: string): Row[] {
  const found: Row[] = [];
  const parts = diffLines(`${before}\n`, `${after}\n`);
  for (let i = 0; i < parts.length; i += 1) {
    const part = parts[i]!;
    const lines = part.value.replace(/\n$/, '').split('\n');
    if (!part.added && !part.removed) {
      found.push(...lines.map((line) => ({ left: line, right: line, same: true })));
      continue;
    }
    const next = parts[i + 1];
    if (part.removed && next?.added) {
      const others = next.value.replace(/\n$/, '').split('\n');
      for (let n = 0; n < Math.max(lines.length, others.length); n += 1) found.push({ left: lines[n], right: others[n], same: false });
      i += 1;
    } else {
      found.push(...lines.map((line) => (part.removed ? { left: line, same: false } : { right: line, same: false })));
    }
  }
  return found;
}

/** Long stretches without a change are folded away. */
export function folded(all: Row[], around = 3): (Row | number)[] {
  const near = all.map((_, i) => all.slice(Math.max(0, i - around), i + around + 1).some((r) => !r.same));
  const shown: (Row | number)[] = [];
  all.forEach((row, i) => {
    if (near[i]) return shown.push(row);
    const last = shown.at(-1);
    if (typeof last === 'number') shown[shown.length - 1] = last + 1;
    else shown.push(1);
  });
  return shown;
}

export function Diff({ before, after, titles }: { before: string; after: string; titles: [string, string] }) {
  const { t } = useTranslation('agents');
  const shown = useMemo(() => folded(rows(before, after)), [before, after]);
  return (
    <table className={classes.diff}>
      <thead>
        <tr>{titles.map((title) => <th key={title} scope="col" style={{ textAlign: 'left', padding: '4px 8px' }}>{title}</th>)}</tr>
      </thead>
      <tbody>
        {shown.map((row, i) =>
          typeof row === 'number' ? (
            <tr key={i}><td colSpan={2} style={{ textAlign: 'center', opacity: 0.65, border: 0 }}>{t('diff.same', { count: row })}</td></tr>
          ) : (
            <tr key={i}>
              <td className={row.same || row.left === undefined ? undefined : classes.gone}><Side row={row} side="left" /></td>
              <td className={row.same || row.right === undefined ? undefined : classes.come}><Side row={row} side="right" /></td>
            </tr>
          ),
        )}
      </tbody>
    </table>
  );
}

function Side({ row, side }: { row: Row; side: 'left' | 'right' }) {
  const text = row[side];
  if (text === undefined) return null;
  if (row.same || row.left === undefined || row.right === undefined) return <>{text || ' '}</>;
  return (
    <>
      {diffWordsWithSpace(row.left, row.right).map((word, i) => {
        if (side === 'left' ? word.added : word.removed) return null;
        return word.added || word.removed ? <mark key={i}>{word.value}</mark> : <span key={i}>{word.value}</span>;
      })}
    </>
  );
}
