// What was decided, by whom, and what came of it.
import { Alert, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { Time } from '../../ui';
import { COLOURS, type Approval } from './data';

export function Outcome({ of }: { of: Approval }) {
  const { t } = useTranslation('approvals');
  const by = of.decided_by?.name ?? of.decided_by?.id;
  return (
    <Alert color={COLOURS[of.state]} title={t(`outcome.${of.state}`)} role="status">
      <Text size="sm" component="div">
        {by && t('outcome.by', { name: by })} {of.decided_at && <Time at={of.decided_at} />}
      </Text>
      {of.note && <Text size="sm" mt={6} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }} dir="auto">«{of.note}»</Text>}
      {of.result && (
        <Text size="sm" mt={6} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }} dir="auto">
          {t(of.result.ok ? 'outcome.told' : 'outcome.failedTold')} {of.result.content}
        </Text>
      )}
    </Alert>
  );
}
