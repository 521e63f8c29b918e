// How many conversations wait, are unread, are mine: beside the filters, and beside the inbox in the navigation.
import { keepPreviousData, useQuery } from '@tanstack/react-query';

import { sendJson } from '../../api/client';

export function useCounts() {
  return useQuery({
    queryKey: ['conversations', 'counts'],
    queryFn: () => sendJson<{ waiting: number; unread: number; mine: number }>('GET', '/conversations/counts'),
    placeholderData: keepPreviousData,
  });
}

/** What a person should look at now. */
export function useWaiting(): number {
  return useCounts().data?.waiting ?? 0;
}
