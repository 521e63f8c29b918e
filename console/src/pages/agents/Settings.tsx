// Models in the order they are tried, tools, and how freely and how long it answers.
import { ActionIcon, Alert, Anchor, Autocomplete, Button, Checkbox, Group, NumberInput, Select, Slider, Stack, Switch, Text, Title } from '@mantine/core';
import { IconArrowUp, IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { ErrorState, LoadingRows } from '../../ui';
import { useModels, useTools, type Fault, type Spec } from './model';

interface Props {
  spec: Spec;
  onChange: (part: Partial<Spec>) => void;
  problems: Fault[];
  readOnly: boolean;
}

export function Settings(props: Props) {
  return (
    <Stack gap="xl" maw={640}>
      <Models {...props} />
      <Tools {...props} />
      <Manner {...props} />
    </Stack>
  );
}

const wrong = (problems: Fault[], path: string) => problems.find((p) => p.path === path)?.problem;

function Models({ spec, onChange, problems, readOnly }: Props) {
  const { t } = useTranslation('agents');
  const found = useModels();
  if (found.isPending) return <LoadingRows rows={2} />;
  if (found.error) return <ErrorState error={found.error} retry={() => void found.refetch()} />;
  const { vendors, default_chain: chain } = found.data;
  const set = (i: number, part: Partial<Spec['models'][number]>) => onChange({ models: spec.models.map((m, n) => (n === i ? { ...m, ...part } : m)) });
  const chosen = (spec.models.length ? spec.models : chain).map((c) => vendors.find((v) => v.vendor === c.vendor)).filter((v) => v && !v.is_configured);
  return (
    <section aria-labelledby="agent-models">
      <Title order={2} size="h4" id="agent-models">{t('models.title')}</Title>
      <Text size="sm" c="dimmed" mb="sm">{t('models.text')}</Text>
      <Stack gap="xs">
        {spec.models.length === 0 && (
          <Text size="sm">{t('models.ours')}: {chain.map((c) => `${c.vendor}/${c.model}`).join(' → ') || t('models.noneAtAll')}</Text>
        )}
        {spec.models.map((choice, i) => (
          <Group key={i} gap="xs" align="flex-start" wrap="nowrap">
            <Select
              flex="0 1 190px"
              aria-label={t('models.vendor', { n: i + 1 })}
              disabled={readOnly}
              allowDeselect={false}
              data={vendors.map((v) => ({ value: v.vendor, label: v.is_configured ? v.name : t('models.notSetUp', { name: v.name }) }))}
              value={choice.vendor}
              onChange={(vendor) => vendor && set(i, { vendor, model: vendor === 'scripted' ? 'scripted' : '', base_url: null })}
              error={wrong(problems, `models[${i}].vendor`) ?? wrong(problems, `models[${i}].base_url`)}
            />
            <Autocomplete
              flex={1}
              aria-label={t('models.model', { n: i + 1 })}
              placeholder={t('models.placeholder')}
              disabled={readOnly}
              data={vendors.find((v) => v.vendor === choice.vendor)?.models ?? []}
              value={choice.model}
              onChange={(model) => set(i, { model })}
              error={wrong(problems, `models[${i}].model`)}
            />
            {!readOnly && (
              <>
                <ActionIcon variant="subtle" color="gray" size="input-sm" disabled={i === 0} aria-label={t('models.up', { n: i + 1 })} onClick={() => onChange({ models: moved(spec.models, i) })}><IconArrowUp size={16} /></ActionIcon>
                <ActionIcon variant="subtle" color="gray" size="input-sm" aria-label={t('models.remove', { n: i + 1 })} onClick={() => onChange({ models: spec.models.filter((_, n) => n !== i) })}><IconX size={16} /></ActionIcon>
              </>
            )}
          </Group>
        ))}
        {!readOnly && spec.models.length < 8 && (
          <Group>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlus size={14} />}
              onClick={() => onChange({ models: [...spec.models, chain[0] && spec.models.length === 0 ? { ...chain[0] } : { vendor: vendors.find((v) => v.is_configured && v.is_ai)?.vendor ?? 'scripted', model: '' }] })}
            >
              {spec.models.length ? t('models.fallback') : t('models.choose')}
            </Button>
          </Group>
        )}
        {chosen.map((v) => (
          <Alert key={v!.vendor} color="yellow" py={6}>{t('models.missing', { name: v!.name, why: v!.missing ?? '' })}</Alert>
        ))}
      </Stack>
    </section>
  );
}

function moved<T>(list: T[], i: number): T[] {
  const next = [...list];
  [next[i - 1], next[i]] = [next[i]!, next[i - 1]!];
  return next;
}

function Tools({ spec, onChange, problems, readOnly }: Props) {
  const { t } = useTranslation('agents');
  const found = useTools();
  if (found.isPending) return <LoadingRows rows={3} />;
  if (found.error) return <ErrorState error={found.error} retry={() => void found.refetch()} />;
  const faults = problems.filter((p) => p.path.startsWith('tools'));
  const strangers = (spec.tools ?? []).filter((name) => !found.data.some((tool) => tool.name === name));
  return (
    <section aria-labelledby="agent-tools">
      <Title order={2} size="h4" id="agent-tools">{t('tools.title')}</Title>
      <Text size="sm" c="dimmed" mb="sm">{t('tools.text')} <Anchor component={Link} to="/tools" size="sm" underline="always">{t('tools.own')}</Anchor></Text>
      <Switch
        label={t('tools.all')}
        checked={spec.tools === null}
        disabled={readOnly}
        onChange={(e) => onChange({ tools: e.currentTarget.checked ? null : found.data.map((tool) => tool.name) })}
        mb="sm"
      />
      {spec.tools !== null && (
        <Checkbox.Group value={spec.tools} onChange={(tools) => onChange({ tools })} readOnly={readOnly} aria-label={t('tools.title')}>
          <Stack gap="xs">
            {found.data.map((tool) => (
              <Checkbox key={tool.name} value={tool.name} label={tool.name} description={tool.description} disabled={readOnly} />
            ))}
            {strangers.map((name) => <Checkbox key={name} value={name} label={name} description={t('tools.gone')} disabled={readOnly} />)}
          </Stack>
        </Checkbox.Group>
      )}
      {faults.map((fault, i) => <Text key={i} size="sm" c="red" mt="xs">{fault.problem}</Text>)}
    </section>
  );
}

function Manner({ spec, onChange, problems, readOnly }: Props) {
  const { t } = useTranslation('agents');
  return (
    <section aria-labelledby="agent-manner">
      <Title order={2} size="h4" id="agent-manner" mb="sm">{t('manner.title')}</Title>
      <Stack>
        <div>
          <Group justify="space-between">
            <Text size="sm" fw={500}>{t('manner.temperature')}</Text>
            <Switch size="xs" label={t('manner.usual')} checked={spec.temperature === null} disabled={readOnly} onChange={(e) => onChange({ temperature: e.currentTarget.checked ? null : 0.7 })} />
          </Group>
          <Text size="xs" c="dimmed" mb="xs">{t('manner.temperatureText')}</Text>
          {spec.temperature !== null && (
            <Slider thumbLabel={t('manner.temperature')} min={0} max={2} step={0.1} value={spec.temperature} disabled={readOnly} onChange={(temperature) => onChange({ temperature })} label={(v) => v.toFixed(1)} marks={[{ value: 0, label: '0' }, { value: 1, label: '1' }, { value: 2, label: '2' }]} mb="lg" />
          )}
          {wrong(problems, 'temperature') && <Text size="sm" c="red">{wrong(problems, 'temperature')}</Text>}
        </div>
        <NumberInput
          label={t('manner.longest')}
          description={t('manner.longestText')}
          value={spec.max_output_tokens ?? ''}
          onChange={(value) => onChange({ max_output_tokens: typeof value === 'number' && value >= 0 ? Math.round(value) : null })}
          disabled={readOnly}
          max={100_000}
          allowNegative={false}
          allowDecimal={false}
          error={wrong(problems, 'max_output_tokens')}
          maw={280}
        />
      </Stack>
    </section>
  );
}
