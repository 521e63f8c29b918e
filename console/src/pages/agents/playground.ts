// The playground's conversation: what was said, what happened in each turn, and the stream that tells it.
import { useCallback, useEffect, useRef, useState } from 'react';

import { send } from '../../api';
import type { Spec } from './model';

export interface Call {
  id: string;
  name: string;
  arguments: Record<string, unknown>;
  broken?: string;
}

export interface Acted {
  call: string;
  name: string;
  ok: boolean;
  content: string;
  data?: unknown;
  receipt: string | null;
  only_tried: boolean;
}

type News =
  | { kind: 'prompt'; text: string; problems: string[] }
  | { kind: 'text'; delta: string }
  | { kind: 'again' }
  | { kind: 'model'; vendor: string; model: string; text: string | null; calls: Call[]; input_tokens: number; cached_tokens: number; output_tokens: number; cost_micros: number | null; millis: number }
  | { kind: 'tools'; results: Acted[]; millis: number }
  | { kind: 'correction'; text: string }
  | { kind: 'answer'; text: string; by_model: boolean; gave_up: string | null; receipts: string[]; model_calls: number; tool_calls: number; input_tokens: number; output_tokens: number; cost_micros: number | null; millis: number }
  | { kind: 'failed'; problem: string };

export type Answer = Extract<News, { kind: 'answer' }>;
export type Happened = Extract<News, { kind: 'model' | 'tools' | 'correction' }>;

export interface Turn {
  /** What the customer said. */
  said: string;
  prompt?: string;
  happened: Happened[];
  /** What the model is writing now. */
  writing: string;
  answer?: Answer;
  failed?: string;
  error?: unknown;
}

export interface Cast {
  contact?: string;
  contactName?: string;
  customerName: string;
  /** Local text of a date field, or nothing for now. */
  now: string | null;
}

export const callsOf = (turn: Turn): Call[] => turn.happened.flatMap((h) => (h.kind === 'model' ? h.calls : []));

/** What a turn looks like after one more piece of news. */
export function fold(turn: Turn, news: News): Turn {
  switch (news.kind) {
    case 'prompt':
      return { ...turn, prompt: news.text };
    case 'text':
      return { ...turn, writing: turn.writing + news.delta };
    case 'again':
      return { ...turn, writing: '' };
    case 'model':
    case 'tools':
    case 'correction':
      return { ...turn, writing: news.kind === 'model' && news.calls.length === 0 ? turn.writing : '', happened: [...turn.happened, news] };
    case 'answer':
      return { ...turn, writing: '', answer: news };
    case 'failed':
      return { ...turn, writing: '', failed: news.problem };
  }
}

/** The conversation as the server wants it: what was said, and the calls whose effects must be there again. */
export function transcript(turns: Turn[], said: string): unknown[] {
  const before = turns.flatMap((turn) => {
    const changed = new Set(turn.happened.flatMap((h) => (h.kind === 'tools' ? h.results.filter((r) => r.only_tried).map((r) => r.call) : [])));
    const calls = callsOf(turn).filter((c) => changed.has(c.id)).map(({ id, name, arguments: given }) => ({ id, name, arguments: given }));
    return [{ by: 'customer', text: turn.said }, ...(turn.answer ? [{ by: 'agent', text: turn.answer.text.slice(0, 8000), calls }] : [])];
  });
  return [...before, { by: 'customer', text: said }].slice(-199);
}

export function usePlayground(agent: string, spec: () => Spec, cast: Cast) {
  const [turns, setTurns] = useState<Turn[]>([]);
  const [running, setRunning] = useState(false);
  const control = useRef<AbortController>(undefined);
  useEffect(() => () => control.current?.abort(), []);

  /** Says something after the first `keep` turns; what came after them is gone. */
  const say = useCallback(
    async (text: string, keep?: number) => {
      control.current?.abort();
      const mine = new AbortController();
      control.current = mine;
      const before = turns.slice(0, keep ?? turns.length);
      let turn: Turn = { said: text, happened: [], writing: '' };
      const show = (next: Turn) => {
        turn = next;
        if (control.current === mine) setTurns([...before, turn]);
      };
      show(turn);
      setRunning(true);
      try {
        const body = {
          spec: spec(),
          said: transcript(before, text),
          ...(cast.contact ? { contact: cast.contact } : cast.customerName.trim() ? { customer_name: cast.customerName.trim() } : {}),
          ...(cast.now ? { now: cast.now } : {}),
        };
        const response = await send('POST', `/agents/${encodeURIComponent(agent)}/playground`, {
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
          signal: mine.signal,
        });
        for await (const news of read(response)) show(fold(turn, news));
        if (!turn.answer && !turn.failed) show({ ...turn, failed: '' });
      } catch (error) {
        if (!mine.signal.aborted) show({ ...turn, writing: '', error });
      } finally {
        if (control.current === mine) setRunning(false);
      }
    },
    [agent, cast, spec, turns],
  );

  const stop = useCallback(() => {
    control.current?.abort();
    control.current = undefined;
    setRunning(false);
  }, []);
  const reset = useCallback(() => {
    stop();
    setTurns([]);
  }, [stop]);
  return { turns, running, say, stop, reset };
}

/** Server-sent events of a POST, which `EventSource` cannot make. */
async function* read(response: Response): AsyncGenerator<News> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    rest += value;
    const events = rest.split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const data = event.split('\n').filter((l) => l.startsWith('data:')).map((l) => l.slice(5).trimStart()).join('\n');
      if (data) yield JSON.parse(data) as News;
    }
  }
}
