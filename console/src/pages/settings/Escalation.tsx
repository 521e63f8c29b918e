// To whom a request goes when nobody decides, and what may be sent to those who have not written lately.
import { Group, MultiSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, ask, useCan, type components } from '../../api';

type Template = components['schemas']['ApprovalTemplate'];

export function Named({ value, disabled, onChange }: { value: string[]; disabled: boolean; onChange: (ids: string[]) => void }) {
  const { t } = useTranslation('settings');
  const may = useCan('approval:read');
  const found = useQuery({ queryKey: ['members', 'deciders'], queryFn: () => ask(api.GET('/approvals/deciders')), enabled: may });
  const people = (found.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }));
  // Named once, and gone or not allowed to decide any more: still to be seen, and to be taken out.
  const others = value.filter((id) => !people.some((one) => one.value === id)).map((id) => ({ value: id, label: t('approvals.gone') }));
  return (
    <MultiSelect
      label={t('approvals.escalateTo')}
      description={t('approvals.escalateToText')}
      placeholder={value.length === 0 ? t('approvals.everybody') : undefined}
      clearable
      maxValues={10}
      disabled={disabled}
      data={[...people, ...others]}
      value={value}
      onChange={onChange}
    />
  );
}

export function TemplateInput({ value, disabled, onChange }: { value: Template | null; disabled: boolean; onChange: (template: Template | null) => void }) {
  const { t } = useTranslation('settings');
  const put = (change: Partial<Template>) => {
    const now = { name: value?.name ?? '', language: value?.language ?? '', ...change };
    onChange(now.name || now.language ? now : null);
  };
  return (
    <Group align="flex-end" gap="sm">
      <TextInput
        flex="2 1 240px"
        label={t('approvals.template')}
        description={t('approvals.templateText', { places: '{{1}}, {{2}}, {{3}}' })}
        placeholder={t('approvals.noTemplate')}
        disabled={disabled}
        value={value?.name ?? ''}
        onChange={(e) => put({ name: e.currentTarget.value.trim() })}
      />
      <TextInput
        flex="1 1 100px"
        label={t('approvals.templateLanguage')}
        placeholder="es"
        disabled={disabled}
        value={value?.language ?? ''}
        onChange={(e) => put({ language: e.currentTarget.value.trim() })}
      />
    </Group>
  );
}
