// Your account: name, language, password, second factor, passkeys, and where you are signed in.
import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { PageBody, PageHeader } from '../../ui';
import { App } from './App';
import { Passkeys } from './Passkeys';
import { Password } from './Password';
import { Profile } from './Profile';
import { Sessions } from './Sessions';

export default function Account() {
  const { t } = useTranslation('account');
  return (
    <PageBody width={760}>
      <PageHeader title={t('title')} text={t('text')} />
      <Stack gap="lg">
        <Profile />
        <Password />
        <App />
        <Passkeys />
        <Sessions />
      </Stack>
    </PageBody>
  );
}
