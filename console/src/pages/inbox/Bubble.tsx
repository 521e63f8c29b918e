// One message: who, what, when, how far it came, and what the agent did for it.
import { ActionIcon, Button, Group, Tooltip } from '@mantine/core';
import { IconCornerUpLeft, IconReceipt, IconRefresh, IconRoute, IconTool, IconTrash } from '@tabler/icons-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';

import { Time } from '../../ui';
import classes from './bubble.module.css';
import type { Message, Pending, Quoted, ToolUse } from './model';
import { Parts } from './Parts';
import { Ticks } from './Ticks';

interface Acts {
  onQuote?: (message: Message) => void;
  onTrace?: (message: Message) => void;
  onRetry?: (message: Message) => void;
  onJump?: (message: string) => void;
}

export const Bubble = memo(function Bubble({ message, first, found, words, onQuote, onTrace, onRetry, onJump }: Acts & {
  message: Message;
  /** Of a run by the same author. */
  first: boolean;
  /** It is what the search led to. */
  found?: boolean;
  words?: string[];
}) {
  const { t } = useTranslation('inbox');
  const out = message.direction === 'out';
  const writer = message.author === 'staff' ? (message.author_name ?? t('author.staff')) : t(`author.${message.author}`);
  const failed = message.delivery === 'failed';
  return (
    <div
      className={classes.row}
      id={`m-${message.id}`}
      data-out={out || undefined}
      data-first={first || undefined}
      data-by={message.author}
      data-failed={failed || undefined}
      data-found={found || undefined}
    >
      {first && out && <span className={classes.author}>{writer}</span>}
      <div className={classes.hold}>
        <div className={classes.bubble}>
          {message.quotes && <Quote quote={message.quotes} onJump={onJump} />}
          <Parts parts={message.parts} found={words} />
        </div>
        <Group className={classes.tools} gap={0} wrap="nowrap">
          {onQuote && message.vendor_id && (
            <Tooltip label={t('message.quote')}>
              <ActionIcon size="sm" onClick={() => onQuote(message)} aria-label={t('message.quote')}>
                <IconCornerUpLeft size={16} />
              </ActionIcon>
            </Tooltip>
          )}
          {onTrace && (message.turn || !out) && (
            <Tooltip label={t('message.trace')}>
              <ActionIcon size="sm" onClick={() => onTrace(message)} aria-label={t('message.trace')}>
                <IconRoute size={16} />
              </ActionIcon>
            </Tooltip>
          )}
        </Group>
      </div>
      {message.tools && message.tools.length > 0 && <ToolChips tools={message.tools} onOpen={onTrace && (() => onTrace(message))} />}
      <span className={classes.foot}>
        <Time at={message.at} as="time" />
        {out && message.delivery && <Ticks delivery={message.delivery} failure={message.failure} />}
        {failed && <span>{message.failure ?? t('delivery.failed')}</span>}
        {message.can_retry && onRetry && (
          <Button size="compact-xs" variant="subtle" leftSection={<IconRefresh size={13} />} onClick={() => onRetry(message)}>
            {t('message.retry')}
          </Button>
        )}
      </span>
    </div>
  );
});

/** A message of ours that the server does not have yet. */
export function PendingBubble({ pending, onRetry, onDrop }: { pending: Pending; onRetry: () => void; onDrop: () => void }) {
  const { t } = useTranslation('inbox');
  return (
    <div className={classes.row} data-out data-first data-by="staff" data-pending={!pending.problem || undefined} data-failed={pending.problem ? true : undefined}>
      <div className={classes.hold}>
        <div className={classes.bubble}>
          {pending.quote && <Quote quote={pending.quote} />}
          <Parts parts={pending.parts} />
        </div>
      </div>
      <span className={classes.foot} role={pending.problem ? 'alert' : 'status'}>
        {pending.problem ?? t('delivery.sending')}
        {pending.problem && (
          <>
            <Button size="compact-xs" variant="subtle" leftSection={<IconRefresh size={13} />} onClick={onRetry}>
              {t('message.retry')}
            </Button>
            <Button size="compact-xs" variant="subtle" color="gray" leftSection={<IconTrash size={13} />} onClick={onDrop}>
              {t('message.drop')}
            </Button>
          </>
        )}
      </span>
    </div>
  );
}

function Quote({ quote, onJump }: { quote: Quoted; onJump?: (message: string) => void }) {
  const { t } = useTranslation('inbox');
  const words = (
    <>
      {quote.author && <b>{t(`author.${quote.author}`)}</b>}
      <span>{quote.text ?? t('message.quoteGone')}</span>
    </>
  );
  const { message } = quote;
  if (!onJump || !message) return <span className={classes.quote}>{words}</span>;
  return (
    <button type="button" className={classes.quote} style={{ border: 0, borderLeft: '3px solid', font: 'inherit', cursor: 'pointer' }} onClick={() => onJump(message)}>
      {words}
    </button>
  );
}

function ToolChips({ tools, onOpen }: { tools: ToolUse[]; onOpen?: () => void }) {
  const { t } = useTranslation('inbox');
  return (
    <div className={classes.chips}>
      {tools.map((tool, i) => {
        const kind = !tool.ok ? 'refused' : tool.receipt ? 'receipt' : 'tool';
        const label = tool.ok && tool.receipt ? t(`receipt.${tool.receipt}`, { defaultValue: tool.receipt }) : tool.name;
        const said = t(`tool.${kind}`, { name: tool.name });
        return (
          <Tooltip key={i} label={said}>
            <button type="button" className={classes.chip} data-kind={kind} onClick={onOpen} disabled={!onOpen} aria-label={`${label}. ${said}`}>
              {kind === 'receipt' ? <IconReceipt size={12} /> : <IconTool size={12} />}
              {label}
            </button>
          </Tooltip>
        );
      })}
    </div>
  );
}
