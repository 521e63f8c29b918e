// Operations of a pasted OpenAPI document: pick one, enter its secrets, and it becomes a draft.
import { Badge, Button, FileButton, Group, Modal, ScrollArea, Stack, Text, Textarea, TextInput, UnstyledButton } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconSearch, IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, ask, type components } from '../../api';
import { useProblemText } from '../../ui';
import { mono, type ToolDraft } from './draft';
import { useSecrets } from './queries';
import { SecretForm } from './Secrets';

type Found = components['schemas']['ImportedOperations'];

export function ImportOpenApi({ opened, onClose, onDraft }: { opened: boolean; onClose: () => void; onDraft: (draft: ToolDraft) => void }) {
  const { t } = useTranslation('tools');
  const words = useProblemText();
  const [document, setDocument] = useState('');
  const [chosen, setChosen] = useState<ToolDraft | null>(null);
  const read = useMutation({
    mutationFn: () => ask<Found>(api.POST('/tools/import/openapi', { body: { document } })),
  });
  const close = () => {
    setDocument('');
    setChosen(null);
    read.reset();
    onClose();
  };
  const done = (draft: ToolDraft) => {
    onDraft(draft);
    close();
  };

  return (
    <Modal opened={opened} onClose={close} title={t('openapi.title')} size="xl">
      {chosen ? (
        <Missing draft={chosen} onBack={() => setChosen(null)} onDone={() => done(chosen)} />
      ) : read.data ? (
        <Operations found={read.data} onChoose={setChosen} />
      ) : (
        <Stack>
          <Text size="sm" c="dimmed">{t('openapi.text')}</Text>
          <Textarea
            label={t('openapi.document')}
            minRows={10}
            maxRows={18}
            autosize
            styles={mono}
            data-autofocus
            value={document}
            error={read.error ? words(read.error) : null}
            onChange={(event) => setDocument(event.currentTarget.value)}
          />
          <Group justify="space-between">
            <FileButton accept=".json,.yaml,.yml,application/json" onChange={(file) => void file?.text().then(setDocument)}>
              {(props) => <Button variant="default" leftSection={<IconUpload size={16} />} {...props}>{t('openapi.file')}</Button>}
            </FileButton>
            <Button loading={read.isPending} disabled={!document.trim()} onClick={() => read.mutate()}>{t('openapi.read')}</Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}

function Operations({ found, onChoose }: { found: Found; onChoose: (draft: ToolDraft) => void }) {
  const { t } = useTranslation('tools');
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const shown = found.operations.filter((o) => `${o.method} ${o.path} ${o.summary}`.toLowerCase().includes(wanted));
  return (
    <Stack>
      <Text fw={600}>{t('openapi.found', { title: found.title, count: found.operations.length })}</Text>
      {found.notes.map((note) => <Text key={note} size="sm" c="dimmed">{note}</Text>)}
      <TextInput aria-label={t('openapi.search')} placeholder={t('openapi.search')} leftSection={<IconSearch size={16} />} value={search} onChange={(e) => setSearch(e.currentTarget.value)} />
      <ScrollArea.Autosize mah={420}>
        <Stack gap={4}>
          {shown.map((operation) => (
            <UnstyledButton
              key={`${operation.method} ${operation.path}`}
              p="xs"
              disabled={!operation.draft}
              onClick={() => operation.draft && onChoose(operation.draft)}
            >
              <Group gap="xs" wrap="nowrap">
                <Badge variant="light" miw={72}>{operation.method}</Badge>
                <Stack gap={0} miw={0}>
                  <Text size="sm" ff="monospace" style={{ wordBreak: 'break-all' }}>{operation.path}</Text>
                  <Text size="xs" c={operation.problem ? 'red' : 'dimmed'}>{operation.problem ?? operation.summary}</Text>
                </Stack>
              </Group>
            </UnstyledButton>
          ))}
        </Stack>
      </ScrollArea.Autosize>
    </Stack>
  );
}

/** The secrets that the operation needs and that are not there yet. */
function Missing({ draft, onBack, onDone }: { draft: ToolDraft; onBack: () => void; onDone: () => void }) {
  const { t } = useTranslation('tools');
  const secrets = useSecrets();
  const known = secrets.data?.items ?? [];
  const missing = draft.secrets.filter((s) => !known.some((k) => k.name === s.name && k.host === s.host));
  return (
    <Stack>
      <Text fw={600}>{draft.tool.name}</Text>
      {missing.length > 0 && <Text size="sm" c="dimmed">{t('openapi.secrets')}</Text>}
      {missing.map((secret) => <SecretForm key={secret.name} name={secret.name} host={secret.host} onDone={() => void secrets.refetch()} />)}
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack}>{t('curl.back')}</Button>
        <Button onClick={onDone}>{missing.length > 0 ? t('openapi.later') : t('openapi.use')}</Button>
      </Group>
    </Stack>
  );
}
