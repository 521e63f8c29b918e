// A change of a contact that does not overwrite what somebody else changed meanwhile.
import { useMutation, useQueryClient } from '@tanstack/react-query';

import { api, askTagged, ifMatch, type components } from '../../api';
import { useFailure } from '../../ui';
import type { ContactDetail } from './words';

export type Change = components['schemas']['ContactChange'];

export function useChange(contact: ContactDetail, tag: string | undefined) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Change) =>
      askTagged(api.PATCH('/contacts/{id}', { params: { path: { id: contact.id } }, headers: ifMatch(tag), body })),
    onSuccess: (changed) => {
      queries.setQueryData(['contacts', 'one', contact.id], changed);
      void queries.invalidateQueries({ queryKey: ['contacts', 'list'] });
      void queries.invalidateQueries({ queryKey: ['contacts', 'tags'] });
    },
    onError: useFailure(),
  });
}
