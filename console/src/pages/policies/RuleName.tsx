// What decided, in words: a rule by its place in the list, or what decides where none does.
import { Anchor, Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { LEVEL_COLOURS, useRules, type Level } from './data';

const KNOWN = ['default', 'floor', 'raised', 'answered', 'permission', 'arguments', 'unknown', 'foreign', 'stale'];

export function RuleName({ of }: { of: string }) {
  const { t } = useTranslation('policies');
  const rules = useRules().data?.value.items;
  if (KNOWN.includes(of)) return <>{t(`by.${of}`)}</>;
  const at = rules?.findIndex((rule) => rule.id === of) ?? -1;
  if (at < 0) return <>{rules ? t('by.gone') : '…'}</>;
  const note = rules?.[at]?.note;
  return <Anchor component={Link} to="/policies" inherit>{t('by.rule', { n: at + 1 })}{note ? `: ${note}` : ''}</Anchor>;
}

export function LevelBadge({ of }: { of: Level }) {
  const { t } = useTranslation('policies');
  return <Badge color={LEVEL_COLOURS[of]} style={{ flex: 'none' }}>{t(`level.${of}`)}</Badge>;
}
