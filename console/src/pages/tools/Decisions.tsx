// What decisions see of a tool: how far the agent goes alone, what kind of deed it is, and where its amount stands.
import { Group, Paper, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useTranslation } from 'react-i18next';

import { CATEGORIES, LEVELS, mono, type Values } from './draft';

export function Decisions({ form }: { form: UseFormReturnType<Values> }) {
  const { t } = useTranslation(['tools', 'policies']);
  return (
    <Paper withBorder p="md" radius="md">
      <Stack gap="sm">
        <Title order={2} size="h4">{t('decisions.title')}</Title>
        <Text size="sm" c="dimmed">{t('decisions.text')}</Text>
        <Group grow align="flex-start" preventGrowOverflow={false}>
          <Select
            label={t('decisions.level')}
            allowDeselect={false}
            data={[{ value: '', label: t('decisions.usualLevel') }, ...LEVELS.map((value) => ({ value, label: t(`policies:level.${value}`) }))]}
            {...form.getInputProps('level')}
          />
          <Select
            label={t('decisions.category')}
            allowDeselect={false}
            data={[{ value: '', label: t('decisions.usualCategory') }, ...CATEGORIES.map((value) => ({ value, label: t(`policies:category.${value}`) }))]}
            {...form.getInputProps('category')}
          />
        </Group>
        <TextInput label={t('decisions.amount')} description={t('decisions.amountHelp')} placeholder="/amount" styles={mono} {...form.getInputProps('amount')} />
      </Stack>
    </Paper>
  );
}
