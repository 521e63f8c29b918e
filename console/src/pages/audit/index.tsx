// Who changed what, with filters and an export.
import { Badge, Button, Code, Group, Select, Text, TextInput } from '@mantine/core';
import { DateInput } from '@mantine/dates';
import '@mantine/dates/styles.css';
import { IconDownload, IconHistory } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { send, sendJson } from '../../api/client';
import { usePages, type Page } from '../../api/pages';
import { useBusiness } from '../../api/session';
import { DataTable, EmptyState, PageBody, PageHeader, Time, useFailure, type Column } from '../../ui';
import { dayStart } from './days';

interface Entry {
  id: string;
  at: string;
  actor_kind: 'person' | 'key' | 'operator' | 'server';
  actor: string;
  actor_name: string | null;
  action: string;
  subject: string;
  detail: Record<string, unknown>;
}

const NOUNS = [
  'session', 'password', 'factor', 'passkey', 'invitation', 'member', 'key', 'business', 'settings', 'channel',
  'agent', 'prompt', 'tool', 'contact', 'conversation', 'message', 'appointment', 'service', 'staff', 'task', 'policy', 'approval', 'action',
  'tool_secret', 'mcp_server', 'mcp_tool', 'model_key', 'note', 'macro', 'hours', 'location', 'member_number', 'payment', 'payments', 'tokens',
  'report', 'tenant',
];

export default function Audit() {
  const { t, i18n } = useTranslation('audit');
  const zone = useBusiness().time_zone;
  const failure = useFailure();
  const [noun, setNoun] = useState<string | null>(null);
  const [subject, setSubject] = useState('');
  const [from, setFrom] = useState<string | null>(null);
  const [to, setTo] = useState<string | null>(null);
  const query = new URLSearchParams();
  if (noun) query.set('action', `${noun}.`);
  if (subject.trim()) query.set('subject', subject.trim());
  if (from) query.set('from', dayStart(from, zone));
  if (to) query.set('to', dayStart(to, zone, 1));
  const filter = query.toString();
  const entries = usePages<Entry>(['audit', filter], (cursor) => {
    const page = new URLSearchParams(query);
    if (cursor) page.set('cursor', cursor);
    return sendJson<Page<Entry>>('GET', `/audit?${page}`);
  });
  const download = async () => {
    try {
      const file = URL.createObjectURL(await (await send('GET', `/audit/export?${filter}`)).blob());
      const link = document.createElement('a');
      link.href = file;
      link.download = 'audit.csv';
      link.click();
      URL.revokeObjectURL(file);
    } catch (error) {
      failure(error);
    }
  };
  const columns: Column<Entry>[] = [
    { key: 'at', title: t('at'), width: 170, render: (e) => <Time at={e.at} /> },
    {
      key: 'actor',
      title: t('actor'),
      render: (e) => (
        <Group gap="xs">
          <Text size="sm">{e.actor_name ?? (e.actor || t(`kind.${e.actor_kind}`))}</Text>
          {e.actor_kind !== 'person' && <Badge variant="light" color="gray">{t(`kind.${e.actor_kind}`)}</Badge>}
        </Group>
      ),
    },
    { key: 'action', title: t('action'), width: 190, render: (e) => <Code>{e.action}</Code> },
    { key: 'subject', title: t('subject'), width: 210, minor: true, render: (e) => <Text size="xs" ff="monospace" style={{ wordBreak: 'break-all' }}>{e.subject}</Text> },
    { key: 'detail', title: t('detail'), minor: true, render: (e) => <Detail of={e.detail} /> },
  ];
  return (
    <PageBody>
      <PageHeader
        title={t('title')}
        text={t('text')}
        actions={<Button variant="default" leftSection={<IconDownload size={16} />} onClick={() => void download()}>{t('export')}</Button>}
      />
      <Group mb="md" align="end">
        <Select label={t('about')} clearable searchable placeholder={t('everything')} data={NOUNS.map((value) => ({ value, label: t(`noun.${value}`) }))} value={noun} onChange={setNoun} />
        <TextInput label={t('subject')} placeholder="con_…" value={subject} onChange={(e) => setSubject(e.currentTarget.value.replace(/[^\w.-]/g, ''))} />
        <DateInput label={t('from')} clearable value={from} onChange={setFrom} maxDate={to ?? undefined} locale={i18n.language} />
        <DateInput label={t('to')} clearable value={to} onChange={setTo} minDate={from ?? undefined} locale={i18n.language} />
      </Group>
      <DataTable
        label={t('title')}
        columns={columns}
        pages={entries}
        rowKey={(e) => e.id}
        empty={<EmptyState icon={IconHistory} title={filter ? t('nothing') : t('none')} text={filter ? t('nothingText') : t('noneText')} />}
      />
    </PageBody>
  );
}

/** What changed, in one breath; whole on hover and in the export. */
function Detail({ of }: { of: Record<string, unknown> }) {
  const parts = Object.entries(of).map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  if (parts.length === 0) return null;
  return (
    <Text size="xs" lineClamp={3} style={{ overflowWrap: 'anywhere' }} title={parts.join('\n')}>
      {parts.join(' · ')}
    </Text>
  );
}
