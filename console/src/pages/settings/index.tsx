// What the business tells about itself, its limits and its own model keys.
import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { PageBody, PageHeader } from '../../ui';
import { BusinessForm } from './BusinessForm';
import { Limits } from './Limits';
import { ModelKeys } from './ModelKeys';

export default function SettingsPage() {
  const { t } = useTranslation('settings');
  return (
    <PageBody width={860}>
      <PageHeader title={t('title')} text={t('text')} />
      <Stack gap="lg">
        <BusinessForm />
        <ModelKeys />
        <Limits />
      </Stack>
    </PageBody>
  );
}
