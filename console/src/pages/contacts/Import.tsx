// A file of contacts comes in: choose it, say what its columns are, watch it, see what was left out.
import { Alert, Button, Group, Stack, Stepper, Text } from '@mantine/core';
import { Dropzone } from '@mantine/dropzone';
import { IconFileSpreadsheet, IconUpload, IconX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { send, type components } from '../../api';
import { PageBody, PageHeader, useProblemText } from '../../ui';
import { Back } from './Contact';
import { ImportMapping } from './ImportMapping';
import { ImportProgress } from './ImportProgress';

export type Preview = components['schemas']['ImportPreview'];
/** What the person corrected about how the file is written. */
export interface Hints {
  encoding?: string;
  delimiter?: string;
  has_header?: boolean;
}

const LARGEST = 16 * 1024 * 1024;

export function Import() {
  const { t } = useTranslation('contacts');
  const words = useProblemText();
  const [file, setFile] = useState<File>();
  const [running, setRunning] = useState<string>();
  const upload = useMutation({
    mutationFn: async ({ file, hints }: { file: File; hints: Hints }) => {
      const query = new URLSearchParams({ file_name: file.name.slice(0, 200) });
      for (const [name, value] of Object.entries(hints)) if (value !== undefined) query.set(name, String(value));
      const response = await send('POST', `/contacts/imports?${query}`, { body: file, headers: { 'content-type': 'application/octet-stream' } });
      return (await response.json()) as Preview;
    },
  });
  const start = (chosen: File, hints: Hints = {}) => {
    setFile(chosen);
    upload.mutate({ file: chosen, hints });
  };
  const restart = () => {
    setFile(undefined);
    setRunning(undefined);
    upload.reset();
  };
  const step = running ? 2 : upload.data ? 1 : 0;
  // Read here: beside its data, a failure of the last try is not expected by its type.
  const problem = upload.error ? words(upload.error) : null;
  return (
    <PageBody width={980}>
      <Back />
      <PageHeader title={t('import.title')} text={t('import.text')} />
      <Stepper active={step} size="sm" mb="lg" iconSize={30}>
        <Stepper.Step label={t('import.step.file')} />
        <Stepper.Step label={t('import.step.columns')} />
        <Stepper.Step label={t('import.step.run')} />
      </Stepper>
      {step === 0 && (
        <Stack>
          <Dropzone
            onDrop={(files) => files[0] && start(files[0])}
            onReject={() => upload.reset()}
            maxFiles={1}
            maxSize={LARGEST}
            loading={upload.isPending}
            aria-label={t('import.choose')}
          >
            <Stack align="center" gap="xs" py={48} ta="center" style={{ pointerEvents: 'none' }}>
              <Dropzone.Accept><IconUpload size={42} /></Dropzone.Accept>
              <Dropzone.Reject><IconX size={42} /></Dropzone.Reject>
              <Dropzone.Idle><IconFileSpreadsheet size={42} stroke={1.4} /></Dropzone.Idle>
              <Text fw={600}>{t('import.drop')}</Text>
              <Text size="sm" c="dimmed" maw={440}>{t('import.dropText')}</Text>
            </Stack>
          </Dropzone>
          {upload.error && <Alert color="red" title={t('import.unreadable')} role="alert">{words(upload.error)}</Alert>}
        </Stack>
      )}
      {step === 1 && upload.data && file && (
        <ImportMapping
          key={upload.data.import.id}
          preview={upload.data}
          rereading={upload.isPending}
          reread={(hints) => start(file, hints)}
          rereadError={problem}
          onStarted={setRunning}
          restart={restart}
        />
      )}
      {step === 2 && running && (
        <Stack>
          <ImportProgress id={running} />
          <Group><Button variant="default" onClick={restart}>{t('import.another')}</Button></Group>
        </Stack>
      )}
    </PageBody>
  );
}
