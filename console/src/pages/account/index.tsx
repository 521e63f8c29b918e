// Your account: name, language, password, second factor, passkeys, and where you are signed in.
import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { useCan } from '../../api/session';
import { PageBody, PageHeader } from '../../ui';
import { App } from './App';
import { OwnNumber } from './Number';
import { Passkeys } from './Passkeys';
import { Password } from './Password';
import { Profile } from './Profile';
import { Sessions } from './Sessions';

export default function Account() {
  const { t } = useTranslation('account');
  // A number serves nobody else.
  const decides = useCan('approval:answer');
  return (
    <PageBody width={760}>
      <PageHeader title={t('title')} text={t('text')} />
      <Stack gap="lg">
        <Profile />
        {decides && <OwnNumber />}
        <Password />
        <App />
        <Passkeys />
        <Sessions />
      </Stack>
    </PageBody>
  );
}
