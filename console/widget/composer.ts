// Where the visitor writes, with the files that go along.

import type { Chat } from './chat';
import { ICONS, el, icon } from './dom';
import { freshId } from './memory';
import type { Texts } from './texts';
import type { Upload } from './types';

type Chip = { key: string; name: string; upload: Upload | null };

export class Composer {
  readonly form: HTMLFormElement;
  readonly input: HTMLTextAreaElement;
  private readonly chat: Chat;
  private readonly texts: Texts;
  private readonly complain: (text: string) => void;
  private readonly send: HTMLButtonElement;
  private readonly chips: HTMLElement;
  private files: Chip[] = [];

  constructor(chat: Chat, texts: Texts, complain: (text: string) => void) {
    this.chat = chat;
    this.texts = texts;
    this.complain = complain;
    const chooser = el('input', { type: 'file', multiple: true, hidden: true, tabindex: '-1', accept: chat.about?.file_types.join(',') });
    chooser.addEventListener('change', () => {
      this.attach([...(chooser.files ?? [])]);
      chooser.value = '';
    });
    const clip = el('button', { type: 'button', class: 'round', 'aria-label': texts.attach, title: texts.attach }, icon(...ICONS.clip));
    clip.addEventListener('click', () => chooser.click());
    this.input = el('textarea', { rows: '1', 'aria-label': texts.write, placeholder: texts.write, enterkeyhint: 'send', autocomplete: 'off' });
    this.input.maxLength = chat.about?.text_limit ?? 4000;
    this.input.addEventListener('input', () => this.refresh());
    this.input.addEventListener('keydown', (event) => {
      // While a word is being composed (Japanese, accents), Enter belongs to the keyboard.
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.submit();
      }
    });
    this.input.addEventListener('paste', (event) => {
      const pasted = [...(event.clipboardData?.files ?? [])];
      if (pasted.length) {
        event.preventDefault();
        this.attach(pasted);
      }
    });
    this.send = el('button', { type: 'submit', class: 'round send', 'aria-label': texts.send, title: texts.send }, icon(...ICONS.send));
    this.chips = el('div', { class: 'chips', hidden: true });
    this.form = el('form', {}, this.chips, el('div', { class: 'row' }, clip, this.input, this.send), chooser);
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.submit();
    });
    this.refresh();
  }

  attach(files: File[]): void {
    const { chat, texts } = this;
    const about = chat.about;
    if (!about) return;
    for (const file of files) {
      const known = about.file_types.includes(file.type) || /\.(txt|csv|md)$/i.test(file.name);
      if (this.files.length >= about.files_at_once) return this.complain(texts.tooMany(about.files_at_once));
      if (!known) this.complain(texts.wrongType(file.name));
      else if (file.size > about.file_limit) this.complain(texts.tooLarge(file.name, Math.floor(about.file_limit / 1_048_576)));
      else void this.upload(file);
    }
  }

  private async upload(file: File): Promise<void> {
    const chip: Chip = { key: freshId(), name: file.name, upload: null };
    this.files.push(chip);
    this.refresh();
    try {
      chip.upload = await this.chat.upload(file);
    } catch {
      this.files = this.files.filter((one) => one !== chip);
      this.complain(this.texts.uploadFailed(file.name));
    }
    this.refresh();
  }

  private submit(): void {
    if (this.send.disabled) return;
    const text = this.input.value.trim();
    const files = this.files.flatMap((chip) => (chip.upload ? [chip.upload] : []));
    this.chat.say({ ...(text && { text }), ...(files.length && { files }) });
    this.input.value = '';
    this.files = [];
    this.refresh();
    this.input.focus();
  }

  private refresh(): void {
    const waiting = this.files.some((chip) => !chip.upload);
    this.send.disabled = waiting || (!this.input.value.trim() && !this.files.length);
    this.input.style.height = 'auto';
    this.input.style.height = `${this.input.scrollHeight}px`;
    this.chips.hidden = !this.files.length;
    this.chips.replaceChildren(
      ...this.files.map((chip) => {
        const remove = el('button', { type: 'button', 'aria-label': this.texts.remove(chip.name) }, icon(...ICONS.close));
        remove.addEventListener('click', () => {
          this.files = this.files.filter((one) => one !== chip);
          this.refresh();
          this.input.focus();
        });
        return el('div', { class: chip.upload ? 'chip' : 'chip busy' }, el('span', {}, chip.name), remove);
      }),
    );
  }
}
