// What can be booked, with whom, when and where.
import { Tabs } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';

import { useCan } from '../../api/session';
import { PageBody, PageHeader } from '../../ui';
import { Hours } from './Hours';
import { Locations } from './Locations';
import { Services } from './Services';
import { StaffList } from './StaffList';

export default function BookingSetup() {
  const { t } = useTranslation('services');
  const navigate = useNavigate();
  const tab = useParams()['*'] || 'services';
  const may = { services: useCan('service:read'), staff: useCan('staff:read'), hours: useCan('business:read'), locations: useCan('location:read') };
  const tabs = (Object.keys(may) as (keyof typeof may)[]).filter((name) => may[name]);
  return (
    <PageBody>
      <PageHeader title={t('title')} text={t('text')} />
      <Tabs value={tabs.find((name) => name === tab) ?? tabs[0] ?? null} onChange={(name) => void navigate(`/services/${name}`)} keepMounted={false}>
        <Tabs.List mb="lg" style={{ flexWrap: 'nowrap', overflowX: 'auto' }}>
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="services"><Services /></Tabs.Panel>
        <Tabs.Panel value="staff"><StaffList /></Tabs.Panel>
        <Tabs.Panel value="hours"><Hours /></Tabs.Panel>
        <Tabs.Panel value="locations"><Locations /></Tabs.Panel>
      </Tabs>
    </PageBody>
  );
}
