// Buying credit from whoever runs the server: a package or a number, and the page where it is paid.
import { Alert, Badge, Button, Group, Modal, NumberInput, Radio, Stack, Text } from '@mantine/core';
import { IconCreditCard } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask, type components } from '../../api';
import { Money, Time, useFormat, useProblemText } from '../../ui';

type Offer = components['schemas']['TokenOffer'];
type Order = components['schemas']['TokenOrder'];
const COLOURS: Record<Order['state'], string> = { open: 'blue', paid: 'green', expired: 'gray', failed: 'red', refunding: 'gray', refunded: 'gray' };

export function useOffer() {
  return useQuery({ queryKey: ['tokens', 'offer'], queryFn: () => ask(api.GET('/tokens/checkout')) });
}

/** Nothing where nobody sells any. */
export function BuyButton() {
  const { t } = useTranslation('tokens');
  const [open, setOpen] = useState(false);
  const offer = useOffer();
  if (!offer.data?.available) return null;
  return (
    <>
      <Button leftSection={<IconCreditCard size={18} />} onClick={() => setOpen(true)}>{t('buy.open')}</Button>
      {open && <Buy offer={offer.data} onClose={() => setOpen(false)} />}
    </>
  );
}

function Buy({ offer, onClose }: { offer: Offer; onClose: () => void }) {
  const { t } = useTranslation(['tokens', 'common']);
  const format = useFormat();
  const words = useProblemText();
  const queries = useQueryClient();
  const any = offer.per_thousand ?? null;
  const [chosen, setChosen] = useState(offer.packages[0] ? String(offer.packages[0].tokens) : 'any');
  const [number, setNumber] = useState<number | ''>('');
  const tokens = chosen === 'any' ? number : Number(chosen);
  // Of this window and this number: a second press after a lost answer is the same order.
  const [once] = useState(() => crypto.randomUUID());
  const buy = useMutation({
    mutationFn: (wanted: number) => ask(api.POST('/tokens/checkout', { headers: { 'Idempotency-Key': `${once}-${wanted}` }, body: { tokens: wanted } })),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['tokens', 'offer'] }),
  });
  const page = buy.data?.url;
  return (
    <Modal opened onClose={onClose} title={t('buy.title')} centered>
      <form onSubmit={(e) => (e.preventDefault(), tokens !== '' && tokens > 0 && buy.mutate(tokens))}>
        <Stack>
          {buy.data && page ? (
            <Alert color="blue" title={t('buy.ready')}>
              <Text size="sm" mb="sm">{t('buy.readyText', { tokens: format.number(buy.data.tokens), price: format.money(buy.data.price.minor, buy.data.price.currency) })}</Text>
              <Button component="a" href={page} target="_blank" rel="noopener noreferrer" data-autofocus>{t('buy.pay')}</Button>
            </Alert>
          ) : (
            <>
              <Text size="sm">{t('buy.text')}</Text>
              <Radio.Group label={t('buy.how')} value={chosen} onChange={setChosen}>
                <Stack gap="xs" mt="xs">
                  {offer.packages.map((p) => (
                    <Radio key={p.tokens} value={String(p.tokens)} label={t('buy.package', { tokens: format.number(p.tokens), price: format.money(p.price.minor, p.price.currency) })} />
                  ))}
                  {any && <Radio value="any" label={t('buy.any', { price: format.money(any.minor, any.currency) })} />}
                </Stack>
              </Radio.Group>
              {any && chosen === 'any' && (
                <NumberInput label={t('buy.number')} min={1} max={1_000_000_000} allowDecimal={false} required value={number} onChange={(v) => setNumber(v === '' ? '' : Number(v))} />
              )}
              {buy.error && <Alert color="red" role="alert">{words(buy.error)}</Alert>}
              <Group justify="flex-end">
                <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
                <Button type="submit" loading={buy.isPending} disabled={tokens === '' || tokens <= 0}>{t('buy.do')}</Button>
              </Group>
            </>
          )}
          {offer.orders.length > 0 && <Orders of={offer.orders} />}
        </Stack>
      </form>
    </Modal>
  );
}

function Orders({ of }: { of: Order[] }) {
  const { t } = useTranslation('tokens');
  const format = useFormat();
  return (
    <section aria-label={t('buy.orders')}>
      <Text size="sm" fw={620} mb="xs">{t('buy.orders')}</Text>
      <Stack gap="xs">
        {of.map((o) => (
          <Group key={o.id} justify="space-between" gap="xs">
            <Text size="sm" component="div">{format.number(o.tokens)} · <Money minor={o.price.minor} currency={o.price.currency} /> · <Time at={o.created_at} as="short" /></Text>
            <Group gap="xs">
              {o.url && <Button component="a" href={o.url} target="_blank" rel="noopener noreferrer" size="compact-xs" variant="light">{t('buy.pay')}</Button>}
              <Badge color={COLOURS[o.state]}>{t(`buy.state.${o.state}`)}</Badge>
            </Group>
            {o.problem && <Text size="xs" c="red" w="100%">{o.problem}</Text>}
          </Group>
        ))}
      </Stack>
    </section>
  );
}
