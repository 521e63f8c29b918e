// Everybody the business knows, found as one types.
import { Avatar, Badge, Button, CloseButton, Group, Menu, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue, useDisclosure } from '@mantine/hooks';
import { IconArrowsJoin2, IconDots, IconPlus, IconSearch, IconUpload, IconUsers } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';

import { api, ask, useCan, usePages } from '../../api';
import { DataTable, EmptyState, PageBody, PageHeader, Time, useChoices, useShortcuts, type Column } from '../../ui';
import { CreateContact } from './CreateContact';
import { ExportItems } from './ExportItems';
import { initials, shownAddress, shownName, type ContactView } from './words';

const SORTS = ['newest', 'name', 'changed', 'oldest'] as const;
type Sort = (typeof SORTS)[number];

export function ContactList() {
  const { t } = useTranslation('contacts');
  const navigate = useNavigate();
  const [params, choose] = useChoices();
  const [creating, create] = useDisclosure();
  const [mayWrite, mayExport] = [useCan('contact:write'), useCan('contact:export')];
  const search = useRef<HTMLInputElement>(null);

  const asked = params.get('q') ?? '';
  // The box does not wait for the address; another address fills it anew.
  const [typed, setTyped] = useState(asked);
  useEffect(() => setTyped(asked), [asked]);
  const type = (q: string) => {
    setTyped(q);
    choose({ q });
  };
  const [q] = useDebouncedValue(typed.trim(), 200);
  const tag = params.get('tag') ?? undefined;
  const sort = (SORTS.find((s) => s === params.get('sort')) ?? 'newest') as Sort;

  const query = { q: q || undefined, tag, sort: q ? undefined : sort };
  const pages = usePages<ContactView>(['contacts', 'list', query], (cursor) =>
    ask(api.GET('/contacts', { params: { query: { ...query, cursor } } })),
  );
  const tags = useQuery({ queryKey: ['contacts', 'tags'], queryFn: () => ask(api.GET('/contacts/tags')), placeholderData: keepPreviousData });
  useShortcuts(t('title'), [
    { keys: '/', label: t('list.search'), run: () => search.current?.focus() },
    ...(mayWrite ? [{ keys: 'n', label: t('list.new'), run: create.open }] : []),
  ]);

  const filtered = !!q || !!tag;
  const columns: Column<ContactView>[] = [
    { key: 'name', title: t('field.name'), render: (c) => <Who contact={c} /> },
    { key: 'reach', title: t('list.reach'), render: (c) => <Reach contact={c} /> },
    { key: 'tags', title: t('field.tags'), render: (c) => <Tags tags={c.tags} /> },
    { key: 'since', title: t('list.since'), width: 140, minor: true, render: (c) => <Time at={c.created_at} as="date" /> },
  ];
  const empty = filtered ? (
    <EmptyState
      icon={IconSearch}
      title={t('list.nobody')}
      text={t('list.nobodyText')}
      action={<Button variant="default" onClick={() => choose(new URLSearchParams())}>{t('list.all')}</Button>}
    />
  ) : (
    <EmptyState
      icon={IconUsers}
      title={t('list.emptyTitle')}
      text={t('list.emptyText')}
      action={
        mayWrite && (
          <Group justify="center">
            <Button leftSection={<IconPlus size={16} />} onClick={create.open}>{t('list.new')}</Button>
            <Button variant="default" leftSection={<IconUpload size={16} />} component={Link} to="/contacts/import">{t('list.import')}</Button>
          </Group>
        )
      }
    />
  );

  return (
    <PageBody>
      <PageHeader
        title={t('title')}
        text={t('text')}
        actions={
          <>
            {mayWrite && <Button leftSection={<IconPlus size={16} />} onClick={create.open}>{t('list.new')}</Button>}
            <Menu position="bottom-end">
              <Menu.Target>
                <Button variant="default" px="sm" aria-label={t('list.more')}><IconDots size={18} /></Button>
              </Menu.Target>
              <Menu.Dropdown>
                {mayWrite && (
                  <Menu.Item component={Link} to="/contacts/import" leftSection={<IconUpload size={16} />}>{t('list.import')}</Menu.Item>
                )}
                <Menu.Item component={Link} to="/contacts/duplicates" leftSection={<IconArrowsJoin2 size={16} />}>{t('duplicates.title')}</Menu.Item>
                {mayExport && <ExportItems q={q || undefined} tag={tag} />}
              </Menu.Dropdown>
            </Menu>
          </>
        }
      />
      <Group mb="md" gap="sm" align="flex-end">
        <TextInput
          ref={search}
          flex="1 1 240px"
          aria-label={t('list.search')}
          placeholder={t('list.searchHint')}
          leftSection={<IconSearch size={16} />}
          value={typed}
          onChange={(e) => type(e.currentTarget.value)}
          rightSection={typed && <CloseButton size="sm" aria-label={t('list.clear')} onClick={() => type('')} />}
        />
        <Select
          w={170}
          aria-label={t('list.tag')}
          placeholder={t('list.anyTag')}
          clearable
          searchable
          data={(tags.data?.tags ?? []).map((entry) => entry.tag)}
          value={tag ?? null}
          onChange={(tag) => choose({ tag })}
        />
        <Select
          w={190}
          aria-label={t('list.sort')}
          disabled={!!q}
          data={SORTS.map((value) => ({ value, label: t(`sort.${value}`) }))}
          value={sort}
          onChange={(sort) => choose({ sort })}
        />
      </Group>
      <DataTable
        label={t('title')}
        columns={columns}
        pages={pages}
        rowKey={(c) => c.id}
        empty={empty}
        onOpen={(c) => void navigate(`/contacts/${c.id}`)}
      />
      {creating && <CreateContact opened onClose={create.close} />}
    </PageBody>
  );
}

function Who({ contact }: { contact: ContactView }) {
  const name = shownName(contact);
  return (
    <Group gap="sm" wrap="nowrap">
      <Avatar size={34} radius="xl" color="pine" aria-hidden>{initials(name)}</Avatar>
      <Text fw={600} lineClamp={1} c={contact.name ? undefined : 'dimmed'} style={{ overflowWrap: 'anywhere' }}>{name}</Text>
    </Group>
  );
}

function Reach({ contact }: { contact: ContactView }) {
  // Without a name the first address stands in its place already.
  const all = contact.name ? contact.addresses : contact.addresses.slice(1);
  const shown = all.slice(0, 2);
  return (
    <Stack gap={0}>
      {shown.map((a) => (
        <Text key={a.kind + a.value} size="sm" style={{ overflowWrap: 'anywhere' }}>{shownAddress(a)}</Text>
      ))}
      {all.length > shown.length && <Text size="xs" c="dimmed">+{all.length - shown.length}</Text>}
    </Stack>
  );
}

export function Tags({ tags }: { tags: string[] }) {
  if (tags.length === 0) return null;
  return (
    <Group gap={4}>
      {tags.slice(0, 4).map((tag) => <Badge key={tag}>{tag}</Badge>)}
      {tags.length > 4 && <Text size="xs" c="dimmed">+{tags.length - 4}</Text>}
    </Group>
  );
}
