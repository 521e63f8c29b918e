// Staff: what they give, when they work, when they are away, and where.
import { ActionIcon, Button, Divider, Group, MultiSelect, Select, Stack, Switch, TagsInput, Text, TextInput, Title } from '@mantine/core';
import { DateTimePicker } from '@mantine/dates';
import '@mantine/dates/styles.css';
import { useForm } from '@mantine/form';
import { IconPlus, IconTrash, IconUsers } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask, ifMatch } from '../../api/client';
import { useBusiness, useCan } from '../../api/session';
import { useFailure, useFormat } from '../../ui';
import { tagOf, useHours, useLocations, useServices, useStaff, type Location, type Service, type Staff, type Weekly } from '../calendar/data';
import { addDays, instant, wall, wallDay } from '../calendar/zone';
import { FormFrame } from './FormFrame';
import { Rows } from './Rows';
import { useSave } from './useSave';
import { WeekEditor } from './WeekEditor';

export function StaffList() {
  const { t } = useTranslation('services');
  const format = useFormat();
  const queries = useQueryClient();
  const failed = useFailure();
  const [staff, services, locations, hours] = [useStaff(), useServices(), useLocations(), useHours()];
  const mayChange = useCan('staff:write');
  const [open, setOpen] = useState<Staff | 'new' | null>(null);
  const order = (ids: string[]) =>
    ask(api.PUT('/staff/order', { body: { ids } }))
      .then(({ items }) => queries.setQueryData(['staff'], items))
      .catch(failed);
  const names = (ids: string[]) => format.list(ids.map((id) => services.data?.find((s) => s.id === id)?.name ?? '?'));
  const away = (s: Staff) => s.absences.filter((a) => Date.parse(a.to) > Date.now()).length;
  return (
    <>
      <Rows
        list={staff}
        mayChange={mayChange}
        icon={IconUsers}
        empty={{ title: t('staff.empty'), text: t('staff.emptyText') }}
        add={t('staff.add')}
        about={(s) =>
          [
            s.services.length === 0 ? t('staff.allServices') : names(s.services),
            s.hours ? t('staff.ownHours') : null,
            locations.data?.find((l) => l.id === s.location)?.name,
            away(s) > 0 ? t('staff.away', { count: away(s) }) : null,
          ]
            .filter(Boolean)
            .join(' · ')
        }
        onOpen={setOpen}
        onAdd={() => setOpen('new')}
        onOrder={(ids) => void order(ids)}
      />
      {open && (
        <StaffForm
          person={open === 'new' ? null : open}
          services={services.data ?? []}
          locations={locations.data ?? []}
          week={(hours.data?.hours as Weekly | undefined) ?? {}}
          onClose={() => setOpen(null)}
        />
      )}
    </>
  );
}

interface Away {
  from: string;
  to: string;
  reason: string;
}

function StaffForm({ person, services, locations, week, onClose }: {
  person: Staff | null;
  services: Service[];
  locations: Location[];
  week: Weekly;
  onClose: () => void;
}) {
  const { t, i18n } = useTranslation('services');
  const zone = useBusiness().time_zone;
  const form = useForm({
    initialValues: {
      name: person?.name ?? '',
      specialties: person?.specialties ?? [],
      services: person?.services ?? [],
      location: person?.location ?? null,
      active: person?.active ?? true,
      hours: (person?.hours as Weekly | null | undefined) ?? null,
      absences: (person?.absences ?? []).map((a): Away => ({ from: wall(a.from, zone), to: wall(a.to, zone), reason: a.reason ?? '' })),
    },
  });
  const save = useSave(
    'staff',
    form,
    (v) => {
      const absences = v.absences.map((a) => ({ from: instant(a.from, zone), to: instant(a.to, zone), reason: a.reason }));
      const body = { ...v, absences };
      return person
        ? ask(api.PATCH('/staff/{id}', { params: { path: { id: person.id } }, headers: ifMatch(tagOf(person)), body }))
        : ask(api.POST('/staff', { body }));
    },
    () => ask(api.DELETE('/staff/{id}', { params: { path: { id: person!.id } } })),
    onClose,
  );
  const { absences, hours } = form.values;
  const errors = Object.fromEntries(
    Object.entries(form.errors).filter(([path]) => path.startsWith('hours.')).map(([path, error]) => [path.slice(6).replace(/\.(\d+)/g, '[$1]'), String(error)]),
  );
  const tomorrow = addDays(wallDay(Date.now(), zone), 1);
  return (
    <FormFrame
      title={person ? person.name : t('staff.add')}
      problem={save.problem}
      saving={save.busy}
      onClose={onClose}
      onSubmit={save.submit}
      remove={person ? { name: person.name, run: save.remove } : undefined}
    >
      <TextInput label={t('name')} required data-autofocus {...form.getInputProps('name')} />
      <MultiSelect
        label={t('staff.services')}
        description={t('staff.servicesHint')}
        data={services.map((s) => ({ value: s.id, label: s.name }))}
        {...form.getInputProps('services')}
      />
      <TagsInput label={t('staff.specialties')} {...form.getInputProps('specialties')} />
      {locations.length > 0 && (
        <Select
          label={t('staff.location')}
          placeholder={t('staff.anyLocation')}
          clearable
          data={locations.map((l) => ({ value: l.id, label: l.name }))}
          {...form.getInputProps('location')}
        />
      )}
      <Switch
        label={t('staff.sameHours')}
        checked={hours === null}
        onChange={(e) => form.setFieldValue('hours', e.currentTarget.checked ? null : structuredClone(week))}
      />
      {hours !== null && <WeekEditor value={hours} errors={errors} onChange={(next) => form.setFieldValue('hours', next)} />}
      <Divider />
      <div>
        <Title order={3}>{t('staff.absences')}</Title>
        <Text size="sm" c="dimmed">{t('staff.absencesHint')}</Text>
      </div>
      <Stack>
        {absences.map((a, i) => (
          <Group key={i} align="flex-start" gap="xs">
            {(['from', 'to'] as const).map((end) => (
              <DateTimePicker
                key={end}
                aria-label={t(end === 'from' ? 'from' : 'until')}
                w={190}
                locale={i18n.language}
                firstDayOfWeek={1}
                valueFormat="D MMM YYYY HH:mm"
                value={a[end]}
                error={form.errors[`absences.${i}.${end}`]}
                onChange={(value) => value && form.setFieldValue(`absences.${i}.${end}`, value)}
              />
            ))}
            <TextInput
              flex={1}
              miw={120}
              aria-label={t('staff.reason')}
              placeholder={t('staff.reason')}
              value={a.reason}
              onChange={(e) => form.setFieldValue(`absences.${i}.reason`, e.currentTarget.value)}
            />
            <ActionIcon mt={4} aria-label={t('staff.removeAbsence')} onClick={() => form.removeListItem('absences', i)}>
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        ))}
        <Group>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} />}
            onClick={() => form.insertListItem('absences', { from: `${tomorrow} 00:00:00`, to: `${addDays(tomorrow, 1)} 00:00:00`, reason: '' })}
          >
            {t('staff.addAbsence')}
          </Button>
        </Group>
      </Stack>
      <Switch label={t('staff.active')} description={t('staff.activeHint')} {...form.getInputProps('active', { type: 'checkbox' })} />
    </FormFrame>
  );
}
