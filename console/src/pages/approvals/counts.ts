// How many requests wait for somebody of the team: beside the page's name in the navigation.
import { keepPreviousData, useQuery } from '@tanstack/react-query';

import { api, ask } from '../../api';

export function useForTeam(): number {
  const counts = useQuery({ queryKey: ['approvals', 'counts'], queryFn: () => ask(api.GET('/approvals/counts')), placeholderData: keepPreviousData });
  return counts.data?.team ?? 0;
}
