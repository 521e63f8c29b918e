// Services: name, length, buffers, price.
import { NumberInput, SimpleGrid, Switch, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconScissors } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask, ifMatch } from '../../api/client';
import { useBusiness, useCan } from '../../api/session';
import { minorDigits, useFailure, useFormat } from '../../ui';
import { tagOf, useServices, type Service } from '../calendar/data';
import { FormFrame } from './FormFrame';
import { Rows } from './Rows';
import { useSave } from './useSave';

export function Services() {
  const { t } = useTranslation('services');
  const format = useFormat();
  const queries = useQueryClient();
  const failed = useFailure();
  const services = useServices();
  const mayChange = useCan('service:write');
  const [open, setOpen] = useState<Service | 'new' | null>(null);
  const order = (ids: string[]) =>
    ask(api.PUT('/services/order', { body: { ids } }))
      .then(({ items }) => queries.setQueryData(['services'], items))
      .catch(failed);
  return (
    <>
      <Rows
        list={services}
        mayChange={mayChange}
        icon={IconScissors}
        empty={{ title: t('services.empty'), text: t('services.emptyText') }}
        add={t('services.add')}
        about={(s) =>
          [t('minutes', { count: s.duration_minutes }), s.price && format.money(s.price.minor, s.price.currency), s.description]
            .filter(Boolean)
            .join(' · ')
        }
        onOpen={setOpen}
        onAdd={() => setOpen('new')}
        onOrder={(ids) => void order(ids)}
      />
      {open && <ServiceForm service={open === 'new' ? null : open} onClose={() => setOpen(null)} />}
    </>
  );
}

function ServiceForm({ service, onClose }: { service: Service | null; onClose: () => void }) {
  const { t } = useTranslation('services');
  const { currency } = useBusiness();
  const unit = 10 ** minorDigits(currency);
  const form = useForm({
    initialValues: {
      name: service?.name ?? '',
      description: service?.description ?? '',
      duration_minutes: service?.duration_minutes ?? 30,
      buffer_before_minutes: service?.buffer_before_minutes ?? 0,
      buffer_after_minutes: service?.buffer_after_minutes ?? 0,
      price: service?.price ? service.price.minor / unit : ('' as number | ''),
      active: service?.active ?? true,
    },
  });
  const save = useSave(
    'services',
    form,
    (v) => {
      const price = v.price === '' ? null : { minor: Math.round(Number(v.price) * unit), currency };
      const body = { ...v, price };
      return service
        ? ask(api.PATCH('/services/{id}', { params: { path: { id: service.id } }, headers: ifMatch(tagOf(service)), body }))
        : ask(api.POST('/services', { body }));
    },
    () => ask(api.DELETE('/services/{id}', { params: { path: { id: service!.id } } })),
    onClose,
  );
  const minutes = { min: 0, max: 1440, step: 5, allowDecimal: false, suffix: ` ${t('minutesShort')}` };
  return (
    <FormFrame
      title={service ? service.name : t('services.add')}
      problem={save.problem}
      saving={save.busy}
      onClose={onClose}
      onSubmit={save.submit}
      remove={service ? { name: service.name, run: save.remove } : undefined}
    >
      <TextInput label={t('name')} required data-autofocus {...form.getInputProps('name')} />
      <Textarea label={t('services.description')} description={t('services.descriptionHint')} autosize minRows={2} {...form.getInputProps('description')} />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <NumberInput label={t('services.duration')} required {...minutes} min={1} {...form.getInputProps('duration_minutes')} />
        <NumberInput label={t('services.price')} min={0} thousandSeparator prefix={`${currency} `} {...form.getInputProps('price')} />
        <NumberInput label={t('services.before')} description={t('services.beforeHint')} {...minutes} {...form.getInputProps('buffer_before_minutes')} />
        <NumberInput label={t('services.after')} description={t('services.afterHint')} {...minutes} {...form.getInputProps('buffer_after_minutes')} />
      </SimpleGrid>
      <Switch label={t('services.active')} description={t('services.activeHint')} {...form.getInputProps('active', { type: 'checkbox' })} />
    </FormFrame>
  );
}

