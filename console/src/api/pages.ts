// Lists that come in pages: the next one is asked for with the cursor of the last.
import { useInfiniteQuery, type QueryKey } from '@tanstack/react-query';
import { useMemo } from 'react';

export interface Page<T> {
  items: T[];
  next?: string | null;
}

/** `usePages(['contacts', filters], (cursor) => ask(api.GET('/contacts', { params: { query: { ...filters, cursor } } })))` */
export function usePages<T>(key: QueryKey, read: (cursor: string | undefined) => Promise<Page<T>>, enabled = true) {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    enabled,
  });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items), [query.data]);
  return { ...query, items };
}
