// The library of prompts.
import { Button, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconBook2, IconPlus, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { sendJson, useCan, usePages, type Page } from '../../api';
import { DataTable, EmptyState, PageBody, PageHeader, Time, type Column } from '../../ui';
import { EditPrompt, type Prompt } from './EditPrompt';

export default function Prompts() {
  const { t } = useTranslation('prompts');
  const may = useCan('prompt:write');
  const [words, setWords] = useState('');
  const [q] = useDebouncedValue(words.trim(), 250);
  const [open, setOpen] = useState<Prompt | 'new'>();
  const found = usePages<Prompt>(['prompts', { q }], (cursor) => {
    const query = new URLSearchParams({ ...(q ? { q } : {}), ...(cursor ? { cursor } : {}) });
    return sendJson<Page<Prompt>>('GET', `/prompts?${query.toString()}`);
  });
  const make = may && <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen('new')}>{t('new')}</Button>;
  const columns: Column<Prompt>[] = [
    { key: 'name', title: t('name'), render: (p) => <Text fw={600}>{p.name}</Text>, width: '28%' },
    { key: 'content', title: t('content'), render: (p) => <Text size="sm" c="dimmed" lineClamp={2}>{p.content}</Text>, minor: true },
    { key: 'changed', title: t('changed'), render: (p) => <Text size="sm"><Time at={p.updated_at} as="relative" /></Text>, width: 170 },
  ];
  return (
    <PageBody>
      <PageHeader title={t('common:nav.prompts')} text={t('text')} actions={make} />
      <TextInput mb="md" maw={420} value={words} onChange={(e) => setWords(e.currentTarget.value)} placeholder={t('search')} aria-label={t('search')} leftSection={<IconSearch size={16} />} maxLength={200} />
      <DataTable
        label={t('list')}
        columns={columns}
        pages={found}
        rowKey={(p) => p.id}
        onOpen={setOpen}
        empty={q ? <EmptyState icon={IconSearch} title={t('noneSuch')} text={t('noneSuchText')} /> : <EmptyState icon={IconBook2} title={t('empty')} text={t('emptyText')} action={make} />}
      />
      {open && <EditPrompt prompt={open === 'new' ? undefined : open} readOnly={!may} onClose={() => setOpen(undefined)} />}
    </PageBody>
  );
}
