// One appointment: who, when, with whom, and what can be done about it.
import { Anchor, Badge, Button, Checkbox, Divider, Drawer, Group, Select, Stack, Text, Textarea, Title } from '@mantine/core';
import { DateTimePicker } from '@mantine/dates';
import { IconArrowBackUp, IconCheck, IconMessage, IconUserX, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { api, ask } from '../../api/client';
import { useCan } from '../../api/session';
import { ErrorState, LoadingRows, useFormat } from '../../ui';
import type { Appointment, Location, Staff } from './data';
import { useChanges } from './useChanges';
import { instant, wall } from './zone';

export function Details({ id, zone, staff, locations, now, onClose }: {
  id: string;
  zone: string;
  staff: Staff[];
  locations: Location[];
  now: number;
  onClose: () => void;
}) {
  const { t } = useTranslation('calendar');
  const one = useQuery({
    queryKey: ['appointment', id],
    queryFn: () => ask(api.GET('/appointments/{id}', { params: { path: { id } } })),
  });
  // What unsaved edits began with: they stay, and saving them tells when somebody else was faster.
  const [begun, setBegun] = useState<Detail | null>(null);
  const shown = begun?.id === id ? begun : one.data;
  return (
    <Drawer opened onClose={onClose} position="right" size="md" title={t('details.title')} closeButtonProps={{ 'aria-label': t('close') }}>
      {one.isPending && <LoadingRows rows={4} />}
      {one.error && <ErrorState error={one.error} retry={() => void one.refetch()} />}
      {shown && <Shown key={shown.updated_at} a={shown} onEdited={setBegun} zone={zone} staff={staff} locations={locations} now={now} />}
    </Drawer>
  );
}

type Detail = Appointment & { phone?: string | null; email?: string | null; conversation?: string | null };

function Shown({ a, onEdited, zone, staff, locations, now }: {
  a: Detail;
  onEdited: (begun: Detail | null) => void;
  zone: string;
  staff: Staff[];
  locations: Location[];
  now: number;
}) {
  const { t, i18n } = useTranslation('calendar');
  const format = useFormat();
  const { change, undo } = useChanges();
  const mayBook = useCan('booking:write');
  const mayRead = useCan('conversation:read');
  const maySeeContacts = useCan('contact:read');
  const [start, setStart] = useState<string | null>(wall(a.starts_at, zone));
  const [person, setPerson] = useState<string | null>(a.staff ?? null);
  const [notes, setNotes] = useState(a.notes);
  const [cancelling, setCancelling] = useState(false);
  const [reason, setReason] = useState('');
  const [notify, setNotify] = useState(false);
  const [busy, setBusy] = useState(false);
  const confirmed = a.status === 'confirmed';
  const begun = Date.parse(a.starts_at) <= now;
  const at = instant(start ?? wall(a.starts_at, zone), zone, a.starts_at);
  const moved = at !== new Date(a.starts_at).toISOString() || person !== (a.staff ?? null);
  const dirty = start !== wall(a.starts_at, zone) || person !== (a.staff ?? null) || notes !== a.notes || reason !== '';
  // When editing begins and ends only: what was saved is let go before the answer is shown.
  useEffect(() => onEdited(dirty ? a : null), [dirty]);
  const send = (body: Parameters<typeof change>[1], seen: Partial<Appointment>, message: string) => {
    setBusy(true);
    void change(a, { ...body, notify }, seen, message, (saved) => {
      setBusy(false);
      if (saved) onEdited(null);
    });
  };
  const minutes = Math.round((Date.parse(a.ends_at) - Date.parse(a.starts_at)) / 60_000);
  const place = locations.find((l) => l.id === a.location)?.name;
  return (
    <Stack>
      <div>
        <Title order={2}>{a.title}</Title>
        <Text>{format.full(a.starts_at)}</Text>
        <Text c="dimmed" size="sm">
          {[t('minutes', { count: minutes }), staff.find((s) => s.id === a.staff)?.name, place].filter(Boolean).join(' · ')}
        </Text>
        <Group gap="xs" mt="xs">
          <Badge color={confirmed ? 'green' : 'gray'}>{t(`status.${a.status}`)}</Badge>
          <Badge color="gray">{t(`by.${a.made_by}`)}</Badge>
        </Group>
        {a.reason && <Text size="sm" mt="xs">{t('details.reason', { reason: a.reason })}</Text>}
      </div>
      <Divider />
      <div>
        <Text size="sm" c="dimmed">{t('form.contact')}</Text>
        {maySeeContacts ? (
          <Anchor component={Link} to={`/contacts/${a.contact}`} fw={600}>{a.contact_name ?? t('someone')}</Anchor>
        ) : (
          <Text fw={600}>{a.contact_name ?? t('someone')}</Text>
        )}
        <Group gap="md">
          {a.phone && <Anchor size="sm" href={`tel:+${a.phone}`}>+{a.phone}</Anchor>}
          {a.email && <Anchor size="sm" href={`mailto:${a.email}`}>{a.email}</Anchor>}
        </Group>
        {mayRead && a.conversation && (
          <Button component={Link} to={`/inbox/${a.conversation}`} mt="xs" size="xs" variant="default" leftSection={<IconMessage size={14} />}>
            {t('details.conversation')}
          </Button>
        )}
      </div>
      {mayBook && (
        <>
          <Divider />
          {confirmed && (
            <>
              <DateTimePicker
                label={t('form.start')}
                description={zone}
                locale={i18n.language}
                firstDayOfWeek={1}
                valueFormat="ddd D MMM YYYY HH:mm"
                value={start}
                onChange={setStart}
              />
              {staff.length > 0 && (
                <Select
                  label={t('form.staff')}
                  placeholder={t('form.anybody')}
                  data={staff.filter((s) => s.active || s.id === a.staff).map((s) => ({ value: s.id, label: s.name }))}
                  value={person}
                  onChange={setPerson}
                />
              )}
              <Checkbox label={t('form.notify')} checked={notify} onChange={(e) => setNotify(e.currentTarget.checked)} />
              <Button
                disabled={!moved}
                loading={busy}
                onClick={() =>
                  send(
                    { starts_at: at, ...(person !== (a.staff ?? null) ? { staff: person } : {}) },
                    { starts_at: at, ends_at: new Date(Date.parse(at) + minutes * 60_000).toISOString(), staff: person },
                    t('moved'),
                  )
                }
              >
                {t('details.move')}
              </Button>
            </>
          )}
          <Textarea label={t('form.notes')} autosize minRows={2} value={notes} onChange={(e) => setNotes(e.currentTarget.value)} />
          {notes !== a.notes && (
            <Button variant="default" loading={busy} onClick={() => send({ notes }, { notes }, t('saved'))}>
              {t('details.saveNotes')}
            </Button>
          )}
          <Group gap="xs">
            {confirmed && begun && (
              <>
                <Button size="xs" variant="default" leftSection={<IconCheck size={14} />} onClick={() => send({ status: 'completed' }, { status: 'completed' }, t('marked'))}>
                  {t('details.done')}
                </Button>
                <Button size="xs" variant="default" leftSection={<IconUserX size={14} />} onClick={() => send({ status: 'no_show' }, { status: 'no_show' }, t('marked'))}>
                  {t('details.noShow')}
                </Button>
              </>
            )}
            {a.undoable && (
              <Button size="xs" variant="default" leftSection={<IconArrowBackUp size={14} />} onClick={() => (onEdited(null), void undo(a.id))}>
                {t('details.undo')}
              </Button>
            )}
            {confirmed && !cancelling && (
              <Button size="xs" variant="light" color="red" leftSection={<IconX size={14} />} onClick={() => setCancelling(true)}>
                {t('details.cancel')}
              </Button>
            )}
          </Group>
          {cancelling && confirmed && (
            <Stack gap="xs">
              <Textarea label={t('details.why')} description={t('details.whyHint')} autosize value={reason} onChange={(e) => setReason(e.currentTarget.value)} data-autofocus />
              <Group>
                <Button color="red" loading={busy} onClick={() => send({ status: 'cancelled', reason: reason || null }, { status: 'cancelled' }, t('cancelled'))}>
                  {t('details.cancel')}
                </Button>
                <Button variant="default" onClick={() => setCancelling(false)}>{t('details.keep')}</Button>
              </Group>
            </Stack>
          )}
        </>
      )}
      {!mayBook && a.notes && <Text size="sm">{a.notes}</Text>}
    </Stack>
  );
}
