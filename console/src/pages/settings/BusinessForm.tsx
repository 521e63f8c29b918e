// Name, zone, language, currency, address. Saved with the state that was seen: somebody else's change is not overwritten.
import { Alert, Autocomplete, Button, Group, NumberInput, Select, SimpleGrid, Stack, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask, SESSION, useCan, type components } from '../../api';
import { ErrorState, LoadingRows, showInForm, told, useProblemText } from '../../ui';
import { Section } from './Section';

type Business = components['schemas']['Business'];

const PLAIN = ['address', 'city', 'state', 'country', 'phone', 'email', 'website'] as const;
const RULES = ['slot_minutes', 'default_duration_minutes', 'min_advance_hours', 'max_advance_days', 'max_concurrent'] as const;
const TYPES = ['salon', 'barberia', 'spa', 'clinic', 'restaurant', 'workshop', 'shop', 'business'];
const LANGUAGES = ['es', 'es-CO', 'es-ES', 'es-MX', 'en', 'en-GB', 'en-US', 'pt-BR', 'it', 'fr', 'de'];
const CURRENCIES = ['COP', 'USD', 'EUR', 'MXN', 'BRL', 'ARS', 'CLP', 'PEN', 'GBP'];

function valuesOf(b: Business) {
  const plain = Object.fromEntries(PLAIN.map((k) => [k, b[k] ?? ''])) as Record<(typeof PLAIN)[number], string>;
  return {
    name: b.name,
    business_type: b.business_type,
    time_zone: b.time_zone,
    language: b.language,
    currency: b.currency,
    ...plain,
    payment_methods: b.payment_methods,
    promotions: b.promotions,
    appointments: b.appointments,
  };
}

export function BusinessForm() {
  const { t } = useTranslation('settings');
  const business = useQuery({ queryKey: ['business'], queryFn: () => ask(api.GET('/business')) });
  return (
    <Section id="business" title={t('business.title')} text={t('business.text')}>
      {business.isPending && <LoadingRows rows={4} />}
      {business.error && !business.data && <ErrorState error={business.error} retry={() => void business.refetch()} />}
      {business.data && <Form business={business.data} />}
    </Section>
  );
}

function Form({ business }: { business: Business }) {
  const { t } = useTranslation(['settings', 'common']);
  const queries = useQueryClient();
  const words = useProblemText();
  const mayWrite = useCan('business:write');
  const [problem, setProblem] = useState<string | null>(null);
  const form = useForm({ initialValues: valuesOf(business), validate: { name: (v) => (v.trim() ? null : t('needed')) } });
  useEffect(() => {
    if (form.isDirty()) return;
    form.setInitialValues(valuesOf(business));
    form.reset();
    // Only when the server's state changes: what is being typed stays.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [business.updated_at]);
  const save = useMutation({
    mutationFn: (v: typeof form.values) => {
      const before = valuesOf(business) as Record<string, unknown>;
      const changed = Object.entries(v).filter(([k, value]) => JSON.stringify(value) !== JSON.stringify(before[k]));
      const body = Object.fromEntries(changed.map(([k, value]) => [k, (PLAIN as readonly string[]).includes(k) && value === '' ? null : value]));
      return ask(api.PATCH('/business', { headers: { 'if-match': `"${Date.parse(business.updated_at)}"` } as never, body: body as never }));
    },
    onSuccess: (after) => {
      setProblem(null);
      form.setInitialValues(valuesOf(after));
      form.reset();
      queries.setQueryData(['business'], after);
      void queries.invalidateQueries({ queryKey: SESSION });
      told(t('common:saved'));
    },
    onError: (error) => setProblem(showInForm(form, error) ?? words(error)),
  });
  const zones = Intl.supportedValuesOf('timeZone');
  return (
    <form onSubmit={form.onSubmit((v) => save.mutate(v))}>
      <fieldset disabled={!mayWrite} style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }}>
        <Stack>
          {problem && <Alert color="red" role="alert">{problem}</Alert>}
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput label={t('business.name')} required {...form.getInputProps('name')} />
            <Autocomplete label={t('business.type')} data={TYPES} {...form.getInputProps('business_type')} />
            <Select label={t('business.zone')} searchable data={zones.includes(business.time_zone) ? zones : [business.time_zone, ...zones]} {...form.getInputProps('time_zone')} />
            <Autocomplete label={t('business.language')} description={t('business.languageHelp')} data={LANGUAGES} {...form.getInputProps('language')} />
            <Autocomplete label={t('business.currency')} data={CURRENCIES} {...form.getInputProps('currency')} />
            {PLAIN.map((k) => <TextInput key={k} label={t(`business.${k}`)} {...form.getInputProps(k)} />)}
          </SimpleGrid>
          <TagsInput label={t('business.payment')} description={t('business.tags')} {...form.getInputProps('payment_methods')} />
          <TagsInput label={t('business.promotions')} description={t('business.tags')} {...form.getInputProps('promotions')} />
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            {RULES.map((k) => (
              <NumberInput key={k} label={t(`rules.${k}`)} min={0} allowDecimal={false} {...form.getInputProps(`appointments.${k}`)} />
            ))}
          </SimpleGrid>
          {mayWrite && (
            <Group justify="flex-end">
              <Button variant="default" disabled={!form.isDirty()} onClick={form.reset}>{t('discard')}</Button>
              <Button type="submit" disabled={!form.isDirty()} loading={save.isPending}>{t('common:save')}</Button>
            </Group>
          )}
        </Stack>
      </fieldset>
    </form>
  );
}
