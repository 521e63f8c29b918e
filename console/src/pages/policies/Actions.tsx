// Everything the agent can do, and what each means to the business.
import { Badge, Code, Drawer, Group, Select, Stack, Text } from '@mantine/core';
import { IconShieldCog } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { DataTable, EmptyState, Json, type Column } from '../../ui';
import { CATEGORIES, useActions, type Action } from './data';
import { LevelBadge } from './RuleName';

export function Actions() {
  const { t } = useTranslation('policies');
  const found = useActions();
  const [category, setCategory] = useState<string | null>(null);
  const [open, setOpen] = useState<Action>();
  const columns: Column<Action>[] = [
    {
      key: 'name',
      title: t('action.name'),
      render: (a) => (
        <Stack gap={0}>
          <Text fw={600} span>{a.title}</Text>
          {a.title !== a.name && <Text size="xs" c="dimmed" ff="monospace" span>{a.name}</Text>}
        </Stack>
      ),
    },
    { key: 'category', title: t('action.category'), width: 150, render: (a) => <Text size="sm">{t(`category.${a.category}`)}</Text> },
    { key: 'level', title: t('action.level'), width: 150, render: (a) => <LevelBadge of={a.level} /> },
    { key: 'permission', title: t('action.permission'), width: 150, minor: true, render: (a) => <Code>{a.permission}</Code> },
    { key: 'cost', title: t('action.cost'), width: 130, minor: true, render: (a) => <Cost of={a} /> },
    { key: 'proves', title: t('action.proves'), width: 170, minor: true, render: (a) => <Text size="sm">{a.proves ? t(`receipt.${a.proves}`, { defaultValue: a.proves }) : a.changes ? '–' : t('action.looks')}</Text> },
  ];
  return (
    <Stack>
      <Group justify="space-between">
        <Text size="sm" c="dimmed" flex={1} miw={220}>{t('action.text')}</Text>
        <Select
          aria-label={t('action.category')}
          clearable
          clearButtonProps={{ 'aria-label': t('action.everyCategory') }}
          placeholder={t('action.everyCategory')}
          data={CATEGORIES.map((value) => ({ value, label: t(`category.${value}`) }))}
          value={category}
          onChange={setCategory}
          w={{ base: '100%', xs: 220 }}
        />
      </Group>
      <DataTable
        label={t('tab.actions')}
        columns={columns}
        pages={{ items: found.data?.items.filter((a) => !category || a.category === category), error: found.error, isPending: found.isPending, refetch: found.refetch }}
        rowKey={(a) => a.name}
        onOpen={setOpen}
        empty={<EmptyState icon={IconShieldCog} title={t('action.none')} text={t('action.noneText')} />}
      />
      <Drawer opened={!!open} onClose={() => setOpen(undefined)} position="right" size="lg" title={open?.title} closeButtonProps={{ 'aria-label': t('common:close') }}>
        {open && <Whole of={open} />}
      </Drawer>
    </Stack>
  );
}

function Cost({ of }: { of: Action }) {
  const { t } = useTranslation('policies');
  return of.cost ? <Code>{of.cost}</Code> : <Text size="sm" c="dimmed">{t('action.free')}</Text>;
}

function Whole({ of }: { of: Action }) {
  const { t } = useTranslation('policies');
  const lines: [string, React.ReactNode][] = [
    [t('action.category'), t(`category.${of.category}`)],
    [t('action.level'), <LevelBadge key="l" of={of.level} />],
    [t('action.least'), <LevelBadge key="f" of={of.least_level} />],
    [t('action.permission'), <Code key="p">{of.permission}</Code>],
    [t('action.cost'), <Cost key="c" of={of} />],
    [t('action.proves'), of.proves ? t(`receipt.${of.proves}`, { defaultValue: of.proves }) : '–'],
    [t('action.lost'), t(`lost.${of.effect_class}`, { defaultValue: of.effect_class })],
    ...(of.amount ? [[t('action.amount'), <Code key="a">{of.amount}</Code>] as [string, React.ReactNode]] : []),
    ...(of.recipient ? [[t('action.recipient'), <Code key="r">{of.recipient}</Code>] as [string, React.ReactNode]] : []),
  ];
  return (
    <Stack>
      <Group gap="xs">
        <Code>{of.name}</Code>
        {of.own && <Badge color="pine">{t('action.own')}</Badge>}
        <Badge color="gray">{t(!of.changes ? 'action.looks' : of.reversible ? 'action.reversible' : 'action.forGood')}</Badge>
      </Group>
      <Text size="sm" style={{ whiteSpace: 'pre-wrap' }}>{of.description}</Text>
      <Stack gap={8} component="dl" m={0}>
        {lines.map(([label, value]) => (
          <Group key={label} wrap="nowrap" align="flex-start" gap="sm">
            <Text size="sm" c="dimmed" component="dt" style={{ flex: '0 0 42%' }}>{label}</Text>
            <Text size="sm" component="dd" m={0}>{value}</Text>
          </Group>
        ))}
      </Stack>
      <Text size="sm" fw={600}>{t('action.arguments')}</Text>
      <Json value={of.parameters} label={t('action.arguments')} />
    </Stack>
  );
}
