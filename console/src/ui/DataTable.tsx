// A list of rows with its loading, empty and error faces, and "load more" at the end; on a phone every row is a card.
import { Button, Center, Table, Text, UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import classes from './DataTable.module.css';
import { ErrorState, LoadingRows } from './states';

export interface Column<T> {
  key: string;
  title: string;
  render: (row: T) => ReactNode;
  width?: number | string;
  align?: 'left' | 'right' | 'center';
  /** Left out where there is little room. */
  minor?: boolean;
}

export interface Pages<T> {
  items: T[] | undefined;
  error: unknown;
  isPending: boolean;
  hasNextPage?: boolean;
  isFetchingNextPage?: boolean;
  fetchNextPage?: () => unknown;
  refetch?: () => unknown;
}

export function DataTable<T>({ columns, pages, rowKey, empty, onOpen, label }: {
  columns: Column<T>[];
  /** What `usePages` gives; a plain list is `{ items, error, isPending }`. */
  pages: Pages<T>;
  rowKey: (row: T) => string;
  empty: ReactNode;
  /** The first column opens the row. */
  onOpen?: (row: T) => void;
  /** For screen readers. */
  label: string;
}) {
  if (pages.isPending) return <LoadingRows />;
  if (pages.error && !pages.items) return <ErrorState error={pages.error} retry={() => pages.refetch?.()} />;
  const rows = pages.items ?? [];
  if (rows.length === 0) return <>{empty}</>;
  return (
    <>
      <div className={classes.frame}>
        <Table className={classes.table} highlightOnHover={!!onOpen} aria-label={label}>
          <Table.Thead>
            <Table.Tr>
              {columns.map((c) => (
                <Table.Th key={c.key} w={c.width} ta={c.align} data-minor={c.minor || undefined}>
                  {c.title}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={rowKey(row)} onClick={onOpen && (() => onOpen(row))} data-open={!!onOpen || undefined}>
                {columns.map((c, i) => (
                  <Table.Td key={c.key} ta={c.align} data-title={c.title} data-minor={c.minor || undefined}>
                    {i === 0 && onOpen ? (
                      <UnstyledButton className={classes.opener} onClick={(e) => (e.stopPropagation(), onOpen(row))}>
                        {c.render(row)}
                      </UnstyledButton>
                    ) : (
                      c.render(row)
                    )}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      <More pages={pages} />
    </>
  );
}

export function More({ pages }: { pages: Pages<unknown> }) {
  const { t } = useTranslation();
  if (!pages.hasNextPage) return null;
  return (
    <Center py="md">
      <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => pages.fetchNextPage?.()}>
        {t('list.more')}
      </Button>
      {pages.error ? <Text c="red" size="sm" ml="md">{t('error.title')}</Text> : null}
    </Center>
  );
}
