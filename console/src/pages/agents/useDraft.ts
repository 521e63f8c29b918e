// A draft that saves itself: shortly after the last keystroke, at once when asked, never over somebody else's.
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';

import { ApiProblem } from '../../api';
import { agents, sameSpec, type Draft, type Fault, type Spec, type Tagged } from './model';

export type Saving = 'clean' | 'saved' | 'waiting' | 'saving' | 'conflict' | 'failed';

export interface DraftState {
  spec: Spec;
  change: (part: Partial<Spec>) => void;
  saving: Saving;
  error: unknown;
  problems: Fault[];
  basedOn: number;
  published: number;
  /** Whether there is a draft besides what is published. */
  exists: boolean;
  tag: string | undefined;
  /** Saves what is not saved yet; `false` when that failed. */
  flush: () => Promise<boolean>;
  /** What is on the server now, instead of what is here. */
  reload: () => Promise<void>;
  /** What is here, over what somebody else wrote. */
  overwrite: () => Promise<void>;
}

const PAUSE = 900;

export function useDraft(id: string, first: Tagged<Draft>): DraftState {
  const queries = useQueryClient();
  const [spec, setSpec] = useState(first.value.spec);
  const [server, setServer] = useState(first);
  const [saving, setSaving] = useState<Saving>(first.value.is_saved ? 'saved' : 'clean');
  const [error, setError] = useState<unknown>();
  const now = useRef({ spec, server, running: undefined as Promise<boolean> | undefined });
  now.current.spec = spec;

  const take = useCallback((next: Tagged<Draft>) => {
    now.current.server = next;
    setServer(next);
  }, []);

  const save = useCallback(async (force: boolean): Promise<boolean> => {
    while (now.current.running) await now.current.running;
    const sent = now.current.spec;
    if (!force && sameSpec(sent, now.current.server.value.spec)) return true;
    setSaving('saving');
    const run = agents.save(id, sent, force ? undefined : now.current.server.tag).then(
      (kept) => {
        take(kept);
        setError(undefined);
        setSaving(sameSpec(now.current.spec, sent) ? 'saved' : 'waiting');
        void queries.invalidateQueries({ queryKey: ['agents'], exact: true });
        return true;
      },
      (failure: unknown) => {
        setError(failure);
        setSaving(failure instanceof ApiProblem && failure.status === 412 ? 'conflict' : 'failed');
        return false;
      },
    );
    now.current.running = run;
    const kept = await run;
    now.current.running = undefined;
    return kept;
  }, [id, queries, take]);

  useEffect(() => {
    if (saving !== 'waiting') return;
    const timer = setTimeout(() => void save(false), PAUSE);
    return () => clearTimeout(timer);
  }, [spec, saving, save]);

  // Leaving with something unsaved: the browser asks, another page of ours saves first.
  const unsaved = saving === 'waiting' || saving === 'failed';
  useEffect(() => {
    if (!unsaved) return;
    const hold = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', hold);
    return () => removeEventListener('beforeunload', hold);
  }, [unsaved]);
  useEffect(() => () => void save(false), [save]);

  const change = useCallback((part: Partial<Spec>) => {
    setSpec((before) => ({ ...before, ...part }));
    setSaving((before) => (before === 'conflict' ? before : 'waiting'));
  }, []);

  const reload = useCallback(async () => {
    const fresh = await agents.draft(id);
    take(fresh);
    setSpec(fresh.value.spec);
    setError(undefined);
    setSaving(fresh.value.is_saved ? 'saved' : 'clean');
  }, [id, take]);

  return {
    spec,
    change,
    saving,
    error,
    problems: server.value.problems,
    basedOn: server.value.based_on,
    published: server.value.published,
    exists: server.value.is_saved || saving === 'waiting',
    tag: server.tag,
    flush: () => save(false),
    reload,
    overwrite: async () => void (await save(true)),
  };
}
