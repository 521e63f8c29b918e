// What is shown beside the list before a conversation is chosen.
import { Center } from '@mantine/core';
import { IconMessages } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { EmptyState } from '../../ui';
import classes from './inbox.module.css';

export function NothingOpen() {
  const { t } = useTranslation('inbox');
  return (
    <Center className={`${classes.pane} ${classes.thread}`}>
      <EmptyState icon={IconMessages} title={t('thread.choose')} text={t('thread.chooseText')} />
    </Center>
  );
}
