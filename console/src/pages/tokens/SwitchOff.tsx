// No more accounts: nothing costs anything, what was written stays.
import { Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { ConfirmButton } from '../../ui';
import { useSettings } from './useSettings';

export function SwitchOff() {
  const { t } = useTranslation('tokens');
  const { save } = useSettings();
  return (
    <Group justify="flex-end">
      <ConfirmButton
        question={{ title: t('end.title'), text: t('end.text'), confirm: t('end.do') }}
        onConfirm={() => save({ enabled: false }, { enabled: true }, () => undefined)}
      >
        {t('end.do')}
      </ConfirmButton>
    </Group>
  );
}
