// The four roles and what each may do, side by side.
import { Table, Text, Tooltip, VisuallyHidden } from '@mantine/core';
import { IconCheck, IconMinus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { useBusiness } from '../../api/session';
import { ErrorState, LoadingRows, PageBody, PageHeader } from '../../ui';
import { useRoles } from '../team/data';

export default function RolesPage() {
  const { t } = useTranslation('roles');
  const mine = useBusiness().role;
  const roles = useRoles();
  return (
    <PageBody>
      <PageHeader title={t('title')} text={t('text')} />
      {roles.isPending && <LoadingRows rows={10} />}
      {roles.error && <ErrorState error={roles.error} retry={() => void roles.refetch()} />}
      {roles.data && (
        <Table.ScrollContainer minWidth={560} type="native" tabIndex={0} role="region" aria-label={t('title')} pos="relative">
          <Table stickyHeader aria-label={t('title')}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('permission')}</Table.Th>
                {roles.data.roles.map((r) => (
                  <Table.Th key={r.name} ta="center" aria-current={r.name === mine || undefined}>
                    {t(`common:role.${r.name}`)}
                    {r.name === mine && <Text size="xs" c="dimmed">{t('yours')}</Text>}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {roles.data.permissions.map((p) => (
                <Table.Tr key={p.name}>
                  <Table.Th scope="row" fw={400}>
                    <Text size="sm">{t(`may.${p.name.replace(':', '.')}`, { defaultValue: p.about })}</Text>
                    <Text size="xs" c="dimmed" ff="monospace">{p.name}</Text>
                  </Table.Th>
                  {roles.data.roles.map((r) => (
                    <Table.Td key={r.name} ta="center">
                      <Mark has={r.permissions.includes(p.name)} />
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </PageBody>
  );
}

function Mark({ has }: { has: boolean }) {
  const { t } = useTranslation('common');
  const word = has ? t('yes') : t('no');
  return (
    <Tooltip label={word}>
      <span>
        {has ? <IconCheck size={18} color="var(--mantine-color-green-6)" aria-hidden /> : <IconMinus size={18} opacity={0.4} aria-hidden />}
        <VisuallyHidden>{word}</VisuallyHidden>
      </span>
    </Tooltip>
  );
}
