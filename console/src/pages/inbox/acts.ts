// What one can do with a conversation, what the list shows at once, and how it is taken back.
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';

import { undoable, useFailure } from '../../ui';
import { useActOn, usePutBack } from './data';
import type { Conversation, Item, Named } from './model';

export type Act =
  | { do: 'take_over' }
  | { do: 'give_back' }
  | { do: 'pause'; until: string }
  | { do: 'close' }
  | { do: 'assign'; person: Named | null }
  | { do: 'snooze'; until: string | null }
  | { do: 'read' }
  | { do: 'unread' };

/** What the server is asked to change; taking over is a request of its own. */
export function change(act: Exclude<Act, { do: 'take_over' }>): Record<string, unknown> {
  switch (act.do) {
    case 'give_back':
      return { state: { mode: 'bot' } };
    case 'pause':
      return { state: { mode: 'paused', until: act.until } };
    case 'close':
      return { state: { mode: 'closed' } };
    case 'assign':
      return { assignee: act.person?.id ?? null };
    case 'snooze':
      return { snoozed_until: act.until };
    case 'read':
      return { unread: false };
    case 'unread':
      return { unread: true };
  }
}

/** How it looks as soon as it is asked for. */
export function after<T extends Item>(of: T, act: Act): T {
  switch (act.do) {
    case 'take_over':
      return { ...of, state: { mode: 'human', waiting: of.state.waiting } };
    case 'give_back':
      return { ...of, state: { mode: 'bot', waiting: false } };
    case 'pause':
      return { ...of, state: { mode: 'paused', until: act.until, waiting: of.state.waiting } };
    case 'close':
      return { ...of, state: { mode: 'closed', waiting: false }, unread: false };
    case 'assign':
      return { ...of, assignee: act.person };
    case 'snooze':
      return { ...of, snoozed_until: act.until };
    case 'read':
      return { ...of, unread: false };
    case 'unread':
      return { ...of, unread: true };
  }
}

/** Does it, and offers to undo what can be undone. */
export function useActs(of: Conversation | undefined): (act: Act, quietly?: boolean) => void {
  const { t } = useTranslation('inbox');
  const { mutate } = useActOn();
  const putBack = usePutBack();
  const failed = useFailure();
  const id = of?.id;
  return useCallback(
    (act: Act, quietly = false) => {
      if (!id) return;
      mutate(
        { id, act },
        {
          onError: failed,
          onSuccess: ({ previous }) => {
            if (quietly || act.do === 'read') return;
            const done = act.do === 'assign' && !act.person ? 'unassign' : act.do === 'snooze' && !act.until ? 'wake' : act.do;
            undoable(t(`done.${done}`, { name: act.do === 'assign' ? act.person?.name : undefined }), () => putBack(id, previous));
          },
        },
      );
    },
    [id, mutate, putBack, failed, t],
  );
}
