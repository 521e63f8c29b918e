// The palette: what a prompt may insert, what it means and what it is here and now.
import { Code, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ErrorState, LoadingRows } from '../../ui';
import classes from './agents.module.css';
import { useVariables } from './model';

export function Variables({ contact, onInsert }: { contact: string | undefined; onInsert: (text: string) => void }) {
  const { t, i18n } = useTranslation('agents');
  const found = useVariables(contact);
  const [words, setWords] = useState('');
  if (found.isPending) return <LoadingRows />;
  if (found.error) return <ErrorState error={found.error} retry={() => void found.refetch()} />;
  const language = i18n.language === 'es' ? 'es' : 'en';
  const wanted = words.trim().toLowerCase();
  const shown = found.data.filter((v) => `${v.name} ${v.meaning[language]}`.toLowerCase().includes(wanted));
  return (
    <Stack gap="xs">
      <TextInput value={words} onChange={(e) => setWords(e.currentTarget.value)} placeholder={t('variables.search')} aria-label={t('variables.search')} leftSection={<IconSearch size={16} />} data-autofocus />
      <Text size="sm" c="dimmed">{t('variables.text')}</Text>
      <div>
        {shown.map((v) => (
          <UnstyledButton key={v.name} className={classes.variable} onClick={() => onInsert(v.insert)}>
            <Code>{v.name}</Code>
            <Text size="sm" mt={2}>{v.meaning[language]}</Text>
            <Text size="xs" c="dimmed" lineClamp={2} style={{ whiteSpace: 'pre-line' }}>{v.sample || t('variables.nothing')}</Text>
          </UnstyledButton>
        ))}
        {shown.length === 0 && <Text c="dimmed" size="sm">{t('variables.none')}</Text>}
      </div>
    </Stack>
  );
}
