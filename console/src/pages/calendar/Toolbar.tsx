// Which days, which view, whose appointments.
import { ActionIcon, Button, Group, MultiSelect, SegmentedControl, Select, Title, Tooltip } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconPlus, IconSettings } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { useCan } from '../../api/session';
import type { Location, Staff } from './data';
import type { View } from './zone';

export interface Shown {
  view: View;
  day: string;
  staff: string[];
  location: string | null;
}

export function Toolbar({ shown, title, staff, locations, narrow, onShow, onStep, onToday, onNew }: {
  shown: Shown;
  title: string;
  staff: Staff[];
  locations: Location[];
  narrow: boolean;
  onShow: (change: Partial<Shown>) => void;
  onStep: (by: number) => void;
  onToday: () => void;
  onNew: () => void;
}) {
  const { t } = useTranslation('calendar');
  const mayBook = useCan('booking:write');
  const mayChange = useCan('service:read');
  return (
    <Group component="header" justify="space-between" gap="sm" px={{ base: 'sm', sm: 'md' }} py="sm" wrap="wrap">
      <Group gap="xs" wrap="nowrap">
        <Button variant="default" size="xs" onClick={onToday}>
          {t('today')}
        </Button>
        <ActionIcon.Group>
          <ActionIcon variant="default" onClick={() => onStep(-1)} aria-label={t(`before.${shown.view}`)}>
            <IconChevronLeft size={16} />
          </ActionIcon>
          <ActionIcon variant="default" onClick={() => onStep(1)} aria-label={t(`after.${shown.view}`)}>
            <IconChevronRight size={16} />
          </ActionIcon>
        </ActionIcon.Group>
        <Title order={1} size="h3" aria-live="polite">
          {title}
        </Title>
      </Group>
      <Group gap="xs">
        {locations.length > 1 && (
          <Select
            size="xs"
            w={150}
            aria-label={t('location.filter')}
            placeholder={t('location.all')}
            clearable
            data={locations.map((l) => ({ value: l.id, label: l.name }))}
            value={shown.location}
            onChange={(location) => onShow({ location })}
          />
        )}
        {staff.length > 1 && (
          <MultiSelect
            size="xs"
            miw={150}
            maw={320}
            aria-label={t('staff.filter')}
            placeholder={shown.staff.length === 0 ? t('staff.all') : undefined}
            clearable
            data={staff.map((s) => ({ value: s.id, label: s.name }))}
            value={shown.staff}
            onChange={(chosen) => onShow({ staff: chosen })}
          />
        )}
        {!narrow && (
          <SegmentedControl
            size="xs"
            aria-label={t('view.label')}
            value={shown.view}
            onChange={(view) => onShow({ view: view as View })}
            data={(['day', 'week', 'month'] as const).map((view) => ({ value: view, label: t(`view.${view}`) }))}
          />
        )}
        {mayChange && (
          <Tooltip label={t('setup')}>
            <ActionIcon component={Link} to="/services" variant="default" aria-label={t('setup')}>
              <IconSettings size={16} />
            </ActionIcon>
          </Tooltip>
        )}
        {mayBook && (
          <Button size="xs" leftSection={<IconPlus size={14} />} onClick={onNew}>
            {t('new')}
          </Button>
        )}
      </Group>
    </Group>
  );
}
