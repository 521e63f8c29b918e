// Putting tokens in, or taking them out again with a reason.
import { Button, Group, Modal, NumberInput, SegmentedControl, Stack, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask, keyring } from '../../api';
import { told, useFailure, useFormat } from '../../ui';
import { useOffer } from './Buy';

export function TopUp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation(['tokens', 'common']);
  const format = useFormat();
  const queries = useQueryClient();
  const failed = useFailure();
  // Where credit is sold, the business buys it; it may still take some out.
  const sold = useOffer().data?.available === true;
  const [wanted, setWay] = useState<'in' | 'out'>('in');
  const way = sold ? 'out' : wanted;
  const [tokens, setTokens] = useState<number | ''>('');
  const [note, setNote] = useState('');
  // Of this opening of the window: a second press after a lost answer is the same credit.
  const [keyFor, setKeyring] = useState(keyring);
  const close = () => {
    setKeyring(() => keyring());
    setWay('in');
    setTokens('');
    setNote('');
    onClose();
  };
  const put = useMutation({
    mutationFn: (body: { tokens: number; note: string | null }) => ask(api.POST('/tokens/top-ups', { headers: { 'Idempotency-Key': keyFor(body) }, body })),
    onSuccess: (after) => {
      void queries.invalidateQueries({ queryKey: ['tokens'] });
      told(t('topUp.done', { n: format.number(after.available) }));
      close();
    },
    onError: failed,
  });
  const ready = tokens !== '' && tokens > 0 && (way === 'in' || note.trim() !== '');
  return (
    <Modal opened={opened} onClose={close} title={t('topUp.title')} centered>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          if (ready) put.mutate({ tokens: way === 'in' ? tokens : -tokens, note: note.trim() || null });
        }}
      >
        <Stack>
          {!sold && <SegmentedControl aria-label={t('topUp.way')} value={way} onChange={(v) => setWay(v as 'in' | 'out')} data={[{ value: 'in', label: t('topUp.in') }, { value: 'out', label: t('topUp.out') }]} />}
          <NumberInput data-autofocus label={t('topUp.tokens')} min={1} max={1_000_000_000} allowDecimal={false} required value={tokens} onChange={(v) => setTokens(v === '' ? '' : Number(v))} />
          <Textarea label={t('topUp.note')} description={t(way === 'in' ? 'topUp.noteText' : 'topUp.why')} required={way === 'out'} maxLength={500} autosize minRows={2} value={note} onChange={(e) => setNote(e.currentTarget.value)} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>{t('common:cancel')}</Button>
            <Button type="submit" disabled={!ready} loading={put.isPending}>{t(way === 'in' ? 'topUp.put' : 'topUp.take')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
