// One request word for word: what would be done, why it is asked, and the buttons.
import { Alert, Anchor, Button, Card, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconArrowLeft, IconInfoCircle, IconMessageCircle } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { ApiProblem, useCan, useSession } from '../../api';
import { ErrorState, LoadingRows, told, useProblemText, useShortcuts } from '../../ui';
import { useActions } from '../policies/data';
import { Answer } from './Answer';
import classes from './approvals.module.css';
import { ArgumentsView } from './ArgumentsView';
import { isArguments } from './arguments';
import { useApproval, useSay, type Approval, type Word } from './data';
import { Edit } from './Edit';
import { Facts } from './Facts';
import { StateBadge } from './List';
import { Outcome } from './Outcome';
import { Say } from './Say';

export function Request({ id, onBack }: { id: string; onBack?: () => void }) {
  const { t } = useTranslation('approvals');
  const found = useApproval(id);
  return (
    <Stack>
      {onBack && <Button variant="subtle" leftSection={<IconArrowLeft size={16} />} onClick={onBack} style={{ alignSelf: 'flex-start' }}>{t('back')}</Button>}
      {found.isPending ? <LoadingRows rows={5} height={64} /> : found.data ? <Told of={found.data} alone={!!onBack} /> : <ErrorState error={found.error} retry={() => void found.refetch()} />}
    </Stack>
  );
}

type Dialog = { of: Approval; what: 'approve' | 'reject' | 'edit' };

function Told({ of, alone }: { of: Approval; alone: boolean }) {
  const { t } = useTranslation('approvals');
  const refusal = useRefusal();
  const say = useSay(of.id);
  const action = useActions().data?.items.find((a) => a.name === of.action);
  // What is decided is what was seen when the window opened, whatever comes in meanwhile.
  const [dialog, setDialog] = useState<Dialog>();
  const [refused, setRefused] = useState<string>();
  const open = (what: Dialog['what']) => () => (setRefused(undefined), setDialog({ of, what }));
  const canSay = of.may_decide && of.kind === 'approval';
  useShortcuts(
    t('request'),
    [
      { keys: 'a', label: t('approve.do'), run: open('approve') },
      { keys: 'r', label: t('reject.do'), run: open('reject') },
      { keys: 'e', label: t('edit.do'), run: open('edit') },
    ],
    canSay,
  );
  /** Refusals about the request close the window and stand beside it; others stay where one can try again. */
  const tell = async (word: Word) => {
    try {
      const now = await say(word);
      setDialog(undefined);
      setRefused(undefined);
      told(t(word.say === 'edit' ? 'edit.done' : 'said', { state: t(`state.${now.state}`) }));
    } catch (error) {
      const why = refusal(error);
      if (!why) throw error;
      setDialog(undefined);
      setRefused(why);
    }
  };
  return (
    <>
      <Group justify="space-between" align="flex-start" gap="sm">
        <div>
          <Title order={alone ? 1 : 2} size="h2">{of.title}</Title>
          <Text size="sm" c="dimmed" ff="monospace">{of.action}</Text>
        </div>
        <Group gap="sm">
          <StateBadge state={of.state} />
          <Button component={Link} to={`/inbox/${of.conversation}`} size="xs" variant="default" leftSection={<IconMessageCircle size={15} />}>{t('thread')}</Button>
        </Group>
      </Group>
      {refused && <Alert color="yellow" title={t('refused.title')} role="alert" withCloseButton closeButtonLabel={t('common:close')} onClose={() => setRefused(undefined)}>{refused}</Alert>}
      {of.state !== 'pending' && <Outcome of={of} />}
      <Paper withBorder p="md">
        <Text size="xs" c="dimmed" mb={4}>{t(of.edited_from ? 'asks.first' : `asks.${of.kind}`, { name: of.contact_name ?? t('somebody') })}</Text>
        <Text style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }} dir="auto">{of.question}</Text>
      </Paper>
      {/* Of a mere question the arguments are the question. */}
      {(of.kind !== 'consultation' || of.provenance.length > 0) && <ArgumentsView of={of} action={action} />}
      <Facts of={of} action={action} />
      {of.state === 'pending' && <Waits of={of} />}
      {of.may_decide && of.kind === 'consultation' && <Answer onSay={tell} />}
      {canSay && (
        <Card className={classes.decide} padding="md">
          <Text size="sm" mb="sm">{t('will.approval')} {action && t(action.reversible ? 'will.reversible' : 'will.forGood')}</Text>
          <Group gap="sm">
            <Button onClick={open('approve')} aria-keyshortcuts="a">{t('approve.do')}</Button>
            <Button variant="default" onClick={open('edit')} aria-keyshortcuts="e" disabled={!isArguments(of.arguments)}>{t('edit.do')}</Button>
            <Button variant="light" color="red" onClick={open('reject')} aria-keyshortcuts="r">{t('reject.do')}</Button>
          </Group>
        </Card>
      )}
      {dialog && dialog.what !== 'edit' && <Say of={dialog.of} what={dialog.what} onSay={tell} onClose={() => setDialog(undefined)} />}
      {dialog?.what === 'edit' && <Edit of={dialog.of} action={action} onSay={tell} onClose={() => setDialog(undefined)} />}
    </>
  );
}

/** Why there are no buttons. */
function Waits({ of }: { of: Approval }) {
  const { t } = useTranslation('approvals');
  const me = useSession().session.person.id;
  const may = useCan(of.kind === 'consultation' ? 'approval:answer' : 'approval:decide');
  if (of.may_decide) return null;
  const why = of.kind === 'suggestion' ? 'customer' : of.requested_by?.id === me ? 'own' : may ? 'later' : 'role';
  return (
    <Alert color="gray" icon={<IconInfoCircle size={18} />}>
      {t(`cannot.${why}`)} {why === 'customer' && <Anchor component={Link} to={`/inbox/${of.conversation}`} inherit underline="always">{t('thread')}</Anchor>}
    </Alert>
  );
}

/** A refusal about the request itself, in words; nothing for those that are not. */
function useRefusal(): (error: unknown) => string | undefined {
  const { t } = useTranslation('approvals');
  const words = useProblemText();
  return (error) => {
    if (!(error instanceof ApiProblem) || ![403, 404, 409].includes(error.status)) return undefined;
    const state = typeof error.more.state === 'string' ? t(`state.${error.more.state}`, { defaultValue: error.more.state }) : '…';
    return t(`refused.${error.code}`, { state, defaultValue: words(error) });
  };
}
