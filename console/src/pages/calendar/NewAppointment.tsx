// The form for a new appointment: who, what, with whom, when.
import { Alert, Button, Checkbox, Group, Modal, NumberInput, Select, SimpleGrid, Stack, Textarea, TextInput } from '@mantine/core';
import { DateTimePicker } from '@mantine/dates';
import '@mantine/dates/styles.css';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask } from '../../api/client';
import { ApiProblem } from '../../api/problem';
import { useFormat, useProblemText } from '../../ui';
import { ContactField, type Who } from './ContactField';
import type { Location, Service, Staff } from './data';
import { conflictOf } from './useChanges';
import { instant, wall } from './zone';

export interface Draft {
  /** On the wall. */
  start: string;
  minutes: number | undefined;
  staff: string | undefined;
}

export function NewAppointment({ draft, zone, services, staff, locations, onClose, onMade }: {
  draft: Draft;
  zone: string;
  services: Service[];
  staff: Staff[];
  locations: Location[];
  onClose: () => void;
  onMade: () => void;
}) {
  const { t, i18n } = useTranslation('calendar');
  const format = useFormat();
  const words = useProblemText();
  const offered = services.filter((s) => s.active);
  const [who, setWho] = useState<Who>({ id: null, text: '', fresh: false, phone: '' });
  const [service, setService] = useState<string | null>(offered.length === 1 ? offered[0]!.id : null);
  const [person, setPerson] = useState<string | null>(draft.staff ?? null);
  const [location, setLocation] = useState<string | null>(null);
  const [start, setStart] = useState<string | null>(draft.start);
  const [minutes, setMinutes] = useState<number | undefined>(draft.minutes);
  const [title, setTitle] = useState('');
  const [notes, setNotes] = useState('');
  const [notify, setNotify] = useState(false);
  const chosen = offered.find((s) => s.id === service);
  const givers = staff.filter((s) => s.active && (!service || s.services.length === 0 || s.services.includes(service)));
  const save = useMutation({
    mutationFn: (force: boolean) =>
      ask(
        api.POST('/appointments', {
          body: {
            ...(who.id ? { contact: who.id } : { new_contact: { name: who.text.trim() || null, phone: who.phone.trim() || null } }),
            service,
            staff: person,
            location,
            starts_at: instant(start ?? draft.start, zone),
            minutes: minutes ?? null,
            title: !service && title.trim() ? title : null,
            notes,
            notify,
            ...(force ? { force: 'outside_hours' as const } : {}),
          },
        }),
      ),
    onSuccess: onMade,
  });
  const problem = save.error instanceof ApiProblem ? save.error : null;
  const at = (path: string) => problem?.fields.find((f) => f.path === path)?.problem ?? null;
  const placed = ['contact', 'new_contact', 'new_contact.phone', 'service', 'staff', 'location', 'starts_at', 'minutes', 'title', 'notes'];
  const rest = problem && problem.fields.some((f) => placed.includes(f.path)) ? null : save.error;
  const incomplete = !start || (!who.id && !(who.fresh && (who.text.trim() || who.phone.trim())));
  return (
    <Modal opened onClose={onClose} title={t('form.title')} size="lg" closeButtonProps={{ 'aria-label': t('close') }}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          save.mutate(false);
        }}
      >
        <Stack>
          <ContactField value={who} error={at('contact') ?? at('new_contact') ?? at('new_contact.phone')} onChange={setWho} />
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Select
              label={t('form.service')}
              placeholder={t('form.noService')}
              clearable
              searchable
              error={at('service')}
              data={offered.map((s) => ({ value: s.id, label: `${s.name} · ${t('minutes', { count: s.duration_minutes })}` }))}
              value={service}
              onChange={setService}
            />
            <Select
              label={t('form.staff')}
              placeholder={t('form.anybody')}
              clearable
              error={at('staff')}
              data={givers.map((s) => ({ value: s.id, label: s.name }))}
              value={givers.some((s) => s.id === person) ? person : null}
              onChange={setPerson}
            />
            <DateTimePicker
              label={t('form.start')}
              description={zone}
              error={at('starts_at')}
              locale={i18n.language}
              firstDayOfWeek={1}
              valueFormat="ddd D MMM YYYY HH:mm"
              value={start}
              onChange={setStart}
            />
            <NumberInput
              label={t('form.minutes')}
              description={t('form.minutesHint')}
              error={at('minutes')}
              placeholder={chosen ? String(chosen.duration_minutes) : undefined}
              min={5}
              max={1440}
              step={5}
              value={minutes ?? ''}
              onChange={(value) => setMinutes(typeof value === 'number' ? value : undefined)}
            />
            {locations.length > 0 && (
              <Select
                label={t('form.location')}
                placeholder={t('form.byStaff')}
                clearable
                error={at('location')}
                data={locations.filter((l) => l.active).map((l) => ({ value: l.id, label: l.name }))}
                value={location}
                onChange={setLocation}
              />
            )}
            {!service && <TextInput label={t('form.what')} error={at('title')} value={title} onChange={(e) => setTitle(e.currentTarget.value)} />}
          </SimpleGrid>
          <Textarea label={t('form.notes')} autosize minRows={2} error={at('notes')} value={notes} onChange={(e) => setNotes(e.currentTarget.value)} />
          <Checkbox label={t('form.notify')} checked={notify} onChange={(e) => setNotify(e.currentTarget.checked)} />
          {rest && (
            <Alert color={problem?.code === 'outside_hours' ? 'yellow' : 'red'} icon={<IconAlertTriangle size={18} />} role="alert">
              <Stack gap="xs">
                {words(rest)}
                {problem && conflictOf(problem).free.length > 0 && (
                  <Group gap={6}>
                    {conflictOf(problem).free.map((free) => (
                      <Button key={free} size="compact-xs" variant="default" onClick={() => (setStart(wall(free, zone)), save.reset())}>
                        {format.dateTime(free)}
                      </Button>
                    ))}
                  </Group>
                )}
                {problem?.code === 'outside_hours' && (
                  <Group>
                    <Button size="xs" color="yellow" variant="light" loading={save.isPending} onClick={() => save.mutate(true)}>
                      {t('outside.anyway')}
                    </Button>
                  </Group>
                )}
              </Stack>
            </Alert>
          )}
          <Group justify="end">
            <Button variant="default" onClick={onClose}>{t('cancel')}</Button>
            <Button type="submit" loading={save.isPending} disabled={incomplete}>{t('form.save')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
