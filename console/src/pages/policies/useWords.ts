// A rule in words: what it is about and when it holds.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { api, ask, useCan } from '../../api';
import { useFormat } from '../../ui';
import { useActions, type Condition, type Rule } from './data';
import { meant } from './rules';

/** Branches and channels, by name. */
export function usePlaces() {
  const mayLocations = useCan('location:read');
  const mayChannels = useCan('channel:read');
  const locations = useQuery({ queryKey: ['locations'], queryFn: async () => (await ask(api.GET('/locations'))).items, enabled: mayLocations });
  // Another page keeps the whole answer under `channels`.
  const channels = useQuery({ queryKey: ['channels', 'names'], queryFn: async () => (await ask(api.GET('/channels'))).items, enabled: mayChannels, staleTime: 60_000 });
  return { locations: locations.data ?? [], channels: channels.data ?? [] };
}

export function useWords() {
  const { t } = useTranslation('policies');
  const format = useFormat();
  const actions = useActions().data?.items;
  const { locations, channels } = usePlaces();

  const about = (pattern: string): string => {
    const of = meant(pattern);
    if (of.kind === 'all') return t('about.all');
    if (of.kind === 'category') return t('about.category', { category: t(`category.${of.category}`, { defaultValue: of.category }) });
    if (of.kind === 'beginning') return t('about.beginning', { beginning: of.beginning });
    return actions?.find((a) => a.name === of.name)?.title ?? of.name;
  };
  const condition = (one: Condition): string => {
    if (one.kind === 'amount_over') return t('when.amount_over', { amount: format.money(one.minor) });
    if (one.kind === 'count_over') return t('when.count_over', { n: format.number(one.count) });
    return t(`when.${one.kind}`);
  };
  /** Everything that must be so for the rule to hold. */
  const limits = (rule: Rule): string[] => [
    ...(rule.role ? [t('limit.role', { role: t(`common:role.${rule.role}`) })] : []),
    ...(rule.location ? [t('limit.location', { name: locations.find((l) => l.id === rule.location)?.name ?? '…' })] : []),
    ...(rule.channel ? [t('limit.channel', { name: channels.find((c) => c.id === rule.channel)?.name ?? '…' })] : []),
    ...(rule.when ?? []).map(condition),
  ];
  return { about, limits };
}
