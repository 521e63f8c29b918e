// One tool: what it is for, the request it makes, and a trial beside it.
import { Alert, Badge, Button, Grid, Group, Paper, Select, Stack, Switch, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconArrowLeft, IconInfoCircle } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation, useNavigate, useParams } from 'react-router';

import { ApiProblem, useCan } from '../../api';
import { ErrorState, LoadingPage, PageBody, PageHeader, showInForm, told, useConfirm, useFailure } from '../../ui';
import { Decisions } from './Decisions';
import { mono, blank, fromTool, PROVES, toTool, type NewTool, type Tool, type Values } from './draft';
import { Parameters } from './Parameters';
import { Probe } from './Probe';
import { deleteTool, useSave, useStale, useTool } from './queries';
import { RequestFields } from './RequestFields';
import { TryPanel } from './TryPanel';

interface Proposed {
  values?: Values;
  notes?: string[];
}

export function Editor() {
  const { id } = useParams();
  const found = useTool(id);
  const proposed = (useLocation().state ?? {}) as Proposed;
  if (id && found.isPending) return <LoadingPage />;
  if (id && found.error) return <ErrorState error={found.error} retry={() => void found.refetch()} />;
  const tool = found.data?.value;
  const start = tool ? fromTool(tool) : (proposed.values ?? blank());
  return <Form key={id ?? 'new'} id={id} tag={found.data?.tag} tool={tool} start={start} notes={proposed.notes ?? []} />;
}

function Form({ id, tag, tool, start, notes }: {
  id: string | undefined;
  tag: string | undefined;
  tool: Tool | undefined;
  start: Values;
  notes: string[];
}) {
  const { t } = useTranslation('tools');
  const navigate = useNavigate();
  const mayWrite = useCan('tool:write');
  const form = useForm<Values>({ initialValues: start });
  const save = useSave(id, tag);
  const failed = useFailure();
  const sure = useConfirm();
  const stale = useStale();

  // Somebody else changed it while nothing was typed here: theirs is shown.
  const seen = useRef(tool?.version);
  useEffect(() => {
    if (!tool || tool.version === seen.current || form.isDirty()) return;
    seen.current = tool.version;
    form.initialize(fromTool(tool));
    form.setValues(fromTool(tool));
    form.resetDirty(fromTool(tool));
  }, [tool, form]);

  const read = (): NewTool | null => {
    form.clearErrors();
    const made = toTool(form.getValues());
    if ('tool' in made) return made.tool;
    form.setFieldError(made.field, t('form.notJson'));
    return null;
  };
  const place = (error: unknown) => {
    const rest = showInForm(form, error);
    if (!(error instanceof ApiProblem) || rest) failed(error);
  };
  const submit = () => {
    const made = read();
    if (!made) return;
    save.mutate(made, {
      onError: place,
      onSuccess: (kept) => {
        told(t('form.saved', { name: kept.name }));
        form.resetDirty(form.getValues());
        seen.current = kept.version;
        if (!id) void navigate(`../${kept.id}`, { replace: true, relative: 'path' });
      },
    });
  };
  const remove = async () => {
    const used = tool?.agents ?? [];
    const text = used.length ? t('delete.used', { agents: used.map((a) => a.name).join(', ') }) : t('delete.text');
    if (!(await sure({ title: t('delete.title', { name: tool?.name }), text, confirm: t('delete.confirm') }))) return;
    try {
      await deleteTool(id!, used.length > 0);
      await stale();
      void navigate('..', { relative: 'path' });
    } catch (error) {
      failed(error);
    }
  };

  return (
    <PageBody width={1400}>
      <Button component={Link} to=".." relative="path" variant="subtle" size="compact-sm" mb="xs" leftSection={<IconArrowLeft size={14} />}>
        {t('title')}
      </Button>
      <PageHeader
        title={id ? form.values.title || tool?.name || '' : t('new.title')}
        text={tool?.agents.length ? t('form.usedBy', { agents: tool.agents.map((a) => a.name).join(', ') }) : t('form.usedByAll')}
        actions={
          mayWrite && (
            <>
              {id && <Button variant="light" color="red" onClick={() => void remove()}>{t('delete.confirm')}</Button>}
              <Button loading={save.isPending} onClick={submit}>{t('form.save')}</Button>
            </>
          )
        }
      />
      {notes.length > 0 && (
        <Alert icon={<IconInfoCircle size={18} />} mb="md" title={t('form.notes')}>
          <Stack gap={4} component="ul" m={0} pl="md">{notes.map((note) => <li key={note}>{note}</li>)}</Stack>
        </Alert>
      )}
      {tool?.legacy && <Alert mb="md" icon={<IconInfoCircle size={18} />}>{t('form.legacy')}</Alert>}
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="lg">
            <Paper withBorder p="md" radius="md">
              <Stack gap="sm">
                <Title order={2} size="h4">{t('form.about')}</Title>
                <TextInput label={t('form.name')} description={t('form.nameHelp')} required styles={mono} {...form.getInputProps('name')} />
                <TextInput label={t('form.title')} {...form.getInputProps('title')} />
                <Textarea label={t('form.description')} description={t('form.descriptionHelp')} required autosize minRows={2} {...form.getInputProps('description')} />
                <Group grow align="flex-start" preventGrowOverflow={false}>
                  <Select
                    label={t('form.effect')}
                    description={t('form.effectHelp')}
                    allowDeselect={false}
                    data={[{ value: 'reads', label: t('effect.readsLong') }, { value: 'writes', label: t('effect.writesLong') }]}
                    {...form.getInputProps('effect')}
                  />
                  <Select
                    label={t('form.proves')}
                    description={t('form.provesHelp')}
                    data={[{ value: '', label: t('proves.nothing') }, ...PROVES.map((value) => ({ value, label: t(`proves.${value}`) }))]}
                    allowDeselect={false}
                    {...form.getInputProps('proves')}
                  />
                </Group>
                {form.values.effect === 'writes' && (
                  <Switch label={t('form.idempotent')} description={t('form.idempotentHelp')} {...form.getInputProps('idempotent', { type: 'checkbox' })} />
                )}
                <Switch label={t('form.enabled')} {...form.getInputProps('enabled', { type: 'checkbox' })} />
              </Stack>
            </Paper>
            <Parameters form={form} />
            <RequestFields form={form} />
            <Decisions form={form} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="xs" pos="sticky" top={16}>
            <TryPanel values={form.values} read={read} onFlaws={place} onExample={(text) => form.setFieldValue('example', text)} error={form.errors.example} />
            {tool && <Probe tool={tool} />}
            {tool && (
              <Group gap="xs">
                <Badge variant="default">{t('form.version', { version: tool.version })}</Badge>
                <Text size="xs" c="dimmed">{t('form.secretsHint')}</Text>
              </Group>
            )}
          </Stack>
        </Grid.Col>
      </Grid>
    </PageBody>
  );
}
