// What the team tells itself, between the messages.
import { ActionIcon, Group, Text, Tooltip } from '@mantine/core';
import { IconNote, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { Time } from '../../ui';
import classes from './bubble.module.css';
import type { Note } from './model';
import { Words } from '../../ui/words';

export function NoteCard({ note, onDelete }: { note: Note; onDelete?: () => void }) {
  const { t } = useTranslation('inbox');
  return (
    <div className={classes.note} role="note" id={`m-${note.id}`}>
      <Group justify="space-between" wrap="nowrap" gap="xs" mb={2}>
        <Group gap={6} wrap="nowrap">
          <IconNote size={15} aria-hidden />
          <Text size="xs" fw={600}>{note.author_name ? t('note.by', { name: note.author_name }) : t('note.title')}</Text>
        </Group>
        <Group gap={4} wrap="nowrap">
          <Text size="xs"><Time at={note.created_at} as="time" /></Text>
          {onDelete && (
            <Tooltip label={t('note.delete')}>
              <ActionIcon size="sm" color="yellow" onClick={onDelete} aria-label={t('note.delete')}>
                <IconTrash size={14} />
              </ActionIcon>
            </Tooltip>
          )}
        </Group>
      </Group>
      <div className={classes.text} dir="auto">
        <Words text={note.text} />
      </div>
    </div>
  );
}
