// The authenticator app and its recovery codes.
import { Badge, Button, Code, Group, Image, List, Modal, PinInput, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { sendJson } from '../../api/client';
import { SESSION, useSession } from '../../api/session';
import { CopyButton, useFailure, useProblemText } from '../../ui';
import { Part } from './Part';
import { Prove } from './Prove';

interface NewApp {
  challenge: string;
  uri: string;
  secret: string;
  qr: string;
}

interface Codes {
  recovery_codes: string[];
}

export function App() {
  const { t } = useTranslation('account');
  const { session } = useSession();
  const queries = useQueryClient();
  const failure = useFailure();
  const [fresh, setFresh] = useState<NewApp | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const [asking, setAsking] = useState<'remove' | 'renew' | null>(null);
  const again = () => void queries.invalidateQueries({ queryKey: SESSION });
  const begin = useMutation({ mutationFn: () => sendJson<NewApp>('POST', '/account/totp', {}), onSuccess: setFresh, onError: failure });
  const on = session.factors.totp;
  return (
    <Part
      title={t('app.title')}
      text={t('app.text')}
      action={<Badge color={on ? 'green' : 'gray'} variant="light">{on ? t('app.on') : t('app.off')}</Badge>}
    >
      <Group>
        {on ? (
          <>
            <Button variant="default" onClick={() => setAsking('renew')}>{t('app.renew')}</Button>
            <Button variant="light" color="red" onClick={() => setAsking('remove')}>{t('app.remove')}</Button>
          </>
        ) : (
          <Button loading={begin.isPending} onClick={() => begin.mutate()}>{t('app.begin')}</Button>
        )}
      </Group>
      <SetUp app={fresh} onClose={() => setFresh(null)} onDone={(made) => (setFresh(null), setCodes(made), again())} />
      <Prove
        opened={!!asking}
        title={asking === 'remove' ? t('app.remove') : t('app.renew')}
        text={asking === 'remove' ? t('app.removeText') : t('app.renewText')}
        confirm={asking === 'remove' ? t('app.remove') : t('app.renew')}
        danger={asking === 'remove'}
        act={async (password) => {
          if (asking === 'renew') return (await sendJson<Codes>('POST', '/account/recovery-codes', { password })).recovery_codes;
          await sendJson<void>('POST', '/account/totp/remove', { password });
          return null;
        }}
        onClose={() => setAsking(null)}
        onDone={(made) => {
          setAsking(null);
          if (made) setCodes(made);
          again();
        }}
      />
      <Modal opened={!!codes} onClose={() => setCodes(null)} title={t('app.codes')} centered>
        <Stack>
          <Text size="sm">{t('app.codesText')}</Text>
          <List listStyleType="none" aria-label={t('app.codes')}>
            {codes?.map((c) => <List.Item key={c}><Code>{c}</Code></List.Item>)}
          </List>
          <Group justify="space-between">
            <CopyButton value={codes?.join('\n') ?? ''} />
            <Button onClick={() => setCodes(null)}>{t('app.kept')}</Button>
          </Group>
        </Stack>
      </Modal>
    </Part>
  );
}

function SetUp({ app, onClose, onDone }: { app: NewApp | null; onClose: () => void; onDone: (codes: string[]) => void }) {
  const { t } = useTranslation('account');
  const words = useProblemText();
  const [code, setCode] = useState('');
  const confirm = useMutation({
    mutationFn: (given: string) => sendJson<Codes>('POST', '/account/totp/confirm', { challenge: app?.challenge, code: given }),
    onSuccess: (made) => onDone(made.recovery_codes),
    onSettled: () => setCode(''),
  });
  return (
    <Modal opened={!!app} onClose={onClose} title={t('app.begin')} centered>
      {app && (
        <Stack>
          <Text size="sm">{t('app.scan')}</Text>
          <Image src={`data:image/svg+xml,${encodeURIComponent(app.qr)}`} alt={t('app.qr')} w={220} mx="auto" radius="md" />
          <Group gap="xs" justify="center">
            <Code style={{ wordBreak: 'break-all' }}>{app.secret}</Code>
            <CopyButton value={app.secret} />
          </Group>
          <Text size="sm" fw={500}>{t('app.code')}</Text>
          <PinInput
            length={6}
            type="number"
            oneTimeCode
            value={code}
            onChange={setCode}
            onComplete={(whole) => confirm.mutate(whole)}
            disabled={confirm.isPending}
            error={!!confirm.error}
            aria-label={t('app.code')}
            getInputProps={(i) => ({ 'aria-label': t('app.digit', { n: i + 1 }) })}
          />
          {confirm.error && <Text c="red" size="sm" role="alert">{words(confirm.error)}</Text>}
        </Stack>
      )}
    </Modal>
  );
}
