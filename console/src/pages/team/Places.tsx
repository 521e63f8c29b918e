// Where somebody works: everywhere, or at some of the business's locations only.
import { Button, Group, Modal, MultiSelect, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask } from '../../api/client';
import { useCan } from '../../api/session';
import { useFormat } from '../../ui';
import type { Member } from './data';

/** The business's locations; none where there are none, or where one may not see them. */
export function usePlaces() {
  const may = useCan('location:read');
  const found = useQuery({ queryKey: ['locations'], queryFn: async () => (await ask(api.GET('/locations'))).items, enabled: may });
  return found.data ?? [];
}

export function PlacesSelect({ value, onChange, label, error }: { value: string[]; onChange: (ids: string[]) => void; label: string; error?: React.ReactNode }) {
  const { t } = useTranslation('team');
  const places = usePlaces();
  return (
    <MultiSelect
      label={label}
      description={t('places.text')}
      placeholder={value.length === 0 ? t('places.everywhere') : undefined}
      clearable
      data={places.map((p) => ({ value: p.id, label: p.name }))}
      value={value}
      onChange={onChange}
      error={error}
    />
  );
}

/** In words. */
export function Places({ ids }: { ids: string[] }) {
  const { t } = useTranslation('team');
  const format = useFormat();
  const names = new Map(usePlaces().map((p) => [p.id, p.name]));
  return <Text size="sm">{ids.length === 0 ? t('places.everywhere') : format.list(ids.map((id) => names.get(id) ?? id))}</Text>;
}

export function PlacesDialog({ member, saving, onClose, onSave }: { member: Member; saving: boolean; onClose: () => void; onSave: (ids: string[]) => void }) {
  const { t } = useTranslation('team');
  const [ids, setIds] = useState(member.locations);
  const same = [...ids].sort().join() === [...member.locations].sort().join();
  return (
    <Modal opened onClose={onClose} title={t('places.of', { name: member.name })} centered>
      <form onSubmit={(e) => (e.preventDefault(), onSave(ids))}>
        <Stack>
          <PlacesSelect label={t('places.label')} value={ids} onChange={setIds} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
            <Button type="submit" loading={saving} disabled={same}>{t('common:save')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
