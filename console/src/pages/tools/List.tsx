// Every tool: a business's own ones to open and switch, built-in ones to know.
import { Badge, Button, Group, Menu, Stack, Switch, Text, Title } from '@mantine/core';
import { IconChevronDown, IconFileCode, IconKey, IconPlus, IconTerminal2, IconTool } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { useCan } from '../../api';
import { DataTable, EmptyState, PageBody, PageHeader, useFailure, type Column } from '../../ui';
import { Servers } from '../servers/Servers';
import { example, fromTool, type Tool, type ToolDraft } from './draft';
import { ImportCurl } from './ImportCurl';
import { ImportOpenApi } from './ImportOpenApi';
import { switchTool, useStale, useTools } from './queries';
import { Secrets } from './Secrets';

type Opened = 'curl' | 'openapi' | 'secrets' | null;

export function List() {
  const { t } = useTranslation('tools');
  const navigate = useNavigate();
  const mayWrite = useCan('tool:write');
  const tools = useTools();
  const [opened, setOpened] = useState<Opened>(null);
  const failed = useFailure();
  const stale = useStale();

  const all = tools.data?.items;
  const own = all?.filter((tool) => tool.kind === 'http');
  const builtIn = all?.filter((tool) => tool.kind === 'built_in');
  const open = (draft: ToolDraft) => navigate('new', { state: { values: fromTool(draft.tool), notes: draft.notes } });

  const flip = (tool: Tool) => switchTool(tool.id!, !tool.enabled).then(stale, failed);
  const columns: Column<Tool>[] = [
    {
      key: 'name',
      title: t('list.name'),
      render: (tool) => (
        <Stack gap={0}>
          <Text fw={600} span>{tool.title || tool.name}</Text>
          {tool.title && <Text size="xs" c="dimmed" ff="monospace" span>{tool.name}</Text>}
        </Stack>
      ),
    },
    {
      key: 'request',
      title: t('list.request'),
      minor: true,
      render: (tool) => (
        <Text size="sm" lineClamp={1} style={{ wordBreak: 'break-all' }}>
          {tool.request?.method} {tool.request?.url}
        </Text>
      ),
    },
    { key: 'effect', title: t('list.effect'), width: 130, render: (tool) => <Effect tool={tool} /> },
    {
      key: 'agents',
      title: t('list.agents'),
      minor: true,
      width: 170,
      render: (tool) => <Text size="sm">{tool.agents.length ? tool.agents.map((a) => a.name).join(', ') : t('list.everyAgent')}</Text>,
    },
    {
      key: 'enabled',
      title: t('list.enabled'),
      width: 110,
      render: (tool) => (
        <Switch
          checked={tool.enabled}
          disabled={!mayWrite}
          aria-label={t('list.switch', { name: tool.name })}
          onClick={(event) => event.stopPropagation()}
          onChange={() => void flip(tool)}
        />
      ),
    },
  ];

  const start = () =>
    navigate('new', {
      state: { values: example({ title: t('example.title'), description: t('example.description'), country: t('example.country') }) },
    });

  return (
    <PageBody>
      <PageHeader
        title={t('title')}
        text={t('text')}
        actions={
          <>
            <Button variant="default" leftSection={<IconKey size={16} />} onClick={() => setOpened('secrets')}>
              {t('secrets.title')}
            </Button>
            {mayWrite && (
              <Menu position="bottom-end" withinPortal>
                <Menu.Target>
                  <Button leftSection={<IconPlus size={16} />} rightSection={<IconChevronDown size={14} />}>{t('new.title')}</Button>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item leftSection={<IconPlus size={16} />} onClick={() => navigate('new')}>{t('new.empty')}</Menu.Item>
                  <Menu.Item leftSection={<IconTerminal2 size={16} />} onClick={() => setOpened('curl')}>{t('new.curl')}</Menu.Item>
                  <Menu.Item leftSection={<IconFileCode size={16} />} onClick={() => setOpened('openapi')}>{t('new.openapi')}</Menu.Item>
                </Menu.Dropdown>
              </Menu>
            )}
          </>
        }
      />
      <DataTable
        label={t('list.own')}
        columns={columns}
        pages={{ items: own, error: tools.error, isPending: tools.isPending, refetch: tools.refetch }}
        rowKey={(tool) => tool.id!}
        onOpen={(tool) => navigate(tool.id!)}
        empty={
          <EmptyState
            icon={IconTool}
            title={t('empty.title')}
            text={t('empty.text')}
            action={
              mayWrite && (
                <Group justify="center">
                  <Button onClick={start}>{t('empty.example')}</Button>
                  <Button variant="default" onClick={() => setOpened('curl')}>{t('new.curl')}</Button>
                </Group>
              )
            }
          />
        }
      />
      <Servers />
      {builtIn && builtIn.length > 0 && (
        <Stack gap="xs" mt="xl">
          <Title order={2} size="h4">{t('list.builtIn')}</Title>
          <Text c="dimmed" size="sm">{t('list.builtInText')}</Text>
          <DataTable
            label={t('list.builtIn')}
            columns={builtInColumns(t)}
            pages={{ items: builtIn, error: null, isPending: false }}
            rowKey={(tool) => tool.name}
            empty={null}
          />
        </Stack>
      )}
      <ImportCurl opened={opened === 'curl'} onClose={() => setOpened(null)} onDraft={open} />
      <ImportOpenApi opened={opened === 'openapi'} onClose={() => setOpened(null)} onDraft={open} />
      <Secrets opened={opened === 'secrets'} onClose={() => setOpened(null)} />
    </PageBody>
  );
}

function Effect({ tool }: { tool: Tool }) {
  const { t } = useTranslation('tools');
  const reads = tool.effect === 'reads';
  return <Badge variant="light" color={reads ? 'gray' : 'orange'}>{t(reads ? 'effect.reads' : 'effect.writes')}</Badge>;
}

function builtInColumns(t: (key: string) => string): Column<Tool>[] {
  return [
    { key: 'name', title: t('list.name'), render: (tool) => <Text size="sm" ff="monospace">{tool.name}</Text> },
    { key: 'description', title: t('list.description'), render: (tool) => <Text size="sm">{tool.description}</Text> },
    { key: 'effect', title: t('list.effect'), width: 130, render: (tool) => <Effect tool={tool} /> },
  ];
}
