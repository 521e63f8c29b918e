// What the columns of a file are, with the first rows beside them and what would be left out.
import { Alert, Badge, Button, Card, Group, Radio, ScrollArea, Select, Stack, Table, TagsInput, Text, TextInput, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask } from '../../api';
import { useFailure, useFormat, useProblemText } from '../../ui';
import type { Hints, Preview } from './Import';

const TARGETS = ['name', 'first_name', 'last_name', 'phone', 'email', 'tags', 'language', 'note', 'fact', 'ignore'] as const;
const DUPLICATES = ['merge', 'update', 'skip'] as const;

export function ImportMapping({ preview, reread, rereading, rereadError, onStarted, restart }: {
  preview: Preview;
  reread: (hints: Hints) => void;
  rereading: boolean;
  rereadError: string | null;
  onStarted: (id: string) => void;
  restart: () => void;
}) {
  const { t } = useTranslation('contacts');
  const format = useFormat();
  const words = useProblemText();
  const [mapping, setMapping] = useState(preview.columns.map((c) => c.suggestion));
  const [duplicates, setDuplicates] = useState<(typeof DUPLICATES)[number]>('merge');
  const [tags, setTags] = useState<string[]>([]);
  const [settled] = useDebouncedValue(mapping, 250);
  const id = preview.import.id;
  const check = useQuery({
    queryKey: ['imports', 'check', id, settled],
    queryFn: () => ask(api.POST('/contacts/imports/{id}/check', { params: { path: { id } }, body: { mapping: settled } })),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const run = useMutation({
    mutationFn: () => ask(api.POST('/contacts/imports/{id}/run', { params: { path: { id } }, body: { mapping, duplicates, tags } })),
    onSuccess: (started) => onStarted(started.id),
    onError: useFailure(),
  });
  const set = (i: number, target: string) => setMapping((was) => was.map((old, at) => (at === i ? target : old)));
  const hints: Hints = { encoding: preview.encoding, delimiter: preview.delimiter ?? undefined, has_header: preview.has_header };
  return (
    <Stack gap="lg">
      <Card>
        <Group justify="space-between" align="flex-start">
          <Stack gap={4}>
            <Text fw={650} style={{ overflowWrap: 'anywhere' }}>{preview.import.file_name || t('import.unnamed')}</Text>
            <Group gap={6}>
              <Badge>{t('import.rows', { count: preview.import.rows })}</Badge>
              <Badge color="gray">{preview.encoding.toUpperCase()}</Badge>
              {preview.delimiter && <Badge color="gray">{t('import.delimiter', { sign: preview.delimiter === '\t' ? 'Tab' : preview.delimiter })}</Badge>}
            </Group>
          </Stack>
          <Button variant="default" size="xs" onClick={restart}>{t('import.other')}</Button>
        </Group>
        {preview.delimiter && (
          <Group mt="md" gap="sm">
            <Select
              size="xs" w={130} label={t('import.delimiterLabel')} disabled={rereading} value={preview.delimiter}
              data={[{ value: ',', label: ',' }, { value: ';', label: ';' }, { value: '\t', label: 'Tab' }, { value: '|', label: '|' }]}
              onChange={(value) => value && reread({ ...hints, delimiter: value })}
            />
            <Select
              size="xs" w={160} label={t('import.encodingLabel')} disabled={rereading} value={preview.encoding}
              data={[...new Set([preview.encoding, 'utf-8', 'windows-1252', 'utf-16le', 'macintosh'])].map((value) => ({ value, label: value.toUpperCase() }))}
              onChange={(value) => value && reread({ ...hints, encoding: value })}
            />
            <Select
              size="xs" w={190} label={t('import.headerLabel')} disabled={rereading} value={String(preview.has_header)}
              data={[{ value: 'true', label: t('import.headerYes') }, { value: 'false', label: t('import.headerNo') }]}
              onChange={(value) => value && reread({ ...hints, has_header: value === 'true' })}
            />
          </Group>
        )}
        {rereadError && <Text c="red" size="sm" mt="sm" role="alert">{rereadError}</Text>}
      </Card>

      <Card>
        <Title order={2} size="h3">{t('import.columns')}</Title>
        <Text size="sm" c="dimmed" mb="md">{t('import.columnsText')}</Text>
        <Stack gap="sm">
          {preview.columns.map((column, i) => (
            <Column key={i} header={column.header} sample={preview.rows.map((row) => row[i]).find(Boolean)} target={mapping[i] ?? 'ignore'} set={(target) => set(i, target)} />
          ))}
        </Stack>
      </Card>

      <Card>
        <Title order={2} size="h3" mb="sm">{t('import.known')}</Title>
        <Radio.Group value={duplicates} onChange={(value) => setDuplicates(DUPLICATES.find((d) => d === value) ?? 'merge')} aria-label={t('import.known')}>
          <Stack gap="xs">
            {DUPLICATES.map((d) => <Radio key={d} value={d} label={t(`import.duplicates.${d}`)} description={t(`import.duplicatesText.${d}`)} />)}
          </Stack>
        </Radio.Group>
        <TagsInput mt="md" label={t('import.tags')} description={t('import.tagsText')} value={tags} onChange={setTags} />
      </Card>

      <Rows preview={preview} />
      {check.error ? (
        <Alert color="red" role="alert">{words(check.error)}</Alert>
      ) : (
        check.data && (
          <Alert color={check.data.problems.length > 0 ? 'yellow' : 'green'} title={t('import.checked', { fine: format.number(check.data.fine), of: format.number(check.data.looked_at) })}>
            {check.data.problems.slice(0, 8).map((p) => (
              <Text key={p.line} size="sm">{t('import.line', { line: p.line })}: {p.reason}</Text>
            ))}
            {check.data.looked_at - check.data.fine > 8 && <Text size="sm" c="dimmed">{t('import.moreProblems')}</Text>}
          </Alert>
        )
      )}
      <Group justify="flex-end">
        <Button disabled={!!check.error} loading={run.isPending} onClick={() => run.mutate()}>{t('import.run', { count: preview.import.rows })}</Button>
      </Group>
    </Stack>
  );
}

function Column({ header, sample, target, set }: { header: string; sample?: string; target: string; set: (target: string) => void }) {
  const { t } = useTranslation('contacts');
  const fact = target.startsWith('fact:') ? target.slice(5) : undefined;
  return (
    <Group gap="sm" align="center">
      <Stack gap={0} flex="1 1 180px" miw={0}>
        <Text fw={600} size="sm" lineClamp={1}>{header}</Text>
        <Text size="xs" c="dimmed" lineClamp={1}>{sample ?? '–'}</Text>
      </Stack>
      <Select
        flex="0 1 200px"
        aria-label={t('import.meaning', { column: header })}
        data={TARGETS.map((value) => ({ value, label: t(`import.target.${value}`) }))}
        value={fact === undefined ? target : 'fact'}
        onChange={(value) => value && set(value === 'fact' ? `fact:${header.toLowerCase().slice(0, 60)}` : value)}
      />
      {fact !== undefined && (
        <TextInput flex="0 1 160px" aria-label={t('import.factName')} value={fact} onChange={(e) => set(`fact:${e.currentTarget.value}`)} />
      )}
    </Group>
  );
}

function Rows({ preview }: { preview: Preview }) {
  const { t } = useTranslation('contacts');
  return (
    <Card p={0}>
      <ScrollArea>
        <Table aria-label={t('import.firstRows')} verticalSpacing={6} fz="sm" style={{ whiteSpace: 'nowrap' }}>
          <Table.Thead>
            <Table.Tr>{preview.columns.map((c, i) => <Table.Th key={i}>{c.header}</Table.Th>)}</Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {preview.rows.slice(0, 5).map((row, i) => (
              <Table.Tr key={i}>{row.map((cell, j) => <Table.Td key={j} maw={240} style={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>{cell}</Table.Td>)}</Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea>
    </Card>
  );
}
