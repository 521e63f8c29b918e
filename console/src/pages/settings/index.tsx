// What the business tells about itself, its limits and its own model keys.
import { Button, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { PageBody, PageHeader } from '../../ui';
import { Approvals } from './Approvals';
import { BusinessForm } from './BusinessForm';
import { Limits } from './Limits';
import { ModelKeys } from './ModelKeys';
import { Section } from './Section';

export default function SettingsPage() {
  const { t } = useTranslation('settings');
  return (
    <PageBody width={860}>
      <PageHeader title={t('title')} text={t('text')} />
      <Stack gap="lg">
        <BusinessForm />
        <ModelKeys />
        <Section id="payments" title={t('payments.title')} text={t('payments.text')}>
          <Button component={Link} to="/settings/payments" variant="default">{t('payments.open')}</Button>
        </Section>
        <Approvals />
        <Limits />
      </Stack>
    </PageBody>
  );
}
