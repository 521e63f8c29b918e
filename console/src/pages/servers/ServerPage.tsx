// One server: how it is, what it offers, and what of it agents may have.
import { Alert, Badge, Button, Group, Stack, Switch, Text } from '@mantine/core';
import { IconAlertTriangle, IconArrowLeft, IconRefresh, IconServer, IconSettings } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams } from 'react-router';

import { useCan } from '../../api';
import { ConfirmButton, DataTable, EmptyState, ErrorState, LoadingPage, PageBody, PageHeader, Time, told, useConfirm, useFailure, type Column } from '../../ui';
import { LevelBadge } from '../policies/RuleName';
import { Connect } from './Connect';
import { Consent } from './Consent';
import { approve, askAgain, change, remove, useAct, useServer, useServerTools, type Server, type ServerTool } from './data';
import { ToolDrawer } from './ToolDrawer';

export function ServerPage() {
  const { id = '' } = useParams();
  const server = useServer(id);
  if (server.isPending) return <LoadingPage />;
  if (server.error) return <ErrorState error={server.error} retry={() => void server.refetch()} />;
  return <Shown server={server.data} />;
}

function Shown({ server }: { server: Server }) {
  const { t } = useTranslation('servers');
  const navigate = useNavigate();
  const mayWrite = useCan('tool:write');
  const failed = useFailure();
  const sure = useConfirm();
  const tools = useServerTools(server.id);
  const [open, setOpen] = useState<string>();
  const [changing, setChanging] = useState(false);
  const again = useAct(() => askAgain(server.id));
  const flip = useAct((enabled: boolean) => change(server.id, { enabled }));
  const forget = useAct(() => remove(server.id));
  /** Away first: what is removed is not read once more. */
  const leave = () => {
    void navigate('/tools');
    forget.mutateAsync(undefined).catch(failed);
  };
  const yes = useAct((all: ServerTool[]) => approve(server.id, all.map(({ id, hash }) => ({ id, hash }))));

  const all = tools.data?.items;
  const fresh = all?.filter((tool) => tool.state === 'new' && !tool.problem) ?? [];
  const approveNew = async () => {
    const names = fresh.map((tool) => tool.offered.name);
    const shown = names.slice(0, 20).join(', ') + (names.length > 20 ? ' …' : '');
    const question = { title: t('tools.approveNew', { count: fresh.length }), text: t('tools.approveText', { names: shown }), confirm: t('tools.approve'), danger: false };
    if (await sure(question)) yes.mutate(fresh, { onError: failed, onSuccess: () => told(t('tools.approved')) });
  };
  const columns: Column<ServerTool>[] = [
    {
      key: 'name',
      title: t('tools.tool'),
      render: (tool) => (
        <Stack gap={0}>
          <Text fw={600} span>{tool.offered.title || tool.offered.name}</Text>
          <Text size="xs" c="dimmed" ff="monospace" span style={{ wordBreak: 'break-all' }}>{tool.shown_as}</Text>
        </Stack>
      ),
    },
    { key: 'description', title: t('tools.says'), minor: true, render: (tool) => <Text size="sm" lineClamp={2}>{tool.offered.description}</Text> },
    { key: 'level', title: t('tools.level'), width: 160, minor: true, render: (tool) => <LevelBadge of={tool.level} /> },
    { key: 'state', title: t('tools.state'), width: 150, render: (tool) => <State of={tool} /> },
  ];
  return (
    <PageBody>
      <Button component={Link} to="/tools" variant="subtle" size="compact-sm" mb="xs" leftSection={<IconArrowLeft size={14} />}>{t('back')}</Button>
      <PageHeader
        title={server.title || server.name}
        text={server.url}
        actions={
          mayWrite && (
            <>
              <ConfirmButton question={{ title: t('remove.title', { name: server.title || server.name }), text: t('remove.text'), confirm: t('remove.go') }} onConfirm={leave}>
                {t('remove.go')}
              </ConfirmButton>
              <Button variant="default" leftSection={<IconSettings size={16} />} onClick={() => setChanging(true)}>{t('connect.change')}</Button>
              <Button variant="default" leftSection={<IconRefresh size={16} />} loading={again.isPending} onClick={() => again.mutate(undefined, { onError: failed })}>{t('again')}</Button>
            </>
          )
        }
      />
      <Stack>
        <Group gap="md">
          <Switch checked={server.enabled} disabled={!mayWrite || flip.isPending} label={t('enabled')} onChange={(event) => flip.mutate(event.currentTarget.checked, { onError: failed })} />
          {server.about && <Text size="sm" c="dimmed">{t('about', { name: server.about.name, version: server.about.version, protocol: server.about.protocol })}</Text>}
          {server.checked_at && <Text size="sm" c="dimmed">{t('list.checked')}: <Time at={server.checked_at} as="relative" /></Text>}
        </Group>
        <Consent server={server} />
        <div aria-live="polite">
          {server.problem && server.consent?.connected !== false && <Alert color="red" icon={<IconAlertTriangle size={18} />} title={t('problem')}>{server.problem}</Alert>}
        </div>
        {server.notes.length > 0 && (
          <Alert color="orange" icon={<IconAlertTriangle size={18} />} title={t('notes')}>
            <Stack gap={4}>{server.notes.map((note) => <Text size="sm" key={note}>{note}</Text>)}</Stack>
          </Alert>
        )}
        {server.tools.changed > 0 && <Alert color="orange" icon={<IconAlertTriangle size={18} />} title={t('list.changed', { count: server.tools.changed })}>{t('changedText')}</Alert>}
        <Group justify="space-between" align="flex-end">
          <Text c="dimmed" size="sm" flex={1} miw={220}>{t('tools.text')}</Text>
          {mayWrite && fresh.length > 0 && <Button loading={yes.isPending} onClick={() => void approveNew()}>{t('tools.approveNew', { count: fresh.length })}</Button>}
        </Group>
        <DataTable
          label={t('list.tools')}
          columns={columns}
          pages={{ items: all, error: tools.error, isPending: tools.isPending, refetch: tools.refetch }}
          rowKey={(tool) => tool.id}
          onOpen={(tool) => setOpen(tool.id)}
          empty={<EmptyState compact icon={IconServer} title={t('tools.none')} text={t('tools.noneText')} />}
        />
      </Stack>
      <ToolDrawer server={server.id} tool={all?.find((tool) => tool.id === open)} onClose={() => setOpen(undefined)} />
      <Connect opened={changing} server={server} onClose={() => setChanging(false)} onDone={() => told(t('connect.saved'))} />
    </PageBody>
  );
}

const COLOURS = { new: 'blue', approved: 'green', changed: 'orange', gone: 'gray', off: 'gray' } as const;

export function State({ of }: { of: ServerTool }) {
  const { t } = useTranslation('servers');
  if (of.problem && of.state === 'new') return <Badge color="red" variant="light">{t('state.unusable')}</Badge>;
  return <Badge color={COLOURS[of.state]} variant="light">{t(`state.${of.state}`)}</Badge>;
}
