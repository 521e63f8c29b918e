// Files that will go with the reply.
import { CloseButton, Loader } from '@mantine/core';
import { IconFile, IconMusic, IconPhoto, IconVideo } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { useFormat } from '../../ui';
import classes from './composer.module.css';
import type { Draft } from './draft';

export function Files({ files, uploading, onRemove }: { files: Draft['files']; uploading: string[]; onRemove: (id: string) => void }) {
  const { t } = useTranslation('inbox');
  const format = useFormat();
  if (files.length === 0 && uploading.length === 0) return null;
  return (
    <div className={classes.files}>
      {files.map((file) => (
        <span key={file.id} className={classes.fileChip}>
          {sign(file.mime)}
          <span>{file.name}</span>
          <span style={{ opacity: 0.7 }}>{format.bytes(file.size)}</span>
          <CloseButton size="xs" onClick={() => onRemove(file.id)} aria-label={t('composer.removeFile', { name: file.name })} />
        </span>
      ))}
      {uploading.map((name, i) => (
        <span key={i} className={classes.fileChip} role="status">
          <Loader size={13} />
          <span>{t('composer.uploading', { name })}</span>
        </span>
      ))}
    </div>
  );
}

function sign(mime: string) {
  if (mime.startsWith('image/')) return <IconPhoto size={15} aria-hidden />;
  if (mime.startsWith('audio/')) return <IconMusic size={15} aria-hidden />;
  if (mime.startsWith('video/')) return <IconVideo size={15} aria-hidden />;
  return <IconFile size={15} aria-hidden />;
}
