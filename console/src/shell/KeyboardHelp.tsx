// All keys that work right now.
import { Group, Kbd, Modal, Stack, Text, Title } from '@mantine/core';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';

import { useShortcutGroups } from '../ui/shortcuts';

export function KeyboardHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const groups = useShortcutGroups();
  return (
    <Modal opened={opened} onClose={onClose} title={t('keys.title')} closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack gap="lg">
        {groups.filter((g) => g.shortcuts.length > 0).map((group) => (
          <section key={group.title}>
            <Title order={3} size="h4" mb={6}>{group.title}</Title>
            {group.shortcuts.map((s) => (
              <Group key={s.keys} justify="space-between" py={4}>
                <Text size="sm">{s.label}</Text>
                <Keys keys={s.keys} />
              </Group>
            ))}
          </section>
        ))}
      </Stack>
    </Modal>
  );
}

const mac = /mac|iphone|ipad/i.test(navigator.userAgent);

export function Keys({ keys }: { keys: string }) {
  const { t } = useTranslation();
  const words: Record<string, string> = { mod: mac ? '⌘' : 'Ctrl', enter: '↵', escape: 'Esc', down: '↓', up: '↑', alt: 'Alt' };
  return (
    <Group gap={4}>
      {keys.split(' ').map((one, i) => (
        <Fragment key={i}>
          {i > 0 && <Text size="xs" c="dimmed">{t('keys.then')}</Text>}
          {one.split('+').map((key) => (
            <Kbd key={key} size="xs">{words[key] ?? key.toUpperCase()}</Kbd>
          ))}
        </Fragment>
      ))}
    </Group>
  );
}
