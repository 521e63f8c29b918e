// A conversation with the agent as it is written: everything runs, nothing stays.
import { ActionIcon, Button, Group, Stack, Text, Textarea, Title, Tooltip } from '@mantine/core';
import { IconPlayerStop, IconRefresh, IconSend, IconSparkles } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { EmptyState, useShortcuts } from '../../ui';
import classes from './agents.module.css';
import { CastPicker } from './CastPicker';
import type { Agent, Spec } from './model';
import { usePlayground, type Cast } from './playground';
import { TurnView } from './TurnView';

export function Playground({ agent, spec, cast, onCast }: { agent: Agent; spec: () => Spec; cast: Cast; onCast: (cast: Cast) => void }) {
  const { t } = useTranslation('agents');
  const { turns, running, say, stop, reset } = usePlayground(agent.id, spec, cast);
  const [text, setText] = useState('');
  const box = useRef<HTMLTextAreaElement>(null);
  const thread = useRef<HTMLDivElement>(null);
  const last = turns.at(-1);
  useEffect(() => {
    thread.current?.scrollTo({ top: thread.current.scrollHeight });
  }, [turns.length, last?.writing, last?.happened.length, last?.answer]);
  const run = () => {
    const wanted = text.trim();
    if (wanted) {
      setText('');
      void say(wanted);
    } else if (last) {
      // Nothing new to say: the last words again, with what the prompt is now.
      void say(last.said, turns.length - 1);
    }
  };
  useShortcuts(t('keys.title'), [{ keys: 'mod+enter', label: t('keys.run'), run, whileTyping: true }]);
  return (
    <section className={classes.chat} aria-label={t('try.title')}>
      <Group justify="space-between" px="md" py="xs" gap="xs">
        <Group gap="xs">
          <Title order={2} size="h5">{t('try.title')}</Title>
          <Text size="xs" c="dimmed">{t('try.nothingStays')}</Text>
        </Group>
        <Group gap={4}>
          <CastPicker cast={cast} onChange={onCast} />
          <Tooltip label={t('try.reset')}>
            <ActionIcon variant="subtle" color="gray" aria-label={t('try.reset')} disabled={turns.length === 0} onClick={() => (reset(), box.current?.focus())}><IconRefresh size={18} /></ActionIcon>
          </Tooltip>
        </Group>
      </Group>
      <div className={classes.thread} ref={thread} tabIndex={0} role="log" aria-label={t('try.log')} aria-busy={running}>
        {turns.length === 0 ? (
          <EmptyState
            compact
            icon={IconSparkles}
            title={t('try.empty')}
            text={t('try.emptyText')}
            action={
              <Group gap="xs" justify="center">
                {(['one', 'two', 'three'] as const).map((which) => (
                  <Button key={which} size="xs" variant="default" onClick={() => void say(t(`try.${which}`))}>{t(`try.${which}`)}</Button>
                ))}
              </Group>
            }
          />
        ) : (
          <Stack gap="sm">
            {turns.map((turn, i) => (
              <TurnView key={i} turn={turn} running={running && i === turns.length - 1} onRerun={(said) => void say(said, i)} />
            ))}
          </Stack>
        )}
      </div>
      <form className={classes.compose} onSubmit={(event) => (event.preventDefault(), run())}>
        <Group gap="xs" align="flex-end" wrap="nowrap">
          <Textarea
            ref={box}
            flex={1}
            autosize
            minRows={1}
            maxRows={6}
            maxLength={8000}
            value={text}
            onChange={(e) => setText(e.currentTarget.value)}
            onKeyDown={(e) => {
              if (e.key === 'Enter' && !e.shiftKey && !e.ctrlKey && !e.metaKey && !e.nativeEvent.isComposing) {
                e.preventDefault();
                run();
              }
            }}
            placeholder={t('try.placeholder')}
            aria-label={t('try.placeholder')}
          />
          {running ? (
            <ActionIcon size="input-sm" variant="default" onClick={stop} aria-label={t('try.stop')}><IconPlayerStop size={18} /></ActionIcon>
          ) : (
            <ActionIcon size="input-sm" type="submit" disabled={!text.trim()} aria-label={t('try.send')}><IconSend size={18} /></ActionIcon>
          )}
        </Group>
      </form>
    </section>
  );
}
