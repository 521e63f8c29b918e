// A change of a contact that does not overwrite what somebody else changed meanwhile.
import { useMutation, useQueryClient } from '@tanstack/react-query';

import { api, askTagged, ifMatch, type components } from '../../api';
import { useFailure } from '../../ui';
import type { ContactDetail } from './words';

export type Change = components['schemas']['ContactChange'];

/** `tag` is that of the state that was changed; without one the change is made whatever happened meanwhile. */
export function useChange(contact: ContactDetail) {
  const queries = useQueryClient();
  const failed = useFailure();
  return useMutation({
    mutationFn: ({ change, tag }: { change: Change; tag: string | undefined }) =>
      askTagged(api.PATCH('/contacts/{id}', { params: { path: { id: contact.id } }, headers: ifMatch(tag), body: change })),
    onSuccess: (changed) => {
      queries.setQueryData(['contacts', 'one', contact.id], changed);
      void queries.invalidateQueries({ queryKey: ['contacts', 'list'] });
      void queries.invalidateQueries({ queryKey: ['contacts', 'tags'] });
    },
    onError: (error) => {
      failed(error);
      // Somebody may have changed it: their version is shown once the field is closed.
      void queries.invalidateQueries({ queryKey: ['contacts', 'one', contact.id] });
    },
  });
}
