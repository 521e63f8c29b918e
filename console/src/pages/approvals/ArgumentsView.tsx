// The exact arguments: as a table that says where each value came from, or as JSON.
import { Anchor, Badge, Group, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { DataTable, Json, useFormat, type Column } from '../../ui';
import type { Action } from '../policies/data';
import classes from './approvals.module.css';
import { changes, isArguments, type Arguments } from './arguments';
import type { Approval } from './data';

export function ArgumentsView({ of, action }: { of: Approval; action: Action | undefined }) {
  const { t } = useTranslation('approvals');
  const [as, setAs] = useState('table');
  const given = isArguments(of.arguments) ? of.arguments : undefined;
  return (
    <section>
      <Group justify="space-between" mb="xs">
        <Title order={3}>{t('arguments.title')}</Title>
        {given && (
          <SegmentedControl
            size="xs"
            aria-label={t('arguments.as')}
            value={as}
            onChange={setAs}
            data={[{ value: 'table', label: t('arguments.table') }, { value: 'json', label: 'JSON' }]}
          />
        )}
      </Group>
      {given && as === 'table' ? <AsTable of={of} given={given} action={action} /> : <Json value={of.arguments} label={t('arguments.title')} />}
    </section>
  );
}

function AsTable({ of, given, action }: { of: Approval; given: Arguments; action: Action | undefined }) {
  const { t } = useTranslation('approvals');
  const before = isArguments(of.edited_from) ? of.edited_from : undefined;
  const changed = new Map((before ? changes(before, given) : []).map((one) => [one.name, one]));
  const about = (action?.parameters as { properties?: Record<string, { description?: unknown }> } | undefined)?.properties ?? {};
  const names = [...new Set([...Object.keys(given), ...changed.keys()])];
  const columns: Column<string>[] = [
    {
      key: 'name',
      title: t('arguments.name'),
      width: '27%',
      render: (name) => (
        <Stack gap={0}>
          <Text size="sm" fw={600} ff="monospace" style={{ overflowWrap: 'anywhere' }}>{name}</Text>
          {typeof about[name]?.description === 'string' && <Text size="xs" c="dimmed">{about[name].description}</Text>}
        </Stack>
      ),
    },
    {
      key: 'value',
      title: t('arguments.value'),
      render: (name) => {
        const change = changed.get(name);
        return (
          <Stack gap={2}>
            {change && change.was !== undefined && <Text size="sm" c="dimmed" className={classes.was} component="del"><Value of={change.was} /></Text>}
            {name in given ? <Value of={given[name]} money={action?.amount === `/${name}`} /> : <Text size="sm" c="dimmed">{t('arguments.removed')}</Text>}
          </Stack>
        );
      },
    },
    { key: 'from', title: t('arguments.from'), width: '34%', render: (name) => <From of={of} name={name} changed={changed.has(name)} /> },
  ];
  return (
    <DataTable
      label={t('arguments.title')}
      columns={columns}
      pages={{ items: names, error: null, isPending: false }}
      rowKey={(name) => name}
      empty={<Text size="sm" c="dimmed">{t('arguments.none')}</Text>}
    />
  );
}

/** As it is: a text is shown whole, a number is not rounded. */
export function Value({ of, money = false }: { of: unknown; money?: boolean }) {
  const format = useFormat();
  if (typeof of === 'object' && of !== null) return <Json value={of} height={200} />;
  return (
    <Text size="sm" span className={classes.value} dir="auto" ff={typeof of === 'string' ? undefined : 'monospace'}>
      {typeof of === 'string' ? of : JSON.stringify(of)}
      {money && typeof of === 'number' && Number.isInteger(of) && <Text span c="dimmed" ff="text"> = {format.money(of)}</Text>}
    </Text>
  );
}

function From({ of, name, changed }: { of: Approval; name: string; changed: boolean }) {
  const { t } = useTranslation('approvals');
  const origin = of.provenance.find((one) => one.argument === name);
  const from = changed ? 'person' : origin?.from;
  if (!from) return <Text size="sm" c="dimmed">–</Text>;
  return (
    <Group gap={6}>
      <Badge color={from === 'model' ? 'orange' : from === 'person' ? 'blue' : 'gray'} style={{ maxWidth: '100%' }}>{t(`from.${from}`)}</Badge>
      {from === 'message' && origin?.of && <Anchor size="xs" component={Link} to={`/inbox/${of.conversation}?at=${origin.of}`}>{t('from.see')}</Anchor>}
      {from === 'tool' && origin?.of && <Text size="xs" ff="monospace">{origin.of}</Text>}
      {from === 'person' && of.edited_by?.name && <Text size="xs">{of.edited_by.name}</Text>}
    </Group>
  );
}
