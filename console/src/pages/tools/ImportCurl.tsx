// A pasted cURL command becomes a draft; the credentials in it become secrets.
import { Alert, Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconKey } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask } from '../../api';
import { useProblemText } from '../../ui';
import { mono, type ToolDraft } from './draft';
import { setSecret, useStale } from './queries';

export function ImportCurl({ opened, onClose, onDraft }: { opened: boolean; onClose: () => void; onDraft: (draft: ToolDraft) => void }) {
  const { t } = useTranslation('tools');
  const words = useProblemText();
  const stale = useStale();
  const [command, setCommand] = useState('');
  const [draft, setDraft] = useState<ToolDraft | null>(null);

  const close = () => {
    setCommand('');
    setDraft(null);
    read.reset();
    keep.reset();
    onClose();
  };
  const done = (found: ToolDraft) => {
    onDraft(found);
    close();
  };
  const read = useMutation({
    mutationFn: () => ask<ToolDraft>(api.POST('/tools/import/curl', { body: { command } })),
    onSuccess: (found) => (found.secrets.length ? setDraft(found) : done(found)),
  });
  const keep = useMutation({
    mutationFn: async (found: ToolDraft) => {
      for (const secret of found.secrets) if (secret.value) await setSecret(secret.name, secret.host, secret.value);
      await stale();
      return found;
    },
    onSuccess: done,
  });

  return (
    <Modal opened={opened} onClose={close} title={t('curl.title')} size="lg">
      {draft ? (
        <Stack>
          <Alert icon={<IconKey size={18} />} title={t('curl.secrets')}>
            <Stack gap={4} component="ul" m={0} pl="md">
              {draft.secrets.map((secret) => <li key={secret.name}>{t('curl.secret', { name: secret.name, host: secret.host })}</li>)}
            </Stack>
          </Alert>
          <Text size="sm" c="dimmed">{t('curl.secretsText')}</Text>
          {keep.error && <Text c="red" size="sm" role="alert">{words(keep.error)}</Text>}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setDraft(null)}>{t('curl.back')}</Button>
            <Button loading={keep.isPending} onClick={() => keep.mutate(draft)}>{t('curl.keep')}</Button>
          </Group>
        </Stack>
      ) : (
        <Stack>
          <Text size="sm" c="dimmed">{t('curl.text')}</Text>
          <Textarea
            label={t('curl.command')}
            autosize
            minRows={6}
            maxRows={16}
            styles={mono}
            data-autofocus
            placeholder={"curl 'https://api.example.com/orders/12' -H 'Authorization: Bearer …'"}
            value={command}
            error={read.error ? words(read.error) : null}
            onChange={(event) => setCommand(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button loading={read.isPending} disabled={!command.trim()} onClick={() => read.mutate()}>{t('curl.read')}</Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
