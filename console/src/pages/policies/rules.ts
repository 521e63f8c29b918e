// Rules as a person edits them: conditions as a form, order as moves, actions as what they mean.
import type { Condition, Level, Rule } from './data';

export interface Conditions {
  /** Minor units; `null`: no such condition. */
  amountOver: number | null;
  countOver: number | null;
  otherRecipient: boolean;
  outsideHours: boolean;
  firstTimeContact: boolean;
}

/** All must hold, so that of two limits the higher one counts. */
export function fromConditions(when: Condition[]): Conditions {
  const found: Conditions = { amountOver: null, countOver: null, otherRecipient: false, outsideHours: false, firstTimeContact: false };
  for (const one of when) {
    if (one.kind === 'amount_over') found.amountOver = Math.max(found.amountOver ?? 0, one.minor);
    if (one.kind === 'count_over') found.countOver = Math.max(found.countOver ?? 0, one.count);
    found.otherRecipient ||= one.kind === 'other_recipient';
    found.outsideHours ||= one.kind === 'outside_hours';
    found.firstTimeContact ||= one.kind === 'first_time_contact';
  }
  return found;
}

export function toConditions(form: Conditions): Condition[] {
  const when: Condition[] = [];
  if (form.amountOver !== null) when.push({ kind: 'amount_over', minor: form.amountOver });
  if (form.countOver !== null) when.push({ kind: 'count_over', count: form.countOver });
  if (form.otherRecipient) when.push({ kind: 'other_recipient' });
  if (form.outsideHours) when.push({ kind: 'outside_hours' });
  if (form.firstTimeContact) when.push({ kind: 'first_time_contact' });
  return when;
}

export type Meant = { kind: 'all' } | { kind: 'category'; category: string } | { kind: 'beginning'; beginning: string } | { kind: 'action'; name: string };

export function meant(pattern: string): Meant {
  if (pattern === '*') return { kind: 'all' };
  if (pattern.startsWith('category:')) return { kind: 'category', category: pattern.slice('category:'.length) };
  return pattern.endsWith('*') ? { kind: 'beginning', beginning: pattern.slice(0, -1) } : { kind: 'action', name: pattern };
}

/** Somewhere else in the list; the others keep their order. */
export function moved<T>(items: T[], from: number, to: number): T[] {
  const next = items.toSpliced(from, 1);
  next.splice(to, 0, ...items.slice(from, from + 1));
  return next;
}

/** A new one at the end, a changed one in its place. */
export function withRule(items: Rule[], rule: Rule): Rule[] {
  const at = items.findIndex((one) => rule.id !== undefined && one.id === rule.id);
  return at < 0 ? [...items, rule] : items.with(at, rule);
}

/** A level that the action never goes below: the rule would not lower it. */
export function belowFloor(level: Level, least: Level, order: Level[]): boolean {
  return order.indexOf(level) < order.indexOf(least);
}
