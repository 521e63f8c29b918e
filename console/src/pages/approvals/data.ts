// Requests as the API tells them, and what is said to them.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';

import { api, ask, usePages, type components } from '../../api';

export type Approval = components['schemas']['Approval'];
export type State = components['schemas']['ApprovalState'];

/** In the order in which they are offered as a filter. */
export const STATES: State[] = ['pending', 'approved', 'executed', 'rejected', 'answered', 'expired', 'failed'];

export const COLOURS: Record<State, string> = {
  pending: 'yellow', approved: 'blue', executed: 'green', answered: 'green', rejected: 'gray', expired: 'gray', failed: 'red',
};

/** Of one state, or of all; newest first. */
export function useApprovals(state: State | undefined, enabled = true) {
  return usePages<Approval>(
    ['approvals', 'list', state ?? 'all'],
    (cursor) => ask(api.GET('/approvals', { params: { query: { state, cursor, limit: 50 } } })),
    enabled,
  );
}

export function useApproval(id: string) {
  return useQuery({ queryKey: ['approvals', 'one', id], queryFn: () => ask(api.GET('/approvals/{id}', { params: { path: { id } } })) });
}

export type Word =
  | { say: 'approve'; args_hash: string; note?: string }
  | { say: 'reject'; note?: string }
  | { say: 'answer'; answer: string }
  | { say: 'edit'; arguments: Record<string, unknown> };

/** Says it, and shows at once what the server made of it. */
export function useSay(id: string): (word: Word) => Promise<Approval> {
  const queries = useQueryClient();
  return useCallback(
    async (word: Word) => {
      const params = { path: { id } };
      try {
        const now = await ask(send(params, word));
        queries.setQueryData(['approvals', 'one', id], now);
        return now;
      } finally {
        // Also after a refusal: what is shown may be what it was about.
        void queries.invalidateQueries({ queryKey: ['approvals'] });
      }
    },
    [id, queries],
  );
}

function send(params: { path: { id: string } }, word: Word) {
  switch (word.say) {
    case 'approve':
      return api.POST('/approvals/{id}/approve', { params, body: { args_hash: word.args_hash, note: word.note } });
    case 'reject':
      return api.POST('/approvals/{id}/reject', { params, body: { note: word.note } });
    case 'answer':
      return api.POST('/approvals/{id}/answer', { params, body: { answer: word.answer } });
    case 'edit':
      return api.POST('/approvals/{id}/edit', { params, body: { arguments: word.arguments as never } });
  }
}
