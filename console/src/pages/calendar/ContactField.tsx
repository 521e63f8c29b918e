// Who the appointment is for: found by name, number or address, or written down now.
import { Autocomplete, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { sendJson } from '../../api/client';

export interface Who {
  /** A known contact. */
  id: string | null;
  text: string;
  /** A new one. */
  fresh: boolean;
  phone: string;
}

interface Found {
  id: string;
  name: string | null;
  addresses?: { kind: string; value: string }[];
}

export function ContactField({ value, error, onChange }: { value: Who; error: string | null; onChange: (who: Who) => void }) {
  const { t } = useTranslation('calendar');
  const [typed] = useDebouncedValue(value.text, 200);
  const asked = typed.trim();
  const found = useQuery({
    queryKey: ['contacts', 'pick', asked],
    enabled: asked.length > 1 && !value.id && !value.fresh,
    queryFn: async () => {
      const query = new URLSearchParams({ q: asked, limit: '8' });
      return (await sendJson<{ items: Found[] }>('GET', `/contacts?${query}`)).items;
    },
  });
  const label = (c: Found) => {
    const address = c.addresses?.find((a) => a.kind === 'phone' || a.kind === 'email')?.value;
    return [c.name ?? t('someone'), address].filter(Boolean).join(' · ');
  };
  const labelled = new Map((found.data ?? []).map((c) => [label(c), c.id]));
  if (value.fresh) {
    return (
      <Stack gap="xs">
        <TextInput
          label={t('form.newName')}
          value={value.text}
          error={error}
          onChange={(e) => onChange({ ...value, text: e.currentTarget.value })}
          data-autofocus
        />
        <Group align="end" gap="xs">
          <TextInput
            flex={1}
            label={t('form.newPhone')}
            placeholder="+57 300 123 4567"
            type="tel"
            value={value.phone}
            onChange={(e) => onChange({ ...value, phone: e.currentTarget.value })}
          />
          <Button variant="subtle" onClick={() => onChange({ ...value, fresh: false, phone: '' })}>
            {t('form.known')}
          </Button>
        </Group>
      </Stack>
    );
  }
  return (
    <Stack gap={4}>
      <Autocomplete
        label={t('form.contact')}
        placeholder={t('form.contactHint')}
        error={error}
        value={value.text}
        data={[...labelled.keys()]}
        filter={({ options }) => options}
        onChange={(text) => onChange({ ...value, text, id: labelled.get(text) ?? null })}
        data-autofocus
      />
      {!value.id && (
        <Group gap="xs">
          {asked.length > 1 && found.data?.length === 0 && <Text size="sm" c="dimmed">{t('form.nobody')}</Text>}
          <Button size="compact-sm" variant="subtle" onClick={() => onChange({ ...value, fresh: true, id: null })}>
            {t('form.new')}
          </Button>
        </Group>
      )}
    </Stack>
  );
}
