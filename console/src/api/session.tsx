// Who is signed in, for which businesses, and what they may do.
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, use, useCallback, useMemo, type ReactNode } from 'react';

import { selectBusiness, sendJson } from './client';
import { ApiProblem } from './problem';

export interface Business {
  id: string;
  name: string;
  role: string;
  permissions: string[];
  /** Null: all of them. */
  locations: string[] | null;
  time_zone: string;
  language: string;
  currency: string;
}

export interface Session {
  person: { id: string; email: string; name: string; language: string | null; operator: boolean; has_password: boolean };
  tenants: Business[];
  must_change_password: boolean;
  factors: { totp: boolean; passkeys: number };
}

export const SESSION = ['session'] as const;

/** Null: nobody is signed in. */
export const sessionQuery = queryOptions<Session | null>({
  queryKey: SESSION,
  queryFn: async () => {
    try {
      return await sendJson<Session>('GET', '/session');
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 5 * 60_000,
});

export function useSessionQuery() {
  return useQuery(sessionQuery);
}

interface Present {
  session: Session;
  business: Business | undefined;
  choose: (id: string) => void;
}

const Context = createContext<Present | null>(null);

/** `null` allows everything to whoever is signed in; `operator` is for the server's own people. */
export type Need = string | 'operator' | null;

export function SessionProvider({ session, chosen, onChoose, children }: {
  session: Session;
  chosen: string | undefined;
  onChoose: (id: string) => void;
  children: ReactNode;
}) {
  const business = session.tenants.find((t) => t.id === chosen) ?? session.tenants[0];
  // Before any child asks the server: a child's effects run before ours would.
  selectBusiness(business?.id);
  const value = useMemo(() => ({ session, business, choose: onChoose }), [session, business, onChoose]);
  return <Context value={value}>{children}</Context>;
}

export function useSession(): Present {
  const present = use(Context);
  if (!present) throw new Error('useSession is for pages behind sign-in');
  return present;
}

/** The business at hand; pages that need one are shown only when there is one. */
export function useBusiness(): Business {
  const { business } = useSession();
  if (!business) throw new Error('this page needs a business');
  return business;
}

/** The same where nobody may be signed in, for texts and times. */
export function useMaybeSession(): Present | null {
  return use(Context);
}

export function allows(present: Present, need: Need): boolean {
  if (need === null) return true;
  if (need === 'operator') return present.session.person.operator;
  const held = present.business?.permissions ?? [];
  return held.includes(need) || held.includes('*');
}

/** May this person do it here? `useCan('contact:write')` */
export function useCan(need: Need): boolean {
  return allows(useSession(), need);
}

/** Ends the session here and forgets what was read with it. */
export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient();
  return useCallback(async () => {
    await sendJson('DELETE', '/session').catch((error: unknown) => {
      if (!(error instanceof ApiProblem && error.status === 401)) throw error;
    });
    // Whoever watches the session hears of it; all the rest is forgotten.
    queries.setQueryData(SESSION, null);
    queries.removeQueries({ predicate: (q) => q.queryKey[0] !== SESSION[0] });
    queries.getMutationCache().clear();
  }, [queries]);
}

/** A path of our own to go to after signing in; anything else (`//evil`, `https:…`) is the front page. */
export function safeNext(next: string | null): string {
  if (!next || !next.startsWith('/')) return '/';
  try {
    const url = new URL(next, location.origin);
    return url.origin === location.origin && !/^\/[\\/]/.test(next) ? url.pathname + url.search + url.hash : '/';
  } catch {
    return '/';
  }
}
