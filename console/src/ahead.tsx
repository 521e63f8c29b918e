// What the first page needs is on its way before anything is drawn: its code, its texts, who is signed in.
import type { QueryClient } from '@tanstack/react-query';
import i18next from 'i18next';
import { type ComponentType, lazy } from 'react';
import { matchPath } from 'react-router';

import { type Session, sessionQuery } from './api/session';
import { hasTexts } from './i18n';
import { pages } from './pages';
import { publicPages } from './pages/public';

type Load = () => Promise<{ default: ComponentType }>;

/** A slow line: what is there by then is drawn, with the usual signs that more is coming. */
const PATIENCE_MS = 2_000;

const here = new Map<Load, ComponentType>();

/** A page: drawn at once when its code is here, else when it has come. */
export function paged(load: Load): ComponentType {
  const Later = lazy(load);
  return function Page() {
    const Now = here.get(load) ?? Later;
    return <Now />;
  };
}

const isPublic = (pathname: string) => publicPages.some((p) => matchPath(p.path, pathname));

/** Where somebody ends up who asks for this address. `/` leads to the first page they may see: for most that is the inbox. */
export function endsAt(pathname: string, session: Session | null): string {
  if (isPublic(pathname)) return pathname;
  if (!session) return '/sign-in';
  if (session.must_change_password) return '/new-password';
  return pathname === '/' ? '/inbox' : pathname;
}

/** Asks for everything at once; ends when it is there, or when it takes too long. `texts`: those of every page. */
export async function ahead(queries: QueryClient, pathname: string, texts: Promise<void>): Promise<void> {
  const open = async (path: string) => {
    const page = [...publicPages, ...pages].find((p) => matchPath(p.path, path));
    if (!page || here.has(page.load)) return;
    const own = isPublic(path) ? 'enter' : path.split('/')[1]!;
    const code = page.load().then((module) => here.set(page.load, module.default));
    await Promise.all([code, hasTexts(own) && texts.then(() => i18next.loadNamespaces(own))]);
  };
  const all = async () => {
    if (isPublic(pathname)) return open(pathname);
    const [session] = await Promise.all([queries.fetchQuery(sessionQuery), open(pathname)]);
    await open(endsAt(pathname, session));
  };
  const late = new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MS));
  // What fails is asked for again by whoever needs it, and tells then what is wrong.
  await Promise.race([all().catch(() => undefined), late]);
}
