// The arguments a model gives: as a table, or as the JSON Schema itself.
import { ActionIcon, Button, Checkbox, Group, Input, JsonInput, Paper, SegmentedControl, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { mono, parameter, pretty, toSchema, toTable, TYPES, type Values } from './draft';

export function Parameters({ form }: { form: UseFormReturnType<Values> }) {
  const { t } = useTranslation('tools');
  const { as, table } = form.values;

  const show = (wanted: string) => {
    if (wanted === as) return;
    form.clearFieldError('parameters');
    if (wanted === 'schema') {
      form.setValues({ as: 'schema', parameters: pretty(toSchema(table)) });
      return;
    }
    try {
      const rows = toTable(JSON.parse(form.values.parameters || '{}'));
      if (rows) form.setValues({ as: 'table', table: rows });
      else form.setFieldError('parameters', t('parameters.onlySchema'));
    } catch {
      form.setFieldError('parameters', t('form.notJson'));
    }
  };

  return (
    <Paper withBorder p="md" radius="md">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h4">{t('parameters.title')}</Title>
          <SegmentedControl
            size="xs"
            aria-label={t('parameters.view')}
            value={as}
            onChange={show}
            data={[{ value: 'table', label: t('parameters.table') }, { value: 'schema', label: 'JSON Schema' }]}
          />
        </Group>
        <Text size="sm" c="dimmed">{t('parameters.text')}</Text>
        {as === 'schema' ? (
          <JsonInput aria-label="JSON Schema" autosize minRows={8} maxRows={24} styles={mono} formatOnBlur {...form.getInputProps('parameters')} />
        ) : (
          <Stack gap="sm">
            {table.map((row, i) => (
              <Group key={row.key} gap="xs" align="flex-end" wrap="wrap">
                <TextInput flex="1 1 100px" label={t('parameters.name')} styles={mono} {...form.getInputProps(`table.${i}.name`)} />
                <Select
                  flex="0 0 132px"
                  label={t('parameters.type')}
                  allowDeselect={false}
                  data={TYPES.map((value) => ({ value, label: t(`type.${value}`) }))}
                  {...form.getInputProps(`table.${i}.type`)}
                />
                <TextInput flex="2 1 120px" label={t('parameters.description')} {...form.getInputProps(`table.${i}.description`)} />
                <Checkbox mb={8} label={t('parameters.required')} {...form.getInputProps(`table.${i}.required`, { type: 'checkbox' })} />
                <ActionIcon
                  mb={4}
                  variant="subtle"
                  color="red"
                  aria-label={t('parameters.remove', { name: row.name })}
                  onClick={() => form.removeListItem('table', i)}
                >
                  <IconTrash size={16} />
                </ActionIcon>
              </Group>
            ))}
            {form.errors.parameters && <Input.Error>{form.errors.parameters}</Input.Error>}
            <Group>
              <Button variant="default" size="xs" leftSection={<IconPlus size={14} />} onClick={() => form.insertListItem('table', parameter())}>
                {t('parameters.add')}
              </Button>
            </Group>
          </Stack>
        )}
      </Stack>
    </Paper>
  );
}
