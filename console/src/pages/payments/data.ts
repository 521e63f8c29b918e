// Payments as the API tells them, and giving one back.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, ask, usePages, type components } from '../../api';

export type Payment = components['schemas']['Payment'];
export type WholePayment = components['schemas']['WholePayment'];
export type State = components['schemas']['PaymentState'];

/** In the order in which they are offered as a filter. */
export const STATES: State[] = ['open', 'paid', 'refunding', 'refunded', 'expired', 'failed'];

export const COLOURS: Record<State, string> = { open: 'blue', paid: 'green', refunding: 'yellow', refunded: 'grape', expired: 'gray', failed: 'red' };

export interface Filter {
  state?: State;
  contact?: string;
  from?: string;
  to?: string;
}

export function usePayments(filter: Filter) {
  return usePages<Payment>(['payments', 'list', filter], (cursor) => ask(api.GET('/payments', { params: { query: { ...filter, cursor, limit: 50 } } })));
}

export function usePayment(id: string) {
  return useQuery({ queryKey: ['payments', 'one', id], queryFn: () => ask(api.GET('/payments/{id}', { params: { path: { id } } })) });
}

/** `key` makes a second click, or an answer that was lost, the same refund. */
export function useRefund(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ minor, reason, key }: { minor: number; reason: string; key: string }) =>
      ask(api.POST('/payments/{id}/refund', { params: { path: { id } }, headers: { 'Idempotency-Key': key }, body: { minor, reason } })),
    onSuccess: (after) => queries.setQueryData(['payments', 'one', id], after),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['payments'] }),
  });
}
