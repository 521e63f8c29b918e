// Branches of the business.
import { Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconMapPin } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask, ifMatch } from '../../api/client';
import { useBusiness, useCan } from '../../api/session';
import { useFailure } from '../../ui';
import { tagOf, useLocations, type Location } from '../calendar/data';
import { FormFrame } from './FormFrame';
import { Rows } from './Rows';
import { useSave } from './useSave';

export function Locations() {
  const { t } = useTranslation('services');
  const queries = useQueryClient();
  const failed = useFailure();
  const locations = useLocations();
  const everywhere = useBusiness().locations === null;
  const mayChange = useCan('location:write');
  const [open, setOpen] = useState<Location | 'new' | null>(null);
  const order = (ids: string[]) =>
    ask(api.PUT('/locations/order', { body: { ids } }))
      .then(({ items }) => queries.setQueryData(['locations'], items))
      .catch(failed);
  return (
    <>
      <Rows
        list={locations}
        mayChange={mayChange && everywhere}
        icon={IconMapPin}
        empty={{ title: t('locations.empty'), text: t('locations.emptyText') }}
        add={t('locations.add')}
        about={(l) => [l.address, l.phone, l.time_zone].filter(Boolean).join(' · ')}
        onOpen={setOpen}
        onAdd={() => setOpen('new')}
        onOrder={(ids) => void order(ids)}
      />
      {open && <LocationForm location={open === 'new' ? null : open} onClose={() => setOpen(null)} />}
    </>
  );
}

function LocationForm({ location, onClose }: { location: Location | null; onClose: () => void }) {
  const { t } = useTranslation('services');
  const zone = useBusiness().time_zone;
  const form = useForm({
    initialValues: {
      name: location?.name ?? '',
      address: location?.address ?? '',
      phone: location?.phone ?? '',
      time_zone: location?.time_zone ?? null,
      active: location?.active ?? true,
    },
  });
  const save = useSave(
    'locations',
    form,
    (body) =>
      location
        ? ask(api.PATCH('/locations/{id}', { params: { path: { id: location.id } }, headers: ifMatch(tagOf(location)), body }))
        : ask(api.POST('/locations', { body })),
    () => ask(api.DELETE('/locations/{id}', { params: { path: { id: location!.id } } })),
    onClose,
  );
  return (
    <FormFrame
      title={location ? location.name : t('locations.add')}
      problem={save.problem}
      saving={save.busy}
      onClose={onClose}
      onSubmit={save.submit}
      remove={location ? { name: location.name, run: save.remove } : undefined}
    >
      <TextInput label={t('name')} required data-autofocus {...form.getInputProps('name')} />
      <Textarea label={t('locations.address')} autosize {...form.getInputProps('address')} />
      <TextInput label={t('locations.phone')} type="tel" {...form.getInputProps('phone')} />
      <Select
        label={t('locations.zone')}
        description={t('locations.zoneHint')}
        placeholder={zone}
        clearable
        searchable
        limit={50}
        data={Intl.supportedValuesOf('timeZone')}
        {...form.getInputProps('time_zone')}
      />
      <Switch label={t('locations.active')} {...form.getInputProps('active', { type: 'checkbox' })} />
    </FormFrame>
  );
}
