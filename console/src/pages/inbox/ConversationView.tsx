// One conversation: header, thread, composer, the panel beside it and the trace over it.
import { lazy, Suspense, useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiProblem, useCan } from '../../api';
import { ErrorState, LoadingRows } from '../../ui';
import { useActs } from './acts';
import { Composer } from './Composer';
import { useConversation } from './data';
import { setDraft } from './draft';
import classes from './inbox.module.css';
import { useThreadKeys } from './keys';
import type { Message } from './model';
import { Panel } from './Panel';
import { ThreadHeader } from './ThreadHeader';
import { Timeline } from './Timeline';

const Trace = lazy(() => import('./Trace'));

export function Conversation({ id, found, words, phone, panel, panelIn, onPanel, onBack, renderDrawer, onDrawerClose }: {
  id: string;
  found?: string;
  words?: string[];
  phone: boolean;
  panel: boolean;
  panelIn: 'column' | 'drawer' | 'none';
  onPanel: () => void;
  onBack: () => void;
  renderDrawer: (content: ReactNode) => ReactNode;
  onDrawerClose: () => void;
}) {
  const { t } = useTranslation('inbox');
  const query = useConversation(id);
  const of = query.data;
  const act = useActs(of);
  const canSend = useCan('message:send');
  const canWrite = useCan('conversation:write');
  const canTrace = useCan('trace:read');
  const [traced, setTraced] = useState<string>();
  const input = useRef<HTMLTextAreaElement>(null);
  const quote = useCallback((message: Message) => {
    setDraft(id, { quote: message, mode: 'reply' });
    input.current?.focus();
  }, [id]);
  const trace = useCallback((message: Message) => setTraced(message.id), []);

  // Whoever may answer has seen it by opening it; the tab must be in front for that.
  const unread = of?.unread ?? false;
  const acting = useRef(act);
  useEffect(() => {
    acting.current = act;
  });
  useEffect(() => {
    if (!unread || !canWrite) return;
    const seen = () => document.visibilityState === 'visible' && acting.current({ do: 'read' }, true);
    seen();
    document.addEventListener('visibilitychange', seen);
    return () => document.removeEventListener('visibilitychange', seen);
  }, [unread, canWrite, id]);

  useThreadKeys({ of, act, canWrite, canSend, input, onPanel });

  if (!of) {
    const gone = query.error instanceof ApiProblem && query.error.status === 404;
    return (
      <section className={`${classes.pane} ${classes.thread}`}>
        {query.isPending ? <div style={{ padding: 16 }}><LoadingRows /></div> : <ErrorState error={query.error} title={gone ? t('thread.gone') : undefined} retry={() => void query.refetch()} />}
      </section>
    );
  }
  return (
    <>
      <section className={`${classes.pane} ${classes.thread}`} aria-label={t('thread.label')}>
        <ThreadHeader of={of} onAct={act} onBack={onBack} onPanel={onPanel} panel={panel} phone={phone} />
        <Timeline id={id} found={found} words={words} onQuote={canSend ? quote : undefined} onTrace={canTrace ? trace : undefined} />
        <Composer of={of} onAct={act} focusRef={input} />
      </section>
      {panelIn === 'column' && <aside className={`${classes.pane} ${classes.panel}`} aria-label={t('panel.title')}><Panel of={of} /></aside>}
      {panelIn === 'drawer' && renderDrawer(<Panel of={of} onBack={onDrawerClose} />)}
      {traced && (
        <Suspense>
          <Trace message={traced} onClose={() => setTraced(undefined)} />
        </Suspense>
      )}
    </>
  );
}
