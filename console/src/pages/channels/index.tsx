// Where customers reach the business: one card for each channel, red or green, and how to connect another.
import { Button, Menu, SimpleGrid } from '@mantine/core';
import { IconBrandWhatsapp, IconCode, IconMessageCircle, IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask, useCan, type components } from '../../api';
import { EmptyState, ErrorState, LoadingRows, PageBody, PageHeader } from '../../ui';
import { ChannelCard } from './ChannelCard';
import { ConnectDialog } from './ConnectDialog';
import { WhatsAppGuide } from './WhatsAppGuide';

export type Channel = components['schemas']['ChannelView'];
export type Kind = components['schemas']['Kind'];

export const ICONS: Record<string, typeof IconCode> = { whatsapp: IconBrandWhatsapp, webchat: IconMessageCircle, api: IconCode };

export default function ChannelsPage() {
  const { t } = useTranslation('channels');
  const mayWrite = useCan('channel:write');
  const channels = useQuery({ queryKey: ['channels'], queryFn: () => ask(api.GET('/channels')) });
  const kinds = useQuery({ queryKey: ['channels', 'kinds'], queryFn: () => ask(api.GET('/channels/kinds')), staleTime: Infinity });
  /** What is being connected or changed. */
  const [open, setOpen] = useState<{ kind: Kind; channel?: Channel } | null>(null);
  const items = channels.data?.items ?? [];
  const kindOf = (key: string) => kinds.data?.items.find((k) => k.key === key);
  const begin = (key: string, channel?: Channel) => {
    const kind = kindOf(key);
    if (kind) setOpen({ kind, channel });
  };
  const add = mayWrite && (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button leftSection={<IconPlus size={16} />}>{t('connect')}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {kinds.data?.items.map((kind) => {
          const Icon = ICONS[kind.key] ?? IconPlugConnected;
          return (
            <Menu.Item key={kind.key} leftSection={<Icon size={16} />} onClick={() => begin(kind.key)}>
              {kind.name}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
  return (
    <PageBody>
      <PageHeader title={t('title')} text={t('text')} actions={add} />
      {channels.isPending && <LoadingRows rows={3} height={140} />}
      {channels.error && !channels.data && <ErrorState error={channels.error} retry={() => void channels.refetch()} />}
      {channels.data && items.length === 0 && (
        <EmptyState icon={IconPlugConnected} title={t('empty.title')} text={t('empty.text')} action={add} />
      )}
      <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }}>
        {items.map((channel) => (
          <ChannelCard key={channel.id} channel={channel} onEdit={() => begin(channel.kind, channel)} />
        ))}
      </SimpleGrid>
      {open?.kind.key === 'whatsapp' ? (
        <WhatsAppGuide kind={open.kind} channel={open.channel} onClose={() => setOpen(null)} />
      ) : (
        open && <ConnectDialog kind={open.kind} channel={open.channel} onClose={() => setOpen(null)} />
      )}
    </PageBody>
  );
}
