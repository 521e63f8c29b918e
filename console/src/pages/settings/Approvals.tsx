// What the assistant may do alone, and how long its requests wait.
import { Button, Group, NumberInput, Select, Stack } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask, useCan, type components } from '../../api';
import { ErrorState, LoadingRows, undoable, useFailure } from '../../ui';
import { Named, TemplateInput } from './Escalation';
import { Reached } from './Reached';
import { Section } from './Section';

type Role = components['schemas']['Role'];
interface Change {
  agent_role?: Role | null;
  approval_minutes?: number | null;
  escalation_minutes?: number | null;
  escalate_to?: string[] | null;
  approval_template?: components['schemas']['ApprovalTemplate'] | null;
}
const MINUTES = [['approval_minutes', 5, 10_080], ['escalation_minutes', 0, 10_079]] as const;

export function Approvals() {
  const { t } = useTranslation(['settings', 'common']);
  const queries = useQueryClient();
  const failed = useFailure();
  const mayWrite = useCan('settings:write');
  const [typed, setTyped] = useState<Change>({});
  const settings = useQuery({ queryKey: ['settings'], queryFn: () => ask(api.GET('/settings')) });
  const save = useMutation({
    mutationFn: (body: Change) => ask(api.PATCH('/settings', { body: body as never })),
    onSuccess: (after) => {
      queries.setQueryData(['settings'], after);
      void queries.invalidateQueries({ queryKey: ['members', 'deciders'] });
    },
    onError: failed,
  });
  const data = settings.data;
  const store = () => {
    if (!data) return;
    const before: Change = { agent_role: data.agent_role ?? null, approval_minutes: data.approval_minutes.own ?? null, escalation_minutes: data.escalation_minutes.own ?? null, escalate_to: data.escalate_to, approval_template: data.approval_template ?? null };
    const undo = Object.fromEntries(Object.keys(typed).map((name) => [name, before[name as keyof Change]])) as Change;
    save.mutate(typed, { onSuccess: () => (setTyped({}), undoable(t('common:saved'), () => save.mutateAsync(undo))) });
  };
  const untouched = Object.keys(typed).length === 0;
  return (
    <Section id="approvals" title={t('approvals.title')} text={t('approvals.text')}>
      {settings.isPending && <LoadingRows rows={3} />}
      {settings.error && !data && <ErrorState error={settings.error} retry={() => void settings.refetch()} />}
      {data && (
        <Stack>
          <Select
            label={t('approvals.role')}
            description={t('approvals.roleText')}
            disabled={!mayWrite}
            allowDeselect={false}
            value={(typed.agent_role === undefined ? data.agent_role : typed.agent_role) ?? 'staff'}
            data={data.agent_roles.map((value) => ({ value, label: t(`common:role.${value}`) }))}
            onChange={(value) => setTyped({ ...typed, agent_role: value as Role })}
          />
          {MINUTES.map(([name, min, max]) => (
            <NumberInput
              key={name}
              label={t(`approvals.${name}`)}
              description={`${t(`approvals.${name}Text`)} ${t('limits.server', { value: data[name].server })}`}
              placeholder={String(data[name].server)}
              min={min}
              max={max}
              allowDecimal={false}
              disabled={!mayWrite}
              value={(typed[name] === undefined ? data[name].own : typed[name]) ?? ''}
              onChange={(v) => setTyped({ ...typed, [name]: v === '' ? null : Number(v) })}
            />
          ))}
          <Named disabled={!mayWrite} value={typed.escalate_to ?? data.escalate_to} onChange={(escalate_to) => setTyped({ ...typed, escalate_to })} />
          <TemplateInput
            disabled={!mayWrite}
            value={(typed.approval_template === undefined ? data.approval_template : typed.approval_template) ?? null}
            onChange={(approval_template) => setTyped({ ...typed, approval_template })}
          />
          <Reached />
          {mayWrite && (
            <Group justify="flex-end">
              <Button variant="default" disabled={untouched} onClick={() => setTyped({})}>{t('discard')}</Button>
              <Button disabled={untouched} loading={save.isPending} onClick={store}>{t('common:save')}</Button>
            </Group>
          )}
        </Stack>
      )}
    </Section>
  );
}
