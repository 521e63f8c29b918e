// "Done. Undo?" for what can be taken back.
import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import i18next from 'i18next';

import { newKey } from '../api/client';

/** Says that something was done and offers to take it back. */
export function undoable(message: string, undo: () => unknown): void {
  const id = newKey();
  const back = async () => {
    notifications.hide(id);
    try {
      await undo();
    } catch {
      notifications.show({ color: 'red', message: i18next.t('undo.failed') });
    }
  };
  notifications.show({
    id,
    autoClose: 8000,
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{message}</Text>
        <Button size="compact-sm" variant="light" onClick={() => void back()}>
          {i18next.t('undo.undo')}
        </Button>
      </Group>
    ),
  });
}

/** Says that something was done. */
export function told(message: string): void {
  notifications.show({ message, autoClose: 4000 });
}
