// How accounts are kept, and changing it with a way back.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, ask, type components } from '../../api';
import { undoable, useFailure } from '../../ui';

type Change = components['schemas']['TokenSettingsChange'];

export function useSettings() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const failed = useFailure();
  const settings = useQuery({ queryKey: ['tokens', 'settings'], queryFn: () => ask(api.GET('/tokens/settings')) });
  const change = useMutation({
    mutationFn: (body: Change) => ask(api.PATCH('/tokens/settings', { body })),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['tokens'] }),
    onError: failed,
  });
  /** Changes it; `back` is what takes the change back. */
  const save = (body: Change, back: Change, done: () => void) =>
    change.mutate(body, { onSuccess: () => (done(), undoable(t('saved'), () => change.mutateAsync(back))) });
  return { settings, save, saving: change.isPending };
}
