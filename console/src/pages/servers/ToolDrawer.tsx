// One tool of a server: what it says of itself, what changed, what people say of it, and a trial.
import { Alert, Badge, Button, Divider, Drawer, Group, JsonInput, Select, Stack, Switch, Text } from '@mantine/core';
import { IconAlertTriangle, IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useCan } from '../../api';
import { Json, Time, told, useFailure } from '../../ui';
import { Diff } from '../agents/Diff';
import { approve, asText, choose, LEVELS, sample, tryOut, useAct, type Level, type ServerTool } from './data';

export function ToolDrawer({ server, tool, onClose }: { server: string; tool: ServerTool | undefined; onClose: () => void }) {
  const { t } = useTranslation('servers');
  return (
    <Drawer opened={!!tool} onClose={onClose} position="right" size="xl" title={tool?.shown_as} closeButtonProps={{ 'aria-label': t('common:close') }}>
      {tool && <Whole key={`${tool.id} ${tool.hash}`} server={server} tool={tool} />}
    </Drawer>
  );
}

function Whole({ server, tool }: { server: string; tool: ServerTool }) {
  const { t } = useTranslation(['servers', 'agents']);
  const { offered, approved } = tool;
  return (
    <Stack>
      {tool.problem && <Alert color="red" icon={<IconAlertTriangle size={18} />} title={t('state.unusable')}>{tool.problem}</Alert>}
      {approved ? (
        <section aria-label={t('tool.change')}>
          <Alert color="orange" mb="sm" icon={<IconAlertTriangle size={18} />} title={t('tool.change')}>{t('tool.changeText')}</Alert>
          <Diff before={asText(approved)} after={asText(offered)} titles={[t('tool.before'), t('tool.after')]} />
        </section>
      ) : (
        <section aria-label={t('tool.words')}>
          <Divider label={t('tool.words')} labelPosition="left" mb={6} />
          <Stack gap="xs">
            {offered.title && <Text fw={600}>{offered.title}</Text>}
            <Text size="sm" style={{ whiteSpace: 'pre-wrap', wordBreak: 'break-word' }}>{offered.description || t('tool.silent')}</Text>
            <Json value={offered.parameters} label={t('tool.parameters')} height={240} />
          </Stack>
        </section>
      )}
      <Hints of={tool} />
      <Choices server={server} tool={tool} />
      <Trial server={server} tool={tool} />
    </Stack>
  );
}

function Hints({ of }: { of: ServerTool }) {
  const { t } = useTranslation('servers');
  const { hints } = of.offered;
  const said = (['reads_only', 'destroys', 'repeatable', 'open_world'] as const).filter((hint) => hints[hint] !== undefined);
  if (said.length === 0) return null;
  return (
    <Stack gap={4}>
      <Text size="sm" c="dimmed">{t('tool.hints')}</Text>
      <Group gap={6}>{said.map((hint) => <Badge key={hint} variant="default" tt="none">{t(`hint.${hint}`)}: {t(hints[hint] ? 'tool.yes' : 'tool.no')}</Badge>)}</Group>
    </Stack>
  );
}

function Choices({ server, tool }: { server: string; tool: ServerTool }) {
  const { t } = useTranslation(['servers', 'policies']);
  const mayWrite = useCan('tool:write');
  const failed = useFailure();
  const [effect, setEffect] = useState(tool.effect);
  const [repeatable, setRepeatable] = useState(tool.repeatable);
  const [level, setLevel] = useState<Level | ''>(tool.level_chosen ? tool.level : '');
  const waits = tool.state === 'new' || tool.state === 'changed';
  const yes = useAct(() => approve(server, [{ id: tool.id, hash: tool.hash, effect, repeatable, level: level || null }]));
  const keep = useAct((enabled: boolean) => choose(server, tool.id, { enabled, effect, repeatable, level: level || null }));
  const act = { onError: failed, onSuccess: () => told(t(waits ? 'tools.approved' : 'tool.saved')) };
  return (
    <section aria-label={t('tool.choice')}>
      <Divider label={t('tool.choice')} labelPosition="left" mb={6} />
      <Stack gap="sm">
        <Group grow align="flex-start" preventGrowOverflow={false}>
          <Select
            label={t('tool.effect')}
            description={t('tool.effectHelp')}
            allowDeselect={false}
            disabled={!mayWrite}
            data={[{ value: 'reads', label: t('tool.reads') }, { value: 'writes', label: t('tool.writes') }]}
            value={effect}
            onChange={(value) => value && setEffect(value as 'reads' | 'writes')}
          />
          <Select
            label={t('tools.level')}
            description={t('tool.levelHelp')}
            allowDeselect={false}
            disabled={!mayWrite}
            data={[{ value: '', label: t(effect === 'reads' ? 'tool.usualReads' : 'tool.usualWrites') }, ...LEVELS.map((value) => ({ value, label: t(`policies:level.${value}`) }))]}
            value={level}
            onChange={(value) => setLevel((value ?? '') as Level | '')}
          />
        </Group>
        {effect === 'writes' && (
          <Switch label={t('tool.repeatable')} description={t('tool.repeatableHelp')} checked={repeatable} disabled={!mayWrite} onChange={(event) => setRepeatable(event.currentTarget.checked)} />
        )}
        {tool.approved_at && <Text size="xs" c="dimmed">{t('tool.approvedAt')} <Time at={tool.approved_at} /></Text>}
        {mayWrite && tool.state !== 'gone' && (
          <Group>
            {waits ? (
              <Button disabled={!!tool.problem} loading={yes.isPending} onClick={() => yes.mutate(undefined, act)}>{t(tool.state === 'changed' ? 'tool.approveChange' : 'tools.approve')}</Button>
            ) : (
              <>
                <Button loading={keep.isPending} onClick={() => keep.mutate(tool.enabled, act)}>{t('tool.save')}</Button>
                <Button variant="default" loading={keep.isPending} onClick={() => keep.mutate(!tool.enabled, act)}>{t(tool.enabled ? 'tool.off' : 'tool.on')}</Button>
              </>
            )}
          </Group>
        )}
      </Stack>
    </section>
  );
}

function Trial({ server, tool }: { server: string; tool: ServerTool }) {
  const { t } = useTranslation('servers');
  const mayWrite = useCan('tool:write');
  const failed = useFailure();
  const [text, setText] = useState(() => sample(tool.offered.parameters));
  const [wrong, setWrong] = useState<string | null>(null);
  const run = useAct((args: unknown) => tryOut(server, tool.id, args));
  if (!mayWrite || tool.state === 'gone') return null;
  const start = () => {
    setWrong(null);
    try {
      run.mutate(JSON.parse(text || '{}'), { onError: failed });
    } catch {
      setWrong(t('try.notJson'));
    }
  };
  return (
    <section aria-label={t('try.title')}>
      <Divider label={t('try.title')} labelPosition="left" mb={6} />
      <Stack gap="sm">
        <Text size="sm" c="dimmed">{t('try.text')}</Text>
        <JsonInput label={t('try.arguments')} autosize minRows={2} maxRows={10} value={text} error={wrong} onChange={setText} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }} />
        <Group>
          <Button variant="default" loading={run.isPending} leftSection={<IconPlayerPlay size={16} />} onClick={start}>{t('try.run')}</Button>
        </Group>
        <div aria-live="polite">
          {run.data && !run.isPending && (
            <Stack gap={4}>
              <Group gap="xs">
                <Badge color={run.data.succeeded ? 'green' : 'red'} variant="light">{t(run.data.succeeded ? 'try.good' : 'try.bad')}</Badge>
                <Text size="xs" c="dimmed">{t('try.millis', { millis: run.data.millis })}</Text>
              </Group>
              <Text size="sm" style={{ whiteSpace: 'pre-wrap', wordBreak: 'break-word', maxHeight: 240, overflow: 'auto' }} tabIndex={0}>{run.data.told}</Text>
            </Stack>
          )}
        </div>
      </Stack>
    </section>
  );
}
