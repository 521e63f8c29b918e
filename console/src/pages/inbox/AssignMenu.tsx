// Who of the team looks after it.
import { ActionIcon, Menu, ScrollArea, Text, Tooltip } from '@mantine/core';
import { IconCheck, IconUserPlus, IconUserX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { useSession } from '../../api';
import { Face } from '../../ui';
import type { Act } from './acts';
import { useTeam } from './data';
import type { Conversation } from './model';

export function AssignMenu({ of, onAct }: { of: Conversation; onAct: (act: Act) => void }) {
  const { t } = useTranslation('inbox');
  const { person } = useSession().session;
  const team = useTeam();
  const label = of.assignee ? t('assign.to', { name: of.assignee.name ?? of.assignee.id }) : t('assign.nobody');
  const others = (team.data ?? []).filter((m) => m.id !== person.id);
  return (
    <Menu position="bottom-end" width={250}>
      <Menu.Target>
        <Tooltip label={label}>
          <ActionIcon size="lg" aria-label={label}>
            {of.assignee ? <Face size={26} name={of.assignee.name ?? ''} color="blue" /> : <IconUserPlus size={19} />}
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('assign.title')}</Menu.Label>
        <Menu.Item
          onClick={() => onAct({ do: 'assign', person: { id: person.id, name: person.name || person.email } })}
          leftSection={<Face size={22} name={person.name || person.email} color="pine" />}
          rightSection={of.assignee?.id === person.id ? <IconCheck size={15} /> : null}
        >
          {t('assign.me')}
        </Menu.Item>
        <ScrollArea.Autosize mah={260}>
          {others.map((m) => (
            <Menu.Item
              key={m.id}
              onClick={() => onAct({ do: 'assign', person: m })}
              leftSection={<Face size={22} name={m.name ?? ''} color="blue" />}
              rightSection={of.assignee?.id === m.id ? <IconCheck size={15} /> : null}
            >
              <Text size="sm" truncate>{m.name ?? m.id}</Text>
            </Menu.Item>
          ))}
        </ScrollArea.Autosize>
        {of.assignee && (
          <Menu.Item leftSection={<IconUserX size={18} />} onClick={() => onAct({ do: 'assign', person: null })}>
            {t('assign.none')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
