// Access that a person consents to: whether there is any, who gave it, and how it is given, given anew, or given back.
import { Alert, Badge, Button, Card, Code, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconInfoCircle, IconLinkPlus, IconShieldCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { ApiProblem, useCan } from '../../api';
import { ConfirmButton, CopyButton, Time, told, useConfirm, useFailure, useProblemText } from '../../ui';
import { authorize, disconnect, useAct, type Server } from './data';

/** Refusals that people can do something about, each with its own words. */
const KNOWN = ['client_id_needed', 'not_registered', 'no_way_in', 'another_giver', 'not_reached_safely'];

export function Consent({ server }: { server: Server }) {
  const { t } = useTranslation('servers');
  const mayWrite = useCan('tool:write');
  const failed = useFailure();
  const words = useProblemText();
  const sure = useConfirm();
  const go = useAct(async () => {
    let asked: { url: string };
    try {
      asked = await authorize(server.id);
    } catch (error) {
      const giver = error instanceof ApiProblem && error.code === 'confirm_giver' ? error.more.giver : undefined;
      if (typeof giver !== 'string') throw error;
      const question = { title: t('consent.giverTitle'), text: t('consent.giverText', { giver }), confirm: t('consent.giverYes') };
      if (!(await sure(question))) return;
      asked = await authorize(server.id, giver);
    }
    // They come back to this page.
    window.location.assign(asked.url);
  });
  const end = useAct(() => disconnect(server.id));
  const { consent } = server;
  if (!consent) return null;
  const before = consent.by !== undefined;
  const code = go.error instanceof ApiProblem && KNOWN.includes(go.error.code) ? go.error.code : 'other';
  return (
    <Card withBorder component="section" aria-label={t('consent.title')}>
      <Stack gap="sm">
        <Group justify="space-between" gap="sm">
          <Group gap="xs" flex={1} miw={220}>
            <IconShieldCheck size={20} aria-hidden />
            <Text fw={600}>{t('consent.title')}</Text>
            <Badge variant="light" color={consent.connected ? 'green' : 'orange'}>{t(consent.connected ? 'consent.on' : before ? 'consent.ended' : 'consent.off')}</Badge>
          </Group>
          {mayWrite && (
            <Group gap="xs">
              {consent.connected && (
                <ConfirmButton
                  loading={end.isPending}
                  question={{ title: t('consent.endTitle'), text: t('consent.endText'), confirm: t('consent.end') }}
                  onConfirm={() => end.mutate(undefined, { onError: failed, onSuccess: () => told(t('consent.endDone')) })}
                >
                  {t('consent.end')}
                </ConfirmButton>
              )}
              <Button
                variant={consent.connected ? 'default' : 'filled'}
                leftSection={<IconLinkPlus size={16} />}
                loading={go.isPending}
                onClick={() => go.mutate(undefined)}
              >
                {t(before ? 'consent.again' : 'consent.go')}
              </Button>
            </Group>
          )}
        </Group>
        {before && (
          <Text size="sm" c="dimmed">
            {t('consent.by', { name: consent.by_name ?? t('consent.somebody'), issuer: consent.issuer })}{' '}
            {consent.at && <Time at={consent.at} />}
          </Text>
        )}
        {consent.connected && consent.scope && <Text size="sm" c="dimmed" style={{ wordBreak: 'break-word' }}>{t('consent.scope', { scope: consent.scope })}</Text>}
        {!before && <Alert icon={<IconInfoCircle size={18} />}>{t(mayWrite ? 'consent.text' : 'consent.textOthers')}</Alert>}
        {mayWrite && !consent.connected && (
          <Group gap={4} wrap="nowrap" align="flex-start">
            <Text size="sm" c="dimmed" style={{ wordBreak: 'break-word' }}>
              {t('consent.wayBack')} <Code>{consent.redirect_uri}</Code>
            </Text>
            <CopyButton value={consent.redirect_uri} label={t('consent.copyWayBack')} />
          </Group>
        )}
        <div aria-live="polite">
          {consent.problem && (
            <Alert color="orange" icon={<IconAlertTriangle size={18} />} title={t(consent.connected ? 'consent.troubleTitle' : 'consent.endedTitle')}>{consent.problem}</Alert>
          )}
          {go.error && (
            <Alert color="red" mt="xs" icon={<IconAlertTriangle size={18} />} title={t(`consent.problem.${code}`)}>{words(go.error)}</Alert>
          )}
        </div>
      </Stack>
    </Card>
  );
}
