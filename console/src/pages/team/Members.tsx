// The people who work here.
import { Badge, Button, Group, Menu, Select, Text } from '@mantine/core';
import { IconBrandWhatsapp, IconDots, IconLogout, IconMapPin, IconUserMinus, IconUsers } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { sendJson } from '../../api/client';
import { SESSION, useCan, useSession } from '../../api/session';
import { DataTable, EmptyState, Time, told, undoable, useConfirm, useFailure, type Column } from '../../ui';
import { MEMBERS, useMembers, useRoles, type Member } from './data';
import { NumberDialog } from './NumberDialog';
import { Places, PlacesDialog, usePlaces } from './Places';

export function Members() {
  const { t } = useTranslation('team');
  const { session } = useSession();
  const may = useCan('member:write');
  const members = useMembers();
  const queries = useQueryClient();
  const failure = useFailure();
  const sure = useConfirm();
  const again = () => void queries.invalidateQueries({ queryKey: MEMBERS });
  const places = usePlaces();
  const [placing, setPlacing] = useState<Member | null>(null);
  const [numbering, setNumbering] = useState<Member | null>(null);
  const roles = useRoles();
  const touches = (m: Member) => may && (roles.data?.roles.find((r) => r.name === m.role)?.may_give ?? false);
  const put = (id: string, change: { role?: string; locations?: string[] }) => sendJson<Member>('PATCH', `/members/${id}`, change).then(again);
  const change = useMutation({
    mutationFn: ({ member, role }: { member: Member; role: string }) => put(member.id, { role }),
    onSuccess: (_, { member, role }) =>
      undoable(t('members.changed', { name: member.name, role: t(`common:role.${role}`) }), () => put(member.id, { role: member.role })),
    onError: failure,
  });
  const place = useMutation({
    mutationFn: ({ member, ids }: { member: Member; ids: string[] }) => put(member.id, { locations: ids }),
    onSuccess: (_, { member }) => {
      setPlacing(null);
      undoable(t('places.changed', { name: member.name }), () => put(member.id, { locations: member.locations }));
    },
    onError: failure,
  });
  const remove = useMutation({
    mutationFn: (member: Member) => sendJson<void>('DELETE', `/members/${member.id}`),
    onSuccess: (_, member) => {
      if (member.id === session.person.id) return void queries.invalidateQueries({ queryKey: SESSION });
      again();
      told(t('members.removed', { name: member.name }));
    },
    onError: failure,
  });
  const ask = async (member: Member) => {
    const me = member.id === session.person.id;
    const key = me ? 'leave' : 'remove';
    const yes = await sure({ title: t(`members.${key}Title`, { name: member.name }), text: t(`members.${key}Text`), confirm: t(`members.${key}`) });
    if (yes) remove.mutate(member);
  };
  const columns: Column<Member>[] = [
    {
      key: 'name',
      title: t('members.name'),
      render: (m) => (
        <div>
          <Group gap="xs">
            <Text fw={500}>{m.name}</Text>
            {m.id === session.person.id && <Badge variant="light">{t('members.you')}</Badge>}
            {m.number && <Badge variant="light" color={m.number.confirmed ? 'pine' : 'yellow'}>{t(m.number.confirmed ? 'number.confirmed' : 'number.unconfirmed')}</Badge>}
            {!m.active && <Badge color="gray">{t('members.inactive')}</Badge>}
          </Group>
          <Text size="sm" c="dimmed">{m.email}</Text>
        </div>
      ),
    },
    { key: 'role', title: t('members.role'), width: 200, render: (m) => <RoleSelect member={m} may={may} onChange={(role) => change.mutate({ member: m, role })} /> },
    ...(places.length > 0 ? [{ key: 'places', title: t('places.label'), width: 180, render: (m: Member) => <Places ids={m.locations} /> }] : []),
    { key: 'seen', title: t('members.seen'), minor: true, width: 160, render: (m) => (m.last_seen_at ? <Time at={m.last_seen_at} as="relative" /> : <Text c="dimmed" size="sm">{t('members.never')}</Text>) },
    {
      key: 'menu',
      title: '',
      width: 60,
      align: 'right',
      render: (m) => {
        const me = m.id === session.person.id;
        if (!may && !me) return null;
        return (
          <Menu position="bottom-end">
            <Menu.Target>
              <Button size="compact-sm" variant="subtle" aria-label={t('members.more', { name: m.name })}><IconDots size={16} /></Button>
            </Menu.Target>
            <Menu.Dropdown>
              {may && places.length > 0 && m.role !== 'owner' && (
                <Menu.Item leftSection={<IconMapPin size={16} />} onClick={() => setPlacing(m)}>{t('places.change')}</Menu.Item>
              )}
              {touches(m) && !me && (
                <Menu.Item leftSection={<IconBrandWhatsapp size={16} />} onClick={() => setNumbering(m)}>{t('number.change')}</Menu.Item>
              )}
              <Menu.Item color="red" leftSection={me ? <IconLogout size={16} /> : <IconUserMinus size={16} />} onClick={() => void ask(m)}>
                {me ? t('members.leave') : t('members.remove')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        );
      },
    },
  ];
  return (
    <>
      <DataTable
        label={t('members.tab')}
        columns={columns}
        pages={members}
        rowKey={(m) => m.id}
        empty={<EmptyState icon={IconUsers} title={t('members.none')} text={t('members.noneText')} />}
      />
      {numbering && <NumberDialog member={numbering} onClose={() => setNumbering(null)} onDone={() => (setNumbering(null), again())} />}
      {placing && <PlacesDialog member={placing} saving={place.isPending} onClose={() => setPlacing(null)} onSave={(ids) => place.mutate({ member: placing, ids })} />}
    </>
  );
}

function RoleSelect({ member, may, onChange }: { member: Member; may: boolean; onChange: (role: string) => void }) {
  const { t } = useTranslation('team');
  const roles = useRoles();
  const given = (name: string) => roles.data?.roles.find((r) => r.name === name)?.may_give ?? false;
  // Who is more than I am is not mine to change.
  if (!may || !given(member.role)) return <Text size="sm">{t(`common:role.${member.role}`)}</Text>;
  const data = (roles.data?.roles ?? []).filter((r) => r.may_give).map((r) => ({ value: r.name, label: t(`common:role.${r.name}`) }));
  return (
    <Select
      size="sm"
      allowDeselect={false}
      aria-label={t('members.roleOf', { name: member.name })}
      data={data}
      value={member.role}
      onChange={(role) => role && role !== member.role && onChange(role)}
    />
  );
}
