// Which business this window is about.
import { Button, Menu, ScrollArea, Text, TextInput } from '@mantine/core';
import { IconBuildingStore, IconCheck, IconSearch, IconSelector } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useSession } from '../api/session';

export function BusinessSwitcher() {
  const { t } = useTranslation();
  const { session, business, choose } = useSession();
  const [wanted, setWanted] = useState('');
  const label = business?.name ?? t('business.none');
  if (session.tenants.length < 2) {
    return (
      <Text fw={600} size="sm" truncate maw={{ base: 170, sm: 260 }}>
        {label}
      </Text>
    );
  }
  const found = session.tenants.filter((b) => b.name.toLowerCase().includes(wanted.trim().toLowerCase()));
  return (
    <Menu width={280} position="bottom-start" onClose={() => setWanted('')}>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-md"
          maw={{ base: 190, sm: 280 }}
          leftSection={<IconBuildingStore size={17} aria-hidden />}
          rightSection={<IconSelector size={15} aria-hidden />}
          aria-label={t('business.switch', { name: label })}
        >
          <Text span fw={600} size="sm" truncate>
            {label}
          </Text>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {session.tenants.length > 7 && (
          <TextInput
            m={4}
            size="xs"
            value={wanted}
            onChange={(e) => setWanted(e.currentTarget.value)}
            placeholder={t('business.find')}
            aria-label={t('business.find')}
            leftSection={<IconSearch size={14} />}
          />
        )}
        <ScrollArea.Autosize mah={340}>
          {found.map((b) => (
            <Menu.Item key={b.id} onClick={() => choose(b.id)} rightSection={b.id === business?.id ? <IconCheck size={16} aria-label={t('business.current')} /> : null}>
              <Text size="sm" truncate>{b.name}</Text>
              <Text size="xs" c="dimmed">{t(`role.${b.role}`, { defaultValue: b.role })}</Text>
            </Menu.Item>
          ))}
          {found.length === 0 && <Text p="sm" size="sm" c="dimmed">{t('list.nothing')}</Text>}
        </ScrollArea.Autosize>
      </Menu.Dropdown>
    </Menu>
  );
}
