// How much goes back, and why: the person who may do this is the approval.
import { Alert, Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { told, useFormat, useProblemText } from '../../ui';
import { AmountInput } from './AmountInput';
import { useRefund, type WholePayment } from './data';

export function GiveBack({ of, onClose }: { of: WholePayment; onClose: () => void }) {
  const { t } = useTranslation(['payments', 'common']);
  const format = useFormat();
  const words = useProblemText();
  const refund = useRefund(of.id);
  const [minor, setMinor] = useState<number | null>(of.refundable_minor);
  const [reason, setReason] = useState('');
  // Of this window: pressing twice is one refund, and so is trying again after a lost answer. Other words are another one.
  const [key, setKey] = useState(() => crypto.randomUUID());
  const most = of.refundable_minor;
  const amount = (value: number) => format.money(value, of.amount.currency);
  const wrong = minor !== null && (minor <= 0 || minor > most);
  const ready = minor !== null && !wrong && reason.trim() !== '';
  const give = () => {
    if (!ready || refund.isPending) return;
    refund.mutate({ minor, reason: reason.trim(), key }, { onSuccess: () => (told(t('refund.done', { amount: amount(minor) })), onClose()) });
  };
  return (
    <Modal opened onClose={onClose} title={t('refund.title')} centered closeButtonProps={{ 'aria-label': t('common:close') }}>
      <form onSubmit={(e) => (e.preventDefault(), give())}>
        <Stack>
          <Text size="sm">{t(of.mock ? 'refund.mock' : 'refund.text')}</Text>
          <AmountInput
            label={t('amount')}
            description={t('refund.most', { amount: amount(most) })}
            currency={of.amount.currency}
            error={wrong ? t('refund.wrong', { amount: amount(most) }) : undefined}
            value={minor}
            onChange={(next) => (setMinor(next), setKey(crypto.randomUUID()))}
          />
          <Textarea
            data-autofocus
            label={t('refund.reason')}
            description={t('refund.reasonText')}
            required
            maxLength={300}
            autosize
            minRows={2}
            value={reason}
            onChange={(e) => (setReason(e.currentTarget.value), setKey(crypto.randomUUID()))}
          />
          {refund.error && <Alert color="red" role="alert">{words(refund.error)}</Alert>}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
            <Button type="submit" color="red" loading={refund.isPending} disabled={!ready}>{minor === null || wrong ? t('refund.open') : t('refund.do', { amount: amount(minor) })}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
