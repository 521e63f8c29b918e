// A file of a message: pictures, sound and film in place, everything else to download.
import { Box, Text } from '@mantine/core';
import { IconDownload, IconFile, IconPhotoOff } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import classes from './bubble.module.css';
import { mediaUrl } from './data';
import type { Media } from './model';
import { Words } from '../../ui/words';

/** Types that a browser shows without running anything. An SVG can carry script: it is only ever downloaded. */
const SHOWN = /^(image\/(png|jpe?g|gif|webp|avif)|audio\/(ogg|mpeg|mp4|aac|amr|wav|webm|x-m4a)|video\/(mp4|webm|3gpp|ogg|quicktime))(;|$)/i;

export function MediaView({ media, found }: { media: Media; found?: string[] }) {
  return (
    <Box>
      <TheFile media={media} />
      {media.transcript && (
        <div className={classes.text} dir="auto" style={{ marginTop: 4, fontStyle: 'italic' }}>
          “<Words text={media.transcript} found={found} />”
        </div>
      )}
      {media.caption && (
        <div className={classes.text} dir="auto" style={{ marginTop: 4 }}>
          <Words text={media.caption} found={found} />
        </div>
      )}
    </Box>
  );
}

function TheFile({ media }: { media: Media }) {
  const { t } = useTranslation('inbox');
  const [broken, setBroken] = useState(false);
  const name = media.file_name ?? t(`media.${media.kind}`);
  if (!media.stored) {
    return (
      <span className={classes.file}>
        <IconPhotoOff size={20} aria-hidden />
        <span>
          {name}
          <Text size="xs" c="dimmed">{media.problem ?? t('media.coming')}</Text>
        </span>
      </span>
    );
  }
  const url = mediaUrl(media.stored);
  if (!broken && media.mime && SHOWN.test(media.mime)) {
    switch (media.kind) {
      case 'image':
      case 'sticker':
        return (
          <a href={url} target="_blank" rel="noopener" aria-label={t('media.open', { name })}>
            <img className={classes.media} src={url} alt={media.caption ?? name} loading="lazy" onError={() => setBroken(true)} style={media.kind === 'sticker' ? { maxHeight: 140 } : undefined} />
          </a>
        );
      case 'audio':
      case 'voice':
        return <audio controls preload="metadata" src={url} aria-label={name} onError={() => setBroken(true)} style={{ width: 280, maxWidth: '100%', height: 40 }} />;
      case 'video':
        return <video className={classes.media} controls preload="metadata" src={url} aria-label={name} onError={() => setBroken(true)} />;
      case 'document':
        break;
    }
  }
  return (
    <a className={classes.file} href={url} download={media.file_name ?? true}>
      <IconFile size={20} aria-hidden />
      <span style={{ flex: 1, minWidth: 0, overflowWrap: 'anywhere' }}>{name}</span>
      <IconDownload size={17} aria-label={t('media.download')} />
    </a>
  );
}
