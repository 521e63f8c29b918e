// How far a message of ours came.
import { Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconChecks, IconClock, IconHelpCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import type { Delivery } from './model';

export function Ticks({ delivery, failure }: { delivery: Delivery; failure?: string | null }) {
  const { t } = useTranslation('inbox');
  const label = failure && delivery === 'failed' ? t('delivery.because', { why: failure }) : t(`delivery.${delivery}`);
  return (
    <Tooltip label={label} multiline maw={300}>
      <span role="img" aria-label={label} style={{ display: 'inline-flex' }}>
        {mark(delivery)}
      </span>
    </Tooltip>
  );
}

function mark(delivery: Delivery) {
  switch (delivery) {
    case 'queued':
    case 'sending':
      return <IconClock size={14} />;
    case 'unknown':
      return <IconHelpCircle size={14} />;
    case 'sent':
      return <IconCheck size={15} />;
    case 'delivered':
      return <IconChecks size={15} />;
    case 'read':
    case 'played':
      return <IconChecks size={15} color="var(--mantine-color-blue-text)" />;
    case 'failed':
      return <IconAlertTriangle size={15} color="var(--mantine-color-error)" />;
  }
}
