// Where one writes: a reply to the contact, or a note for the team. Typing a reply takes the conversation over.
import { ActionIcon, Button, CloseButton, Group, SegmentedControl, Text, Textarea, Tooltip } from '@mantine/core';
import { IconMessage2Bolt, IconPaperclip, IconSend2, IconTemplate } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useCan } from '../../api';
import { useFailure } from '../../ui';
import type { Act } from './acts';
import { AnswerBanner, WindowBanner } from './banners';
import classes from './composer.module.css';
import { useAddNote, useSend, useUploads } from './data';
import { useDraft, type Draft } from './draft';
import { Files } from './Files';
import { MacroMenu, useMacroMenu } from './MacroMenu';
import type { Conversation, Part } from './model';
import { TemplatePicker } from './TemplatePicker';
import { hasTemplates, isOpen } from './window';

const Macros = lazy(() => import('./Macros'));

export function Composer({ of, onAct, focusRef }: {
  of: Conversation;
  onAct: (act: Act, quietly?: boolean) => void;
  focusRef: React.RefObject<HTMLTextAreaElement | null>;
}) {
  const { t } = useTranslation('inbox');
  const canSend = useCan('message:send');
  const canNote = useCan('conversation:write');
  const canMacros = useCan('macro:read');
  const canAttach = useCan('media:write') && of.can.media;
  const [draft, setDraft] = useDraft(of.id);
  const [templates, setTemplates] = useState(false);
  const [managing, setManaging] = useState(false);
  const [taken, setTaken] = useState(false);
  const send = useSend(of.id);
  const addNote = useAddNote(of.id);
  const uploads = useUploads();
  const failed = useFailure();
  const picker = useRef<HTMLInputElement>(null);
  const note = draft.mode === 'note';
  const open = isOpen(of);
  const macros = useMacroMenu(of, draft, setDraft);
  useEffect(() => setTaken(false), [of.id]);

  if (!canSend && !canNote) return <div className={classes.readOnly}>{t('composer.readOnly')}</div>;
  const canWrite = note ? canNote : canSend && open;
  const ready = draft.text.trim() !== '' || (!note && draft.files.length > 0);

  const type = (text: string) => {
    setDraft({ text });
    if (!note && (of.state.mode === 'bot' || of.state.mode === 'closed') && canNote && text.trim() !== '') {
      setTaken(true);
      onAct({ do: 'take_over' }, true);
    }
  };
  const submit = () => {
    if (!canWrite || !ready || uploads.busy) return;
    if (note) {
      const text = draft.text;
      addNote.mutate(text.trim(), { onError: (e) => (failed(e), setDraft({ text, mode: 'note' })) });
    } else {
      send.now(parts(draft), draft.quote);
    }
    setDraft({ text: '', quote: null, files: [] });
    focusRef.current?.focus();
  };
  const attach = (files: Iterable<File>) => {
    for (const file of files) {
      void uploads.add(file).then((done) => setDraft({ files: [...current.current.files, done] })).catch(failed);
    }
  };
  const current = useCurrent(draft);

  return (
    <div
      className={classes.composer}
      data-note={note || undefined}
      onDragOver={(e) => canAttach && canWrite && e.preventDefault()}
      onDrop={(e) => {
        if (!canAttach || !canWrite || note || e.dataTransfer.files.length === 0) return;
        e.preventDefault();
        attach(e.dataTransfer.files);
      }}
    >
      <AnswerBanner of={of} taken={taken} onGiveBack={() => (setTaken(false), onAct({ do: 'give_back' }))} />
      {!note && <WindowBanner of={of} onTemplate={canSend && hasTemplates(of) ? () => setTemplates(true) : undefined} />}
      <div className={classes.body}>
        {canNote && canSend && (
          <SegmentedControl
            size="xs"
            value={draft.mode}
            onChange={(mode) => setDraft({ mode: mode as Draft['mode'] })}
            data={[
              { value: 'reply', label: t('composer.reply') },
              { value: 'note', label: t('composer.note') },
            ]}
            aria-label={t('composer.mode')}
            mb={6}
          />
        )}
        {draft.quote && !note && (
          <Group className={classes.quote} wrap="nowrap" gap="xs">
            <Text size="sm" lineClamp={2} flex={1}>
              <b>{t(`author.${draft.quote.author}`)}</b> {draft.quote.text}
            </Text>
            <CloseButton size="sm" onClick={() => setDraft({ quote: null })} aria-label={t('composer.unquote')} />
          </Group>
        )}
        {!note && <Files files={draft.files} uploading={uploads.names} onRemove={(id) => setDraft({ files: draft.files.filter((f) => f.id !== id) })} />}
        <MacroMenu menu={macros} disabled={note}>
          <Group align="flex-end" gap={6} wrap="nowrap">
            {!note && canAttach && (
              <Tooltip label={t('composer.attach')}>
                <ActionIcon size={36} onClick={() => picker.current?.click()} disabled={!canWrite} aria-label={t('composer.attach')}>
                  <IconPaperclip size={19} />
                </ActionIcon>
              </Tooltip>
            )}
            {!note && hasTemplates(of) && (
              <Tooltip label={t('template.choose')}>
                <ActionIcon size={36} onClick={() => setTemplates(true)} disabled={!canSend} aria-label={t('template.choose')}>
                  <IconTemplate size={19} />
                </ActionIcon>
              </Tooltip>
            )}
            {!note && canMacros && (
              <Tooltip label={t('macro.hint')}>
                <ActionIcon size={36} onClick={() => setManaging(true)} aria-label={t('macro.title')} visibleFrom="xs">
                  <IconMessage2Bolt size={19} />
                </ActionIcon>
              </Tooltip>
            )}
            <Textarea
              ref={focusRef}
              flex={1}
              autosize
              minRows={1}
              maxRows={9}
              maxLength={note ? 10_000 : 65_536}
              disabled={!canWrite}
              value={draft.text}
              onChange={(e) => type(e.currentTarget.value)}
              onPaste={(e) => {
                if (canAttach && !note && e.clipboardData.files.length > 0) {
                  e.preventDefault();
                  attach(e.clipboardData.files);
                }
              }}
              onKeyDown={(e) => {
                if (macros.onKey(e)) return;
                if (e.key === 'Escape') return e.currentTarget.blur();
                const enter = e.key === 'Enter' && !e.nativeEvent.isComposing;
                // On glass, Enter is a new line; the button sends.
                const touch = matchMedia('(pointer: coarse)').matches;
                if (enter && (e.ctrlKey || e.metaKey || (!e.shiftKey && !touch))) {
                  e.preventDefault();
                  submit();
                }
              }}
              placeholder={note ? t('composer.notePlaceholder') : open ? t('composer.placeholder') : t('composer.closed')}
              aria-label={note ? t('composer.note') : t('composer.reply')}
            />
            <Button h={36} px="md" onClick={submit} disabled={!canWrite || !ready || uploads.busy} color={note ? 'yellow' : undefined} aria-label={t(note ? 'composer.addNote' : 'composer.send')}>
              <IconSend2 size={18} />
            </Button>
          </Group>
        </MacroMenu>
        <input ref={picker} type="file" multiple hidden onChange={(e) => (attach(e.currentTarget.files ?? []), (e.currentTarget.value = ''))} />
      </div>
      {managing && <Suspense><Macros opened onClose={() => setManaging(false)} /></Suspense>}
      <TemplatePicker of={of} opened={templates} onClose={() => setTemplates(false)} onSend={(part) => send.now([part], null)} />
    </div>
  );
}

/** The first file carries the text as its caption where the channel can; the server splits what it cannot. */
function parts(draft: Draft): Part[] {
  const text: Part[] = draft.text.trim() === '' ? [] : [{ type: 'text', text: draft.text.trim() }];
  const files = draft.files.map((f): Part => ({ type: 'media', kind: f.kind, stored: f.id, mime: f.mime, file_name: f.name }));
  return [...files, ...text];
}

/** The draft as it is when an upload ends, not as it was when it began. */
function useCurrent(draft: Draft) {
  const ref = useRef(draft);
  useEffect(() => {
    ref.current = draft;
  });
  return ref;
}
