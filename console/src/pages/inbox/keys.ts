// Keys of the inbox: through the list, and what one does with a conversation.
import { useMemo, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { useSession } from '../../api';
import { useShortcuts, type Shortcut } from '../../ui';
import type { Act } from './acts';
import { setDraft } from './draft';
import type { Conversation, Item } from './model';

export function useListKeys({ items, open, search, searchBox, onClose }: {
  items: Item[];
  open: string | undefined;
  search: string;
  searchBox: RefObject<HTMLInputElement | null>;
  onClose: () => void;
}): void {
  const { t } = useTranslation('inbox');
  const navigate = useNavigate();
  const shortcuts = useMemo(() => {
    const step = (by: number) => () => {
      const at = items.findIndex((one) => one.id === open);
      const next = items[at < 0 ? 0 : Math.min(items.length - 1, Math.max(0, at + by))];
      if (!next) return;
      // Drawn at once: the next key is for this conversation.
      void navigate({ pathname: `/inbox/${next.id}`, search }, { flushSync: true });
      document.querySelector(`a[href^="/inbox/${CSS.escape(next.id)}"]`)?.scrollIntoView({ block: 'nearest' });
    };
    const all: Shortcut[] = [
      { keys: 'j', label: t('keys.next'), run: step(1) },
      { keys: 'k', label: t('keys.previous'), run: step(-1) },
      { keys: '/', label: t('keys.search'), run: () => searchBox.current?.focus() },
    ];
    if (open) all.push({ keys: 'escape', label: t('keys.leave'), run: onClose });
    return all;
  }, [items, open, search, searchBox, onClose, navigate, t]);
  useShortcuts(t('keys.list'), shortcuts);
}

export function useThreadKeys({ of, act, canWrite, canSend, input, onPanel }: {
  of: Conversation | undefined;
  act: (act: Act) => void;
  canWrite: boolean;
  canSend: boolean;
  input: RefObject<HTMLTextAreaElement | null>;
  onPanel: () => void;
}): void {
  const { t } = useTranslation('inbox');
  const { person } = useSession().session;
  const shortcuts = useMemo(() => {
    if (!of) return [];
    const write = (mode: 'reply' | 'note') => () => {
      setDraft(of.id, { mode });
      input.current?.focus();
      // The field may have been closed for the other kind until now.
      setTimeout(() => input.current?.focus());
    };
    const me = { id: person.id, name: person.name || person.email };
    const all: Shortcut[] = [{ keys: 'p', label: t('panel.toggle'), run: onPanel }];
    if (canSend) all.push({ keys: 'r', label: t('keys.reply'), run: write('reply') });
    if (canWrite) {
      all.push(
        { keys: 'n', label: t('keys.note'), run: write('note') },
        { keys: 't', label: t('act.takeOver'), run: () => act({ do: 'take_over' }) },
        { keys: 'b', label: t('act.giveBack'), run: () => act({ do: 'give_back' }) },
        { keys: 'a', label: t('assign.me'), run: () => act({ do: 'assign', person: me }) },
        { keys: 'e', label: t('act.close'), run: () => act({ do: 'close' }) },
        { keys: 'u', label: t('act.unread'), run: () => act({ do: 'unread' }) },
      );
    }
    return all;
  }, [of, act, canWrite, canSend, input, onPanel, person, t]);
  useShortcuts(t('keys.thread'), shortcuts);
}
