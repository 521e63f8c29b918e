// The second step: a code of the app, a recovery code, or a passkey.
import { Anchor, Button, Group, PinInput, Stack, Text, TextInput } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { sendJson } from '../../api/client';
import { isDeclined, passkeysArePossible, signWithPasskey } from '../../api/passkey';
import type { Session } from '../../api/session';
import { Card } from './Card';
import { useEntered, type FactorAsked } from './doors';

export function SecondFactor({ asked, next, onBack }: { asked: FactorAsked; next: string | null; onBack: () => void }) {
  const { t } = useTranslation('enter');
  const entered = useEntered();
  const [recovery, setRecovery] = useState(false);
  const [code, setCode] = useState('');
  const give = useMutation({
    mutationFn: (factor: Record<string, unknown>) =>
      sendJson<Session>('POST', '/session/factor', { challenge: asked.challenge, ...factor }),
    onSuccess: (session) => entered(session, next),
    onError: () => setCode(''),
  });
  const byPasskey = useMutation({
    mutationFn: async () => give.mutateAsync({ passkey: await signWithPasskey(asked.passkey ?? {}) }),
  });
  const error = give.error ?? (byPasskey.error && !isDeclined(byPasskey.error) ? byPasskey.error : null);
  const wrong = error && 'code' in error && error.code === 'wrong_credentials' ? t('factor.wrong') : error;
  return (
    <Card title={t('factor.title')} text={recovery ? t('factor.recoveryText') : t('factor.text')} error={wrong}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          give.mutate(recovery ? { recovery_code: code } : { code });
        }}
      >
        <Stack gap="md">
          {recovery ? (
            <TextInput label={t('factor.recovery')} value={code} onChange={(e) => setCode(e.currentTarget.value)} autoFocus autoComplete="off" required />
          ) : (
            <div>
              <Text size="sm" fw={500} mb={4} id="code-label">
                {t('factor.code')}
              </Text>
              <Group>
                <PinInput
                  length={6}
                  type="number"
                  oneTimeCode
                  autoFocus
                  value={code}
                  onChange={setCode}
                  onComplete={(whole) => give.mutate({ code: whole })}
                  aria-label={t('factor.code')}
                  getInputProps={(i) => ({ 'aria-label': t('factor.digit', { n: i + 1 }) })}
                />
              </Group>
            </div>
          )}
          <Button type="submit" loading={give.isPending} disabled={!recovery && code.length < 6}>
            {t('factor.go')}
          </Button>
        </Stack>
      </form>
      {asked.factors.includes('passkey') && passkeysArePossible() && (
        <Button variant="default" leftSection={<IconFingerprint size={18} />} loading={byPasskey.isPending} onClick={() => byPasskey.mutate()}>
          {t('signIn.passkey')}
        </Button>
      )}
      <Group justify="space-between">
        <Anchor component="button" type="button" size="sm" onClick={() => (setRecovery(!recovery), setCode(''))}>
          {recovery ? t('factor.useCode') : t('factor.useRecovery')}
        </Anchor>
        <Anchor component="button" type="button" size="sm" onClick={onBack}>
          {t('factor.back')}
        </Anchor>
      </Group>
    </Card>
  );
}
