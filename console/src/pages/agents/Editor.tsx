// One agent: what it is told on one side, a conversation with it on the other.
import { Alert, Box, Button, Group, Tabs, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';

import { useCan } from '../../api';
import { ErrorState, LoadingPage, usePageTitle, useShortcuts } from '../../ui';
import classes from './agents.module.css';
import { EditorHeader } from './EditorHeader';
import { agents, useAgent, type Agent, type Draft, type Tagged } from './model';
import { Playground } from './Playground';
import type { Cast } from './playground';
import { Preview } from './Preview';
import { PromptEditor } from './PromptEditor';
import { Settings } from './Settings';
import { Split } from './Split';
import { useDraft } from './useDraft';

export function Editor() {
  const { id = '' } = useParams();
  const agent = useAgent(id);
  // Not under `agents`: what somebody else saves must not replace what is being written here.
  const draft = useQuery({ queryKey: ['agent-draft', id], queryFn: () => agents.draft(id), staleTime: 0, gcTime: 0, refetchOnReconnect: false });
  const error = agent.error ?? draft.error;
  if (error && (!agent.data || !draft.data)) return <ErrorState error={error} retry={() => (void agent.refetch(), void draft.refetch())} />;
  if (!agent.data || !draft.data) return <LoadingPage />;
  return <Loaded key={id} agent={agent.data} first={draft.data} />;
}

function Loaded({ agent, first }: { agent: Agent; first: Tagged<Draft> }) {
  const { t } = useTranslation('agents');
  const may = useCan('agent:write');
  const phone = useMediaQuery('(max-width: 62em)', false, { getInitialValueInEffect: false });
  const draft = useDraft(agent.id, first);
  const [cast, setCast] = useState<Cast>({ customerName: '', now: null });
  const [tab, setTab] = useState<string | null>('prompt');
  const latest = useRef(draft.spec);
  latest.current = draft.spec;
  const spec = useCallback(() => latest.current, []);
  usePageTitle(agent.name);
  useShortcuts(t('keys.title'), [{ keys: 'mod+s', label: t('keys.save'), run: () => void draft.flush(), whileTyping: true }], may);

  const writing = (
    <Box className={classes.side}>
      <Tabs value={phone || tab !== 'try' ? tab : 'prompt'} onChange={setTab} keepMounted={false} className={classes.tabs}>
        <Tabs.List>
          <Tabs.Tab value="prompt">{t('tabs.prompt')}</Tabs.Tab>
          <Tabs.Tab value="settings">{t('tabs.settings')}</Tabs.Tab>
          <Tabs.Tab value="preview">{t('tabs.preview')}</Tabs.Tab>
          {phone && may && <Tabs.Tab value="try">{t('tabs.try')}</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="prompt" className={classes.panel}>
          <PromptEditor value={draft.spec.prompt} onChange={(prompt) => draft.change({ prompt })} problems={draft.problems} readOnly={!may} contact={cast.contact} />
        </Tabs.Panel>
        <Tabs.Panel value="settings" className={classes.panel}>
          <Settings spec={draft.spec} onChange={draft.change} problems={draft.problems} readOnly={!may} />
        </Tabs.Panel>
        <Tabs.Panel value="preview" className={classes.panel}>
          <Preview prompt={draft.spec.prompt} agent={agent.name} cast={cast} />
        </Tabs.Panel>
      </Tabs>
    </Box>
  );
  const trying = <Playground agent={agent} spec={spec} cast={cast} onCast={setCast} />;
  return (
    <div className={classes.frame}>
      <EditorHeader agent={agent} draft={draft} />
      {draft.saving === 'conflict' && (
        <Alert color="yellow" title={t('conflict.title')} mx="md" mb="sm" role="alert">
          <Text size="sm">{t('conflict.text')}</Text>
          <Group mt="xs" gap="xs">
            <Button size="xs" variant="default" onClick={() => void draft.reload()}>{t('conflict.theirs')}</Button>
            <Button size="xs" color="yellow" onClick={() => void draft.overwrite()}>{t('conflict.mine')}</Button>
          </Group>
        </Alert>
      )}
      {!may ? writing : phone ? (
        <>
          {writing}
          {/* Kept while other tabs are shown: a conversation is not lost by looking at the prompt. */}
          <Box className={classes.stacked} data-shown={tab === 'try' || undefined}>{trying}</Box>
        </>
      ) : (
        <Split left={writing} right={trying} label={t('split')} />
      )}
    </div>
  );
}
