// The rules, and everything the agent can do.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, ask, askTagged, ifMatch, useCan, type components } from '../../api';

export type Action = components['schemas']['Action'];
export type Level = components['schemas']['Level'];
export type Role = components['schemas']['Role'];
export type Rule = components['schemas']['PolicyRule'];
export type Condition = components['schemas']['PolicyCondition'];
export type Trial = components['schemas']['PolicyTrial'];

export const LEVELS: Level[] = ['automatic', 'suggestion', 'consultation', 'approval', 'off'];
export const LEVEL_COLOURS: Record<Level, string> = { automatic: 'green', suggestion: 'blue', consultation: 'violet', approval: 'yellow', off: 'red' };
export const CATEGORIES = ['communication', 'resource', 'external', 'coordination'] as const;
export const ROLES: Role[] = ['owner', 'admin', 'staff', 'viewer'];

/** Texts and titles of tools come in the business's language. */
export function useActions() {
  const may = useCan('policy:read');
  return useQuery({ queryKey: ['actions'], queryFn: () => ask(api.GET('/actions')), staleTime: 60_000, enabled: may });
}

export function useRules() {
  const may = useCan('policy:read');
  return useQuery({ queryKey: ['policies'], queryFn: () => askTagged(api.GET('/policies')), enabled: may });
}

/** Writes all of them; refused when somebody else changed them since they were read. */
export function useSaveRules() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ items, tag }: { items: Rule[]; tag: string | undefined }) => askTagged(api.PUT('/policies', { headers: ifMatch(tag), body: { items } })),
    onSuccess: (now) => queries.setQueryData(['policies'], now),
    onError: () => queries.invalidateQueries({ queryKey: ['policies'] }),
  });
}
