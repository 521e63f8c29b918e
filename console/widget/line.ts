// One message on the screen.

import type { Chat } from './chat';
import { ICONS, el, icon, linked } from './dom';
import type { Texts } from './texts';
import type { Choice, Message, Part } from './types';

export type Lines = { chat: Chat; texts: Texts; language: string };

/** Whose words these are, when it is not obvious from the line before. */
export function speaker(lines: Lines, message: Message): HTMLElement {
  const { texts } = lines;
  return el('div', { class: 'who' }, message.author === 'staff' ? texts.team : texts.assistant);
}

export function day(lines: Lines, at: Date): string {
  const date = (d: Date) => `${d.getFullYear()}-${d.getMonth()}-${d.getDate()}`;
  const now = new Date();
  if (date(at) === date(now)) return lines.texts.today;
  now.setDate(now.getDate() - 1);
  if (date(at) === date(now)) return lines.texts.yesterday;
  return at.toLocaleDateString(lines.language, { weekday: 'long', day: 'numeric', month: 'long' });
}

export const clock = (lines: Lines, at: string) => new Date(at).toLocaleTimeString(lines.language, { hour: '2-digit', minute: '2-digit' });

export function bubbles(lines: Lines, parts: Part[]): HTMLElement[] {
  return parts.flatMap((part): HTMLElement[] => {
    if (part.type === 'file') {
      const caption = part.caption ? [el('div', { class: 'bubble' }, linked(part.caption))] : [];
      return [part.image ? picture(lines, part) : attachment(lines, part), ...caption];
    }
    if (part.type === 'location') return [place(lines, part)];
    return part.text.trim() ? [el('div', { class: 'bubble' }, linked(part.text))] : [];
  });
}

/** Quick replies: one press says it. */
export function choices(parts: Part[], choose: (choice: Choice) => void): HTMLElement | null {
  const all = parts.flatMap((part) => (part.type === 'choices' ? part.choices : []));
  if (!all.length) return null;
  const buttons = all.map((choice) => {
    const button = el('button', { type: 'button', class: 'choice' }, choice.title, choice.description && el('small', {}, choice.description));
    button.addEventListener('click', () => choose(choice));
    return button;
  });
  return el('div', { class: 'choices' }, ...buttons);
}

type FilePart = Extract<Part, { type: 'file' }>;

/** Files that were loaded once, by id. */
const loaded = new Map<string, Promise<string>>();

function load(lines: Lines, id: string): Promise<string> {
  let url = loaded.get(id);
  if (!url) {
    url = lines.chat.file(id).then((blob) => URL.createObjectURL(blob));
    loaded.set(id, url);
    url.catch(() => loaded.delete(id));
  }
  return url;
}

function picture(lines: Lines, part: FilePart): HTMLElement {
  const name = part.name ?? lines.texts.file;
  const link = el('a', { class: 'picture', target: '_blank', rel: 'noopener' });
  const image = el('img', { alt: name });
  // Kept in its place until it is known how tall it is.
  image.style.minHeight = '96px';
  image.addEventListener('load', () => (image.style.minHeight = ''));
  image.addEventListener('error', () => link.replaceWith(attachment(lines, part)));
  link.append(image);
  load(lines, part.id).then(
    (url) => {
      image.src = url;
      link.href = url;
    },
    () => link.replaceWith(attachment(lines, part)),
  );
  return link;
}

function attachment(lines: Lines, part: FilePart): HTMLElement {
  const name = part.name ?? lines.texts.file;
  const button = el('button', { type: 'button', class: 'bubble document', 'aria-label': lines.texts.download(name) }, icon(...ICONS.file), el('span', {}, name));
  button.addEventListener('click', async () => {
    button.disabled = true;
    const url = await load(lines, part.id).catch(() => null);
    button.disabled = false;
    if (url) el('a', { href: url, download: name }).click();
  });
  return button;
}

function place(lines: Lines, part: Extract<Part, { type: 'location' }>): HTMLElement {
  const words = [part.name, part.address].filter(Boolean).join('\n');
  const href = `https://www.openstreetmap.org/?mlat=${part.latitude}&mlon=${part.longitude}#map=17/${part.latitude}/${part.longitude}`;
  const link = el('a', { href, target: '_blank', rel: 'noopener noreferrer' }, lines.texts.map);
  return el('div', { class: 'bubble' }, words && `${words}\n`, link);
}
