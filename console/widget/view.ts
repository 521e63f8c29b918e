// The button and the panel.

import type { Chat } from './chat';
import { Composer } from './composer';
import { ICONS, el, icon, readableOn } from './dom';
import { type Lines, bubbles, choices, clock, day, speaker } from './line';
import { STYLE } from './style';
import type { Texts } from './texts';
import type { Message, Pending } from './types';

const PHONE = '(max-width: 520px), (max-height: 460px)';

export class View {
  readonly host = el('div', { id: 'frontdesk-chat' });
  private readonly chat: Chat;
  private readonly texts: Texts;
  private readonly lines: Lines;
  private readonly root: HTMLElement;
  private readonly launcher: HTMLButtonElement;
  private readonly badge = el('span', { class: 'badge', hidden: true, 'aria-hidden': 'true' });
  private readonly panel: HTMLElement;
  private readonly notice = el('div', { class: 'notice', role: 'status', hidden: true });
  private readonly log: HTMLElement;
  private readonly heard = el('div', { class: 'heard', role: 'status' });
  private readonly composer: Composer;
  /** What is on the screen, by what it is: nodes that stay are not made anew, so that a screen reader hears each line once. */
  private shown = new Map<string, HTMLElement>();
  private complaint = '';
  private broken = false;
  private pageScroll: string | null = null;

  constructor(chat: Chat, texts: Texts, language: string, left: boolean) {
    this.chat = chat;
    this.texts = texts;
    this.lines = { chat, texts, language };
    const about = chat.about;
    this.launcher = el('button', { type: 'button', class: 'launcher', 'aria-haspopup': 'dialog', 'aria-expanded': 'false' }, icon(...ICONS.chat), this.badge);
    this.launcher.addEventListener('click', () => (this.isOpen ? this.close() : this.open()));
    const close = el('button', { type: 'button', class: 'round', 'aria-label': texts.close, title: texts.close }, icon(...ICONS.close));
    close.addEventListener('click', () => this.close());
    this.log = el('div', { class: 'log', role: 'log', 'aria-live': 'polite', 'aria-relevant': 'additions', 'aria-label': texts.log, tabindex: '0' });
    this.composer = new Composer(chat, texts, (text) => {
      this.complaint = text;
      this.refresh();
    });
    const title = el('h2', { id: 'title' }, about?.title ?? '');
    this.panel = el(
      'section',
      { class: 'panel', role: 'dialog', 'aria-labelledby': 'title', hidden: true },
      el('header', {}, title, close),
      this.notice,
      this.log,
      this.heard,
      this.composer.form,
    );
    this.panel.addEventListener('keydown', (event) => this.key(event));
    this.root = el('div', { class: left ? 'root left' : 'root', lang: language }, this.panel, this.launcher);
    const color = about?.color ?? '#0f766e';
    this.root.style.setProperty('--accent', color);
    this.root.style.setProperty('--on-accent', readableOn(color));
    // For letters in the accent colour: mixed with the text's, so that a pale one can be read.
    this.root.style.setProperty('--ink', `color-mix(in srgb, ${color} 60%, var(--text))`);
    const shadow = this.host.attachShadow({ mode: 'open' });
    // Not a style element: a page's policy may forbid those.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    shadow.adoptedStyleSheets = [sheet];
    shadow.append(this.root);
    for (const event of ['resize', 'scroll']) visualViewport?.addEventListener(event, () => this.fit());
    matchMedia(PHONE).addEventListener('change', () => this.fit());
    this.refresh();
  }

  get isOpen(): boolean {
    return !this.panel.hidden;
  }

  open(): void {
    if (this.isOpen) return;
    this.panel.hidden = false;
    this.root.classList.add('open');
    this.launcher.setAttribute('aria-expanded', 'true');
    this.fit();
    this.refresh();
    this.toEnd();
    this.composer.input.focus();
    this.load();
  }

  close(): void {
    if (!this.isOpen) return;
    this.panel.hidden = true;
    this.root.classList.remove('open');
    this.launcher.setAttribute('aria-expanded', 'false');
    this.fit();
    this.refresh();
    this.launcher.focus();
  }

  /** Brings the screen up to what is known. */
  refresh(): void {
    const { chat, texts } = this;
    const unread = this.isOpen ? 0 : chat.unread;
    this.badge.hidden = !unread;
    this.badge.textContent = unread > 99 ? '99+' : String(unread);
    this.launcher.setAttribute('aria-label', this.isOpen ? texts.close : unread ? `${texts.open}, ${texts.unread(unread)}` : texts.open);
    this.launcher.firstElementChild?.replaceWith(icon(...(this.isOpen ? ICONS.down : ICONS.chat)));
    if (!this.isOpen) return;
    this.refreshNotice();
    const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
    const before = this.log.scrollHeight - this.log.scrollTop;
    const first = this.log.querySelector('[data-seq]');
    this.refreshLog();
    if (atEnd) this.toEnd();
    // Earlier lines were put above: what was being read stays where it is.
    else if (first !== this.log.querySelector('[data-seq]')) this.log.scrollTop = this.log.scrollHeight - before;
    this.heard.textContent = chat.typing ? texts.typing : '';
    if (document.visibilityState === 'visible') chat.read();
  }

  private load(): void {
    this.chat.open().then(
      () => {
        this.broken = false;
        this.refresh();
        this.toEnd();
      },
      () => {
        this.broken = true;
        this.refresh();
      },
    );
  }

  private refreshNotice(): void {
    const { chat, texts, notice } = this;
    const problem = this.complaint || (chat.blocked ? texts.blocked : '');
    const text = problem || (chat.offline ? texts.offline : this.broken ? texts.broken : '');
    notice.hidden = !text;
    notice.classList.toggle('bad', problem !== '');
    if (notice.firstChild?.textContent === text) return;
    notice.replaceChildren(text);
    if (this.complaint) {
      const dismiss = el('button', { type: 'button' }, 'OK');
      dismiss.addEventListener('click', () => {
        this.complaint = '';
        this.refresh();
        this.composer.input.focus();
      });
      notice.append(dismiss);
    } else if (this.broken && !chat.offline) {
      const again = el('button', { type: 'button' }, texts.again);
      again.addEventListener('click', () => this.load());
      notice.append(again);
    }
  }

  private refreshLog(): void {
    const { chat, lines } = this;
    const wanted = new Map<string, () => HTMLElement>();
    if (chat.more) wanted.set('more', () => this.earlier());
    const greeting = chat.about?.greeting;
    if (greeting && !chat.more) wanted.set('greeting', () => el('div', { class: 'line' }, el('div', { class: 'bubble' }, greeting)));
    let before: Message | null = null;
    for (const message of chat.messages) {
      const at = new Date(message.at);
      const date = day(lines, at);
      if (!before || day(lines, new Date(before.at)) !== date) wanted.set(`day ${at.toDateString()}`, () => el('div', { class: 'day' }, date));
      const other = message.author !== 'visitor' && message.author !== before?.author;
      if (other && message.author !== 'system') wanted.set(`who ${message.seq}`, () => speaker(lines, message));
      wanted.set(`m ${message.seq}`, () => this.message(message));
      before = message;
    }
    const last = chat.messages.at(-1);
    const pending = chat.pending;
    if (last && last.author !== 'visitor' && !pending.length) {
      const offered = choices(last.parts, (choice) => {
        chat.say({ choice });
        this.composer.input.focus();
      });
      if (offered) wanted.set(`choices ${last.seq}`, () => offered);
    }
    if (last?.author === 'visitor' && !pending.length) {
      wanted.set(`sent ${last.seq}`, () => el('div', { class: 'state line own' }, `${this.texts.sent} · ${clock(lines, last.at)}`));
    }
    for (const message of pending) {
      const state = message.failed ? 'failed' : chat.offline ? 'waiting' : 'sending';
      wanted.set(`p ${message.id} ${state}`, () => this.unsent(message, state));
    }
    if (chat.typing) wanted.set('typing', () => el('div', { class: 'typing', 'aria-hidden': 'true' }, el('i'), el('i'), el('i')));
    this.place(wanted);
  }

  private place(wanted: Map<string, () => HTMLElement>): void {
    for (const [key, node] of this.shown) {
      if (!wanted.has(key)) {
        node.remove();
        this.shown.delete(key);
      }
    }
    let at: ChildNode | null = this.log.firstChild;
    for (const [key, make] of wanted) {
      const known = this.shown.get(key);
      if (known && known === at) {
        at = at.nextSibling;
        continue;
      }
      const node = known ?? make();
      this.shown.set(key, node);
      this.log.insertBefore(node, at);
    }
  }

  private message(message: Message): HTMLElement {
    const own = message.author === 'visitor';
    const who = el('span', { class: 'heard' }, own ? this.texts.you : message.author === 'staff' ? this.texts.team : this.texts.assistant);
    const line = el('div', { class: own ? 'line own' : 'line', 'data-seq': String(message.seq), title: clock(this.lines, message.at) });
    line.append(who, ...bubbles(this.lines, message.parts));
    return line;
  }

  private unsent(message: Pending, state: 'failed' | 'waiting' | 'sending'): HTMLElement {
    const { chat, texts } = this;
    const words = message.text ?? message.choice?.title;
    const names = (message.files ?? []).map((file) => el('div', { class: 'bubble document' }, icon(...ICONS.file), el('span', {}, file.name ?? texts.file)));
    const line = el('div', { class: 'line own' }, ...names, words ? el('div', { class: 'bubble' }, words) : null);
    if (state !== 'failed') {
      line.append(el('div', { class: 'state' }, state === 'waiting' ? texts.waiting : texts.sending));
      return line;
    }
    const retry = el('button', { type: 'button' }, texts.retry);
    retry.addEventListener('click', () => chat.retry(message.id));
    const discard = el('button', { type: 'button' }, texts.discard);
    discard.addEventListener('click', () => chat.discard(message.id));
    line.append(el('div', { class: 'state bad', title: message.failed }, texts.failed, retry, discard));
    return line;
  }

  private earlier(): HTMLElement {
    const button = el('button', { type: 'button', class: 'more' }, this.texts.earlier);
    button.addEventListener('click', () => {
      button.disabled = true;
      this.chat.earlier().catch(() => {}).finally(() => (button.disabled = false));
    });
    return button;
  }

  private toEnd(): void {
    this.log.scrollTop = this.log.scrollHeight;
  }

  private key(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      event.stopPropagation();
      this.close();
    }
    if (event.key !== 'Tab') return;
    const all = [...this.panel.querySelectorAll<HTMLElement>('button, a[href], textarea, [tabindex="0"]')];
    const able = all.filter((one) => one.checkVisibility() && !(one as HTMLButtonElement).disabled);
    const active = (this.host.shadowRoot as ShadowRoot).activeElement;
    const [first, last] = [able[0], able.at(-1)];
    if (event.shiftKey ? active === first : active === last) {
      event.preventDefault();
      (event.shiftKey ? last : first)?.focus();
    }
  }

  /** On a phone the panel is the screen, as much of it as the keyboard leaves; the page behind stands still. */
  private fit(): void {
    const full = this.isOpen && matchMedia(PHONE).matches;
    const page = document.documentElement;
    this.panel.setAttribute('aria-modal', String(full));
    if (full && this.pageScroll === null) {
      this.pageScroll = page.style.overflow;
      page.style.overflow = 'hidden';
    } else if (!full && this.pageScroll !== null) {
      page.style.overflow = this.pageScroll;
      this.pageScroll = null;
    }
    const viewport = full ? visualViewport : null;
    const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
    for (const [name, value] of [['--height', viewport?.height], ['--top', viewport?.offsetTop]] as const) {
      if (value === undefined) this.panel.style.removeProperty(name);
      else this.panel.style.setProperty(name, `${value}px`);
    }
    if (full && atEnd) this.toEnd();
  }
}
