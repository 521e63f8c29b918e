// The words in which a spec is written out to be compared.
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';

import { inLines, type Spec } from './model';

export function useLines(): (spec: Spec) => string {
  const { t } = useTranslation('agents');
  return useCallback(
    (spec: Spec) =>
      inLines(spec, {
        models: t('models.title'),
        tools: t('tools.title'),
        temperature: t('manner.temperature'),
        longest: t('manner.longest'),
        ours: t('models.ours'),
        all: t('tools.every'),
        usual: t('manner.usual'),
      }),
    [t],
  );
}
