// The pieces of a message.
import { Box, Group, Stack, Text } from '@mantine/core';
import { IconMapPin, IconUser } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import classes from './bubble.module.css';
import { MediaView } from './MediaView';
import type { Part } from './model';
import { Words } from '../../ui/words';

export function Parts({ parts, found }: { parts: Part[]; found?: string[] }) {
  return (
    <Stack gap={6}>
      {parts.map((part, i) => (
        <One key={i} part={part} found={found} />
      ))}
    </Stack>
  );
}

function One({ part, found }: { part: Part; found?: string[] }) {
  const { t } = useTranslation('inbox');
  switch (part.type) {
    case 'text':
      return <Said text={part.text} found={found} />;
    case 'media':
      return <MediaView media={part} found={found} />;
    case 'location':
      return <Place part={part} />;
    case 'contacts':
      return part.contacts.map((c, i) => (
        <Group key={i} gap={8} wrap="nowrap" align="flex-start">
          <IconUser size={18} aria-hidden />
          <Box>
            <Text size="sm" fw={600}>{c.name}</Text>
            {[...(c.phones ?? []), ...(c.emails ?? [])].map((way) => <Text key={way} size="sm">{way}</Text>)}
          </Box>
        </Group>
      ));
    case 'choice':
      return <Text fs="italic">{t('part.choice', { title: part.title })}</Text>;
    case 'form':
      return <Said text={`${t('part.form', { name: part.name })}\n${answers(part.answers)}`} />;
    case 'order':
      return <Said text={[t('part.order'), ...part.items.map((i) => `${i.quantity} × ${i.product} · ${i.price} ${i.currency}`), part.text ?? ''].join('\n').trim()} />;
    case 'reaction':
      return <Text size="sm">{part.emoji ? t('part.reaction', { emoji: part.emoji }) : t('part.reactionTaken')}</Text>;
    case 'edit':
      return <Said text={`${t('part.edit')}\n${part.text}`} found={found} />;
    case 'delete':
      return <Text size="sm" fs="italic">{t('part.delete')}</Text>;
    case 'system':
      return <Text size="sm" fs="italic">{part.text}</Text>;
    case 'unsupported':
      return <Text size="sm" fs="italic">{t('part.unsupported', { kind: part.kind })}</Text>;
    case 'buttons':
      return <Offer text={part.text} choices={part.buttons.map((b) => b.title)} found={found} />;
    case 'list':
      return <Offer text={part.text} choices={part.sections.flatMap((s) => s.rows.map((r) => r.title))} found={found} />;
    case 'template':
      return (
        <>
          <Text size="xs" fw={600} opacity={0.8}>{t('part.template', { name: part.name })}</Text>
          {part.preview && <Said text={part.preview} found={found} />}
        </>
      );
  }
}

function Said({ text, found }: { text: string; found?: string[] }) {
  return (
    <div className={classes.text} dir="auto">
      <Words text={text} found={found} />
    </div>
  );
}

function Offer({ text, choices, found }: { text: string; choices: string[]; found?: string[] }) {
  return (
    <>
      <Said text={text} found={found} />
      <Group gap={4} mt={4}>
        {choices.map((choice) => <span key={choice} className={classes.chip}>{choice}</span>)}
      </Group>
    </>
  );
}

function Place({ part }: { part: Extract<Part, { type: 'location' }> }) {
  const { t } = useTranslation('inbox');
  const place = `${part.latitude.toFixed(5)}, ${part.longitude.toFixed(5)}`;
  const there = `https://www.openstreetmap.org/?mlat=${part.latitude}&mlon=${part.longitude}#map=17/${part.latitude}/${part.longitude}`;
  return (
    <Group gap={8} wrap="nowrap" align="flex-start">
      <IconMapPin size={18} aria-hidden />
      <Box>
        <Text size="sm" fw={600}>{part.name ?? t('part.location')}</Text>
        {part.address && <Text size="sm">{part.address}</Text>}
        <Text  component="a" size="sm" c="inherit" td="underline" href={there} target="_blank" rel="noopener noreferrer">{place}</Text>
      </Box>
    </Group>
  );
}

/** A form's answers are the vendor's JSON: shown as lines where it is a flat object. */
export function answers(json: string): string {
  try {
    const value = JSON.parse(json) as unknown;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return json;
    return Object.entries(value).map(([k, v]) => `${k}: ${typeof v === 'string' ? v : JSON.stringify(v)}`).join('\n');
  } catch {
    return json;
  }
}
