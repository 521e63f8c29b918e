// Saved replies: a text that begins with "/" offers them by name.
import { Popover, ScrollArea, Text, UnstyledButton } from '@mantine/core';
import { useMemo, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { useFailure } from '../../ui';
import { fillMacro, useMacros, type Macro } from './data';
import type { Draft } from './draft';
import type { Conversation } from './model';
import { fold } from '../../ui/words';

export interface Menu {
  shown: Macro[];
  at: number;
  choose: (macro: Macro) => void;
  /** True when the key was ours. */
  onKey: (event: KeyboardEvent) => boolean;
  setAt: (at: number) => void;
}

export function useMacroMenu(of: Conversation, draft: Draft, setDraft: (change: Partial<Draft>) => void): Menu {
  const begun = draft.mode === 'reply' ? /^\/(\S*)$/.exec(draft.text)?.[1] : undefined;
  const [closed, setClosed] = useState<string>();
  const [at, setAt] = useState(0);
  const failed = useFailure();
  const macros = useMacros(begun !== undefined);
  const shown = useMemo(() => {
    if (begun === undefined || closed === draft.text) return [];
    const wanted = fold(begun);
    return (macros.data ?? []).filter((m) => fold(m.name).includes(wanted) || fold(m.text).includes(wanted)).slice(0, 30);
  }, [macros.data, begun, closed, draft.text]);
  const choose = (macro: Macro) => {
    setAt(0);
    if (!macro.text.includes('{{')) return setDraft({ text: macro.text });
    setClosed(draft.text);
    fillMacro(macro.id, of.id).then((text) => setDraft({ text }), failed);
  };
  const place = Math.min(at, Math.max(0, shown.length - 1));
  const onKey = (event: KeyboardEvent): boolean => {
    if (shown.length === 0) return false;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) setAt((place + move + shown.length) % shown.length);
    else if (event.key === 'Enter' || event.key === 'Tab') choose(shown[place]!);
    else if (event.key === 'Escape') setClosed(draft.text);
    else return false;
    event.preventDefault();
    return true;
  };
  return { shown, at: place, choose, onKey, setAt };
}

export function MacroMenu({ menu, disabled, children }: { menu: Menu; disabled: boolean; children: ReactNode }) {
  const { t } = useTranslation('inbox');
  return (
    <Popover opened={menu.shown.length > 0 && !disabled} position="top-start" width="target" trapFocus={false} returnFocus={false} shadow="md" withRoles={false}>
      <Popover.Target>
        <div>{children}</div>
      </Popover.Target>
      <Popover.Dropdown p={4}>
        <ScrollArea.Autosize mah={260}>
          <div role="listbox" aria-label={t('macro.title')}>
            {menu.shown.map((macro, i) => (
              <UnstyledButton
                key={macro.id}
                role="option"
                aria-selected={i === menu.at}
                w="100%"
                px={8}
                py={6}
                style={{ borderRadius: 8, background: i === menu.at ? 'var(--fd-selected)' : undefined }}
                onMouseEnter={() => menu.setAt(i)}
                onMouseDown={(e) => (e.preventDefault(), menu.choose(macro))}
              >
                <Text size="sm" fw={600}>/{macro.name}</Text>
                <Text size="xs" c="dimmed" lineClamp={1}>{macro.text}</Text>
              </UnstyledButton>
            ))}
          </div>
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}
