// Saving and removing one entry of a list; refusals go beside their fields.
import type { UseFormReturnType } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { ApiProblem } from '../../api/problem';
import { showInForm, useProblemText } from '../../ui';

export function useSave<V>(root: string, form: UseFormReturnType<V>, save: (values: V) => Promise<unknown>, remove: () => Promise<unknown>, onDone: () => void) {
  const queries = useQueryClient();
  const words = useProblemText();
  const [problem, setProblem] = useState<string | null>(null);
  const done = () => {
    void queries.invalidateQueries({ queryKey: [root] });
    onDone();
  };
  const failed = (error: unknown) => {
    const inPlace = error instanceof ApiProblem && error.fields.length > 0;
    setProblem(inPlace ? showInForm(form, error) : words(error));
  };
  const saving = useMutation({ mutationFn: save, onSuccess: done, onError: failed });
  const removing = useMutation({ mutationFn: remove, onSuccess: done, onError: failed });
  return {
    problem,
    busy: saving.isPending || removing.isPending,
    submit: form.onSubmit((values) => {
      setProblem(null);
      saving.mutate(values);
    }),
    remove: () => removing.mutate(),
  };
}
