// Other arguments than the agent wanted: a form from what is there, and what one has changed so far.
import { Alert, Box, Button, Group, Modal, Paper, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiProblem } from '../../api';
import { useProblemText } from '../../ui';
import type { Action } from '../policies/data';
import classes from './approvals.module.css';
import { Value } from './ArgumentsView';
import { changes, fieldsOf, isArguments, toArguments, type Change, type Field } from './arguments';
import type { Approval, Word } from './data';

const MONO = { fontFamily: 'var(--mantine-font-family-monospace)' };

export function Edit({ of, action, onSay, onClose }: { of: Approval; action: Action | undefined; onSay: (word: Word) => Promise<void>; onClose: () => void }) {
  const { t } = useTranslation('approvals');
  const { t: common } = useTranslation();
  const words = useProblemText();
  const given = useMemo(() => (isArguments(of.arguments) ? of.arguments : {}), [of.arguments]);
  const fields = useMemo(() => fieldsOf(given, action?.parameters), [given, action]);
  const [values, setValues] = useState(() => Object.fromEntries(fields.map((f) => [f.name, f.value])));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const read = toArguments(fields, values, given);
  const changed = changes(given, read.value).filter((one) => !read.wrong.includes(one.name));
  const submit = async () => {
    if (busy || read.wrong.length > 0 || changed.length === 0) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await onSay({ say: 'edit', arguments: read.value });
    } catch (error) {
      setProblem(error instanceof ApiProblem && error.fields.length > 0 ? t('edit.misfit', { why: error.fields.map((f) => f.problem).join(', ') }) : words(error));
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} size="lg" title={t('edit.title', { what: of.title })} closeButtonProps={{ 'aria-label': common('close') }}>
      <form onSubmit={(e) => (e.preventDefault(), void submit())} noValidate>
        <Stack>
          <Text size="sm" c="dimmed">{t('edit.text')}</Text>
          {fields.map((field) => (
            <Input key={field.name} of={field} value={values[field.name] ?? ''} wrong={read.wrong.includes(field.name)} onChange={(value) => setValues((was) => ({ ...was, [field.name]: value }))} />
          ))}
          <Paper withBorder p="sm" aria-live="polite">
            <Text size="sm" fw={600} mb={4}>{t('edit.changes')}</Text>
            {changed.length === 0 ? <Text size="sm" c="dimmed">{t('edit.none')}</Text> : changed.map((one) => <Changed key={one.name} of={one} />)}
          </Paper>
          {problem && <Alert color="red" role="alert" style={{ whiteSpace: 'pre-line' }}>{problem}</Alert>}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{common('cancel')}</Button>
            <Button type="submit" loading={busy} disabled={changed.length === 0 || read.wrong.length > 0}>{t('edit.yes')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function Input({ of, value, wrong, onChange }: { of: Field; value: string; wrong: boolean; onChange: (value: string) => void }) {
  const { t } = useTranslation('approvals');
  const { t: common } = useTranslation();
  const shared = { label: of.name, description: of.about, required: of.required, error: wrong ? t(`edit.wrong.${of.kind}`) : undefined, styles: { label: MONO, ...(of.kind === 'json' ? { input: MONO } : {}) } };
  if (of.kind === 'choice' || of.kind === 'boolean') {
    const data = of.kind === 'choice' ? of.choices : [{ value: 'true', label: common('yes') }, { value: 'false', label: common('no') }];
    return <Select {...shared} data={data} value={value || null} clearable={!of.required} onChange={(next) => onChange(next ?? '')} />;
  }
  if (of.kind === 'number') return <TextInput {...shared} inputMode="decimal" value={value} onChange={(e) => onChange(e.currentTarget.value)} />;
  const json = of.kind === 'json';
  return <Textarea {...shared} autosize minRows={json ? 3 : 1} maxRows={14} spellCheck={!json} value={value} onChange={(e) => onChange(e.currentTarget.value)} />;
}

function Changed({ of }: { of: Change }) {
  const { t } = useTranslation('approvals');
  return (
    <Group gap="xs" align="flex-start">
      <Text size="sm" ff="monospace" fw={600}>{of.name}</Text>
      <Box component="del" c="dimmed" className={classes.was}>{of.was === undefined ? <Text size="sm" span>{t('arguments.absent')}</Text> : <Value of={of.was} />}</Box>
      <Text size="sm" aria-hidden>→</Text>
      <Box component="ins" td="none" fw={600}>{of.is === undefined ? <Text size="sm" span>{t('arguments.absent')}</Text> : <Value of={of.is} />}</Box>
    </Group>
  );
}
