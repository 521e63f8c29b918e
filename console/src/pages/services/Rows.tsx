// A list in the owner's order: opened, moved up and down, added to.
import { ActionIcon, Badge, Box, Button, Card, Group, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, type Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { EmptyState, ErrorState, LoadingRows } from '../../ui';

interface Row {
  id: string;
  name: string;
  active: boolean;
}

export function Rows<T extends Row>({ list, mayChange, icon, empty, add, about, onOpen, onAdd, onOrder }: {
  list: { data: T[] | undefined; error: unknown; isPending: boolean; refetch: () => unknown };
  mayChange: boolean;
  icon: Icon;
  empty: { title: string; text: string };
  add: string;
  about: (row: T) => ReactNode;
  onOpen: (row: T) => void;
  onAdd: () => void;
  onOrder: (ids: string[]) => void;
}) {
  const { t } = useTranslation('services');
  if (list.isPending) return <LoadingRows />;
  if (list.error && !list.data) return <ErrorState error={list.error} retry={() => list.refetch()} />;
  const rows = list.data ?? [];
  const button = mayChange && (
    <Button leftSection={<IconPlus size={16} />} onClick={onAdd}>
      {add}
    </Button>
  );
  if (rows.length === 0) return <EmptyState icon={icon} title={empty.title} text={empty.text} action={button} />;
  const swap = (from: number, to: number) => {
    const ids = rows.map((r) => r.id);
    [ids[from], ids[to]] = [ids[to]!, ids[from]!];
    onOrder(ids);
  };
  return (
    <Stack gap="xs">
      <Group justify="end">{button}</Group>
      {rows.map((row, i) => (
        <Card key={row.id} padding="sm">
          <Group wrap="nowrap" gap="sm">
            <UnstyledButton flex={1} miw={0} onClick={() => onOpen(row)} disabled={!mayChange}>
              <Group gap="xs">
                <Text fw={600} truncate>{row.name}</Text>
                {!row.active && <Badge color="gray">{t('off')}</Badge>}
              </Group>
              <Box fz="sm" c="dimmed">{about(row)}</Box>
            </UnstyledButton>
            {mayChange && rows.length > 1 && (
              <Group gap={2} wrap="nowrap">
                <ActionIcon aria-label={t('up', { name: row.name })} disabled={i === 0} onClick={() => swap(i, i - 1)}>
                  <IconArrowUp size={16} />
                </ActionIcon>
                <ActionIcon aria-label={t('down', { name: row.name })} disabled={i === rows.length - 1} onClick={() => swap(i, i + 1)}>
                  <IconArrowDown size={16} />
                </ActionIcon>
              </Group>
            )}
          </Group>
        </Card>
      ))}
    </Stack>
  );
}
