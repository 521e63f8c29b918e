// Which action a rule, or a trial, is about.
import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { CATEGORIES, useActions } from './data';

/** `many`: also all of them, those of a category, and those whose names begin alike (as `BEGINNING`). */
export const BEGINNING = '…*';

export function ActionSelect({ label, description, value, onChange, error, many = false }: {
  label: string;
  description?: string;
  value: string | null;
  onChange: (value: string) => void;
  error?: React.ReactNode;
  many?: boolean;
}) {
  const { t } = useTranslation('policies');
  const actions = useActions().data?.items ?? [];
  const known = actions.map((a) => ({ value: a.name, label: a.title === a.name ? a.name : `${a.title} (${a.name})` }));
  // A tool that a rule still names may be gone.
  const gone = value && value !== BEGINNING && !value.startsWith('category:') && value !== '*' && !actions.some((a) => a.name === value) ? [{ value, label: value }] : [];
  const several = [
    { value: '*', label: t('about.all') },
    ...CATEGORIES.map((c) => ({ value: `category:${c}`, label: t('about.category', { category: t(`category.${c}`) }) })),
    { value: BEGINNING, label: t('field.beginningOf') },
  ];
  return (
    <Select
      label={label}
      description={description}
      error={error}
      required
      searchable
      placeholder={t('field.choose')}
      nothingFoundMessage={t('common:list.nothing')}
      value={value}
      onChange={(next) => next && onChange(next)}
      data={many ? [{ group: t('group.several'), items: several }, { group: t('group.one'), items: [...known, ...gone] }] : [...known, ...gone]}
    />
  );
}
