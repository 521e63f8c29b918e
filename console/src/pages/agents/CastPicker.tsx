// Who writes in the playground, and when.
import { ActionIcon, Button, Group, Indicator, Loader, Popover, Select, Stack, Text, TextInput, Tooltip } from '@mantine/core';
import { DateTimePicker } from '@mantine/dates';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { IconUserCog } from '@tabler/icons-react';
import dayjs from 'dayjs';
import timezone from 'dayjs/plugin/timezone';
import utc from 'dayjs/plugin/utc';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { sendJson, useBusiness, useCan } from '../../api';
import type { Cast } from './playground';

dayjs.extend(utc);
dayjs.extend(timezone);

export function CastPicker({ cast, onChange }: { cast: Cast; onChange: (cast: Cast) => void }) {
  const { t } = useTranslation('agents');
  const { time_zone: zone } = useBusiness();
  const mayRead = useCan('contact:read');
  const [words, setWords] = useState('');
  const [q] = useDebouncedValue(words.trim(), 250);
  const found = useQuery({
    queryKey: ['contacts', 'to try with', q],
    queryFn: () => sendJson<{ items: { id: string; name: string | null }[] }>('GET', `/contacts?limit=20${q ? `&q=${encodeURIComponent(q)}` : ''}`).then((f) => f.items),
    enabled: mayRead,
    placeholderData: keepPreviousData,
  });
  const people = (found.data ?? []).map((c) => ({ value: c.id, label: c.name ?? c.id }));
  const shown = cast.contact && !people.some((p) => p.value === cast.contact) ? [{ value: cast.contact, label: cast.contactName ?? cast.contact }, ...people] : people;
  const special = !!cast.contact || !!cast.customerName || !!cast.now;
  return (
    <Popover position="bottom-end" width={320} trapFocus withinPortal>
      <Popover.Target>
        <Tooltip label={t('cast.open')}>
          <Indicator disabled={!special} size={8}>
            <ActionIcon variant="subtle" color="gray" aria-label={t('cast.open')}><IconUserCog size={18} /></ActionIcon>
          </Indicator>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('cast.open')}>
        <Stack gap="sm">
          <Text size="sm" c="dimmed">{t('cast.text')}</Text>
          {mayRead && (
            <Select
              label={t('cast.contact')}
              placeholder={t('cast.standIn')}
              data={shown}
              value={cast.contact ?? null}
              onChange={(id, option) => onChange({ ...cast, contact: id ?? undefined, contactName: id ? option?.label : undefined })}
              searchable
              clearable
              searchValue={words}
              onSearchChange={setWords}
              filter={({ options }) => options}
              nothingFoundMessage={t('cast.nobody')}
              rightSection={found.isFetching ? <Loader size={14} /> : undefined}
              comboboxProps={{ withinPortal: false }}
            />
          )}
          {!cast.contact && (
            <TextInput label={t('cast.name')} description={t('cast.nameText')} value={cast.customerName} maxLength={120} onChange={(e) => onChange({ ...cast, customerName: e.currentTarget.value })} />
          )}
          <DateTimePicker
            label={t('cast.now')}
            description={t('cast.nowText', { zone })}
            placeholder={t('cast.real')}
            clearable
            value={cast.now ? dayjs(cast.now).tz(zone).format('YYYY-MM-DD HH:mm:ss') : null}
            onChange={(local) => onChange({ ...cast, now: local ? dayjs.tz(local, zone).toISOString() : null })}
            popoverProps={{ withinPortal: false }}
          />
          <Group justify="flex-end">
            <Button size="xs" variant="default" disabled={!special} onClick={() => onChange({ customerName: '', now: null })}>{t('cast.clear')}</Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
