// Who may come in: nobody without a session, nobody with a password that must be changed.
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { Navigate, useLocation, useNavigate } from 'react-router';

import { SESSION, SessionProvider, useSessionQuery } from '../api/session';
import { ErrorState, LoadingPage } from '../ui/states';
import { Frame } from './Frame';

const STORED = 'frontdesk.business';
/** Where a person goes whose password must be replaced before anything else. */
export const NEW_PASSWORD = '/new-password';

export function Gate() {
  const session = useSessionQuery();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { pathname, search, hash } = useLocation();
  const [chosen, setChosen] = useState(remembered);
  const choose = useCallback(
    (id: string) => {
      remember(id);
      // Nothing of the other business may be shown, not even for a moment.
      queries.removeQueries({ predicate: (q) => q.queryKey[0] !== SESSION[0] });
      setChosen(id);
      void navigate('/');
    },
    [queries, navigate],
  );
  if (session.isPending) return <LoadingPage />;
  if (session.data === undefined) return <ErrorState error={session.error} retry={() => void session.refetch()} />;
  if (session.data === null) {
    const here = pathname + search + hash;
    return <Navigate to={here === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(here)}`} replace />;
  }
  if (session.data.must_change_password) return <Navigate to={NEW_PASSWORD} replace />;
  return (
    <SessionProvider session={session.data} chosen={chosen} onChoose={choose}>
      <Frame />
    </SessionProvider>
  );
}

// Each window keeps its own business; a new window begins with the last one chosen.
function remembered(): string | undefined {
  try {
    return sessionStorage.getItem(STORED) ?? localStorage.getItem(STORED) ?? undefined;
  } catch {
    return undefined;
  }
}

function remember(id: string): void {
  try {
    sessionStorage.setItem(STORED, id);
    localStorage.setItem(STORED, id);
  } catch {
    // Storage is closed to us: the choice lasts as long as the page.
  }
}
