// Who asks, which rule asked for it, how long it waits, what its success proves.
import { Anchor, Box, SimpleGrid, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { Time } from '../../ui';
import type { Action } from '../policies/data';
import { RuleName } from '../policies/RuleName';
import type { Approval } from './data';

export function Facts({ of, action }: { of: Approval; action: Action | undefined }) {
  const { t } = useTranslation('approvals');
  const waits = of.state === 'pending';
  const facts: [string, ReactNode][] = [
    [t('fact.contact'), <Anchor key="c" component={Link} to={`/contacts/${of.contact}`} inherit>{of.contact_name ?? t('somebody')}</Anchor>],
    [t('fact.for'), of.requested_by ? (of.requested_by.name ?? of.requested_by.id) : t('fact.itself')],
    [t('fact.rule'), <RuleName key="r" of={of.rule} />],
    [t('fact.asked'), <Time key="a" at={of.created_at} />],
    ...(waits ? [[t('fact.ends'), <Box key="e" component="span"><Time at={of.expires_at} /> (<Time at={of.expires_at} as="relative" />)</Box>] as [string, ReactNode]] : []),
    ...(waits && of.escalate_at ? [[t('fact.escalates'), <Time key="s" at={of.escalate_at} />] as [string, ReactNode]] : []),
    ...(action?.proves ? [[t('fact.proves'), t(`receipt.${action.proves}`, { defaultValue: action.proves })] as [string, ReactNode]] : []),
    ...(of.edited_by ? [[t('fact.edited'), of.edited_by.name ?? of.edited_by.id] as [string, ReactNode]] : []),
  ];
  return (
    <SimpleGrid cols={{ base: 2, xs: 3 }} spacing="sm" component="dl" m={0}>
      {facts.map(([label, value]) => (
        <Box key={label}>
          <Text size="xs" c="dimmed" component="dt">{label}</Text>
          <Text size="sm" fw={550} component="dd" m={0} style={{ overflowWrap: 'anywhere' }}>{value}</Text>
        </Box>
      ))}
    </SimpleGrid>
  );
}
