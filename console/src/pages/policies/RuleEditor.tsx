// One rule: for which action, when, and how far the agent may go then.
import { Alert, Button, Checkbox, Fieldset, Group, Modal, NumberInput, Radio, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiProblem } from '../../api';
import { useProblemText } from '../../ui';
import { ActionSelect, BEGINNING } from './ActionSelect';
import { LEVELS, ROLES, useActions, type Level, type Rule } from './data';
import { MoneyInput } from './MoneyInput';
import { belowFloor, fromConditions, meant, toConditions } from './rules';
import { usePlaces } from './useWords';

export function RuleEditor({ rule, onSave, onClose }: { rule: Rule | undefined; onSave: (rule: Rule) => Promise<void>; onClose: () => void }) {
  const { t } = useTranslation('policies');
  const { t: common } = useTranslation();
  const words = useProblemText();
  const { locations, channels } = usePlaces();
  const actions = useActions().data?.items;
  const first = rule && meant(rule.action);
  const [action, setAction] = useState<string | null>(first?.kind === 'beginning' ? BEGINNING : (rule?.action ?? null));
  const [beginning, setBeginning] = useState(first?.kind === 'beginning' ? first.beginning : '');
  const [level, setLevel] = useState<Level>(rule?.level ?? 'approval');
  const [role, setRole] = useState(rule?.role ?? null);
  const [location, setLocation] = useState(rule?.location ?? null);
  const [channel, setChannel] = useState(rule?.channel ?? null);
  const [note, setNote] = useState(rule?.note ?? '');
  const [when, setWhen] = useState(() => fromConditions(rule?.when ?? []));
  const [touched, setTouched] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const put = (change: Partial<typeof when>) => setWhen((was) => ({ ...was, ...change }));

  const pattern = action === BEGINNING ? (beginning.trim() ? `${beginning.trim()}*` : '') : (action ?? '');
  const one = actions?.find((a) => a.name === pattern);
  const floor = one && belowFloor(level, one.least_level, LEVELS);
  const submit = async () => {
    setTouched(true);
    if (busy || !pattern) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await onSave({ id: rule?.id, action: pattern, role, location, channel, when: toConditions(when), level, note: note.trim() });
    } catch (error) {
      // Places in the list mean nothing to whoever looks at one rule.
      const plain = error instanceof ApiProblem && error.fields.length > 0;
      setProblem(plain ? error.fields.map((f) => `${f.path.replace(/^items\[\d+\]\./, '')}: ${f.problem}`).join('\n') : words(error));
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} size="lg" title={t(rule ? 'change' : 'add')} closeButtonProps={{ 'aria-label': common('close') }}>
      <form onSubmit={(e) => (e.preventDefault(), void submit())} noValidate>
        <Stack>
          <ActionSelect many label={t('field.action')} value={action} onChange={setAction} error={touched && !action ? t('field.needed') : undefined} />
          {action === BEGINNING && (
            <TextInput label={t('field.beginning')} description={t('field.beginningHint')} required maxLength={79} value={beginning} onChange={(e) => setBeginning(e.currentTarget.value)} error={touched && !beginning.trim() ? t('field.needed') : undefined} />
          )}
          <Fieldset legend={t('field.when')}>
            <Stack gap="sm">
              <Text size="sm" c="dimmed">{t('field.whenHint')}</Text>
              <Group align="flex-end" gap="sm">
                <Checkbox mb={8} flex="1 1 220px" label={t('field.amount')} checked={when.amountOver !== null} onChange={(e) => put({ amountOver: e.currentTarget.checked ? 0 : null })} />
                {when.amountOver !== null && <MoneyInput label={t('field.amountOver')} value={when.amountOver} onChange={(minor) => put({ amountOver: minor ?? 0 })} />}
              </Group>
              <Group align="flex-end" gap="sm">
                <Checkbox mb={8} flex="1 1 220px" label={t('field.count')} checked={when.countOver !== null} onChange={(e) => put({ countOver: e.currentTarget.checked ? 1 : null })} />
                {when.countOver !== null && (
                  <NumberInput label={t('field.countOver')} min={0} max={1_000_000} allowDecimal={false} allowNegative={false} value={when.countOver} onChange={(n) => put({ countOver: Number(n) || 0 })} />
                )}
              </Group>
              <Checkbox label={t('when.other_recipient')} checked={when.otherRecipient} onChange={(e) => put({ otherRecipient: e.currentTarget.checked })} />
              <Checkbox label={t('when.outside_hours')} checked={when.outsideHours} onChange={(e) => put({ outsideHours: e.currentTarget.checked })} />
              <Checkbox label={t('when.first_time_contact')} checked={when.firstTimeContact} onChange={(e) => put({ firstTimeContact: e.currentTarget.checked })} />
              <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
                <Select label={t('field.role')} clearable placeholder={t('field.anybody')} data={ROLES.map((value) => ({ value, label: t(`common:role.${value}`) }))} value={role} onChange={(v) => setRole(ROLES.find((r) => r === v) ?? null)} />
                <Select label={t('field.location')} clearable placeholder={t('field.anywhere')} data={locations.map((l) => ({ value: l.id, label: l.name }))} value={location} onChange={setLocation} />
                <Select label={t('field.channel')} clearable placeholder={t('field.anyChannel')} data={channels.map((c) => ({ value: c.id, label: c.name }))} value={channel} onChange={setChannel} />
              </SimpleGrid>
            </Stack>
          </Fieldset>
          <Radio.Group label={t('field.level')} value={level} onChange={(v) => setLevel(LEVELS.find((l) => l === v) ?? level)}>
            <Stack gap={8} mt={6}>
              {LEVELS.map((value) => <Radio key={value} value={value} label={t(`level.${value}`)} description={t(`levelAbout.${value}`)} />)}
            </Stack>
          </Radio.Group>
          {floor && <Alert color="yellow">{t('field.floor', { level: t(`level.${one.least_level}`) })}</Alert>}
          <TextInput label={t('field.note')} description={t('field.noteHint')} maxLength={300} value={note} onChange={(e) => setNote(e.currentTarget.value)} />
          {problem && <Alert color="red" role="alert" style={{ whiteSpace: 'pre-line' }}>{problem}</Alert>}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{common('cancel')}</Button>
            <Button type="submit" loading={busy}>{common('save')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
