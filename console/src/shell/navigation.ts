// Which pages this person sees, in which order.
import { useMemo } from 'react';

import { allows, useSession } from '../api/session';
import { pages } from '../pages';
import type { PageEntry } from '../pages/types';

const ORDER = [
  'inbox', 'approvals', 'calendar', 'contacts', 'tasks', 'payments', 'overview', 'reports',
  'agents', 'policies', 'prompts', 'tools', 'services', 'channels',
  'team', 'roles', 'keys', 'audit', 'tokens', 'settings', 'account',
  'tenants', 'system',
];

export const GROUPS = ['work', 'build', 'settings', 'operator'] as const;

/** What fits at the bottom of a phone, beside "more". */
export const BOTTOM = ['inbox', 'calendar', 'contacts', 'tasks'];

export type NavPage = PageEntry & { nav: string };

/** Where a page begins: `/inbox/*` is `/inbox`. */
export function href(page: PageEntry): string {
  return page.path.replace(/\/\*$/, '').replace(/\/:.*$/, '') || '/';
}

function place(page: PageEntry): number {
  const at = ORDER.indexOf(page.nav ?? '');
  return at < 0 ? ORDER.length : at;
}

export function useAllowedPages(): PageEntry[] {
  const present = useSession();
  return useMemo(
    () => pages.filter((p) => allows(present, p.need) && (present.business || p.withoutBusiness)).sort((a, b) => place(a) - place(b)),
    [present],
  );
}

export function useNavPages(): NavPage[] {
  const allowed = useAllowedPages();
  return useMemo(() => allowed.filter((p): p is NavPage => !!p.nav), [allowed]);
}
