// How answers are kept: fresh for half a minute, asked for again only where that can help.
import { QueryClient } from '@tanstack/react-query';

import { whenSignedOut } from './client';
import { isPassing } from './problem';
import { SESSION } from './session';

export function makeQueries(): QueryClient {
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        retry: (failures, error) => failures < 2 && isPassing(error),
        refetchOnWindowFocus: false,
      },
      mutations: { retry: false },
    },
  });
  whenSignedOut(() => {
    if (queries.getQueryData(SESSION)) queries.setQueryData(SESSION, null);
  });
  return queries;
}
