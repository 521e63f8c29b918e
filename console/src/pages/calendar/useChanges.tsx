// Making and changing appointments: at once on the screen, taken back when the server refuses, undone when the person thinks better.
import { Group, List, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask, ifMatch } from '../../api/client';
import { ApiProblem } from '../../api/problem';
import type { components } from '../../api/schema';
import { told, undoable, useFailure, useFormat } from '../../ui';
import { tagOf, type Appointment } from './data';

export type Change = components['schemas']['ChangedAppointment'];
type Done = (saved: boolean) => void;

export interface InTheWay {
  id: string;
  title: string;
  starts_at: string;
  ends_at: string;
}

/** What `taken` says besides. */
export function conflictOf(problem: ApiProblem): { inTheWay: InTheWay[]; free: string[] } {
  const list = <T,>(value: unknown) => (Array.isArray(value) ? (value as T[]) : []);
  return { inTheWay: list<InTheWay>(problem.more.in_the_way), free: list<string>(problem.more.free) };
}

export function useChanges() {
  const queries = useQueryClient();
  const failed = useFailure();
  const format = useFormat();
  const { t } = useTranslation('calendar');

  const show = useCallback(
    (id: string, change: (was: Appointment) => Appointment) => {
      queries.setQueriesData<Appointment[]>({ queryKey: ['appointments'] }, (all) =>
        Array.isArray(all) ? all.map((a) => (a.id === id ? change(a) : a)) : all,
      );
    },
    [queries],
  );
  const refresh = useCallback(() => {
    void queries.invalidateQueries({ queryKey: ['appointments'] });
    void queries.invalidateQueries({ queryKey: ['appointment'] });
  }, [queries]);

  const undo = useCallback(
    async (id: string) => {
      try {
        await ask(api.POST('/appointments/{id}/undo', { params: { path: { id } } }));
      } catch (error) {
        failed(error);
      }
      refresh();
    },
    [failed, refresh],
  );

  /** Sends a change; `seen` is shown meanwhile. */
  const change = useCallback(
    async (was: Appointment, body: Change, seen: Partial<Appointment>, message: string, done?: Done): Promise<void> => {
      show(was.id, (a) => ({ ...a, ...seen }));
      try {
        const is = await ask(
          api.PATCH('/appointments/{id}', { params: { path: { id: was.id } }, headers: ifMatch(tagOf(was)), body }),
        );
        show(was.id, (a) => ({ ...a, ...is }));
        undoable(message, () => undo(was.id));
        refresh();
        done?.(true);
      } catch (error) {
        show(was.id, () => was);
        if (error instanceof ApiProblem && error.code === 'outside_hours') {
          modals.openConfirmModal({
            title: t('outside.title'),
            centered: true,
            children: <Text size="sm">{error.detail}</Text>,
            labels: { confirm: t('outside.anyway'), cancel: t('outside.not') },
            onConfirm: () => void change(was, { ...body, force: 'outside_hours' }, seen, message, done),
          });
        } else if (error instanceof ApiProblem && error.code === 'taken') {
          const { inTheWay, free } = conflictOf(error);
          modals.open({
            title: t('taken.title'),
            centered: true,
            children: (
              <Stack gap="sm">
                <Text size="sm">{error.detail}</Text>
                {inTheWay.length > 0 && (
                  <List size="sm">
                    {inTheWay.map((a) => (
                      <List.Item key={a.id}>
                        {a.title}, {format.dateTime(a.starts_at)} – {format.time(a.ends_at)}
                      </List.Item>
                    ))}
                  </List>
                )}
                {free.length > 0 && (
                  <Group gap="xs">
                    <Text size="sm">{t('taken.free')}</Text>
                    <Text size="sm" fw={600}>{format.list(free.map((at) => format.dateTime(at)))}</Text>
                  </Group>
                )}
              </Stack>
            ),
          });
          refresh();
        } else {
          failed(error);
          refresh();
        }
        done?.(false);
      }
    },
    [show, undo, refresh, failed, format, t],
  );

  const made = useCallback(() => {
    told(t('made'));
    refresh();
  }, [refresh, t]);

  return { change, undo, made };
}
