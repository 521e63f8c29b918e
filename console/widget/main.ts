// The web chat on a business's page: `<script src="https://desk.example.com/widget.js" data-channel="…" async></script>`.

import { Api } from './api';
import { Chat } from './chat';
import { Memory } from './memory';
import { textsFor } from './texts';
import type { Identity } from './types';
import { View } from './view';

type Public = {
  open(): void;
  close(): void;
  /** The page's user, signed by the page's server; `null` when nobody is signed in. */
  identify(identity: Identity | null): Promise<void>;
};

declare global {
  interface Window {
    frontdeskChat?: Public;
  }
}

function start(script: HTMLScriptElement): void {
  const { channel, lang, position, userId, userHash, userName, userEmail } = script.dataset;
  if (!channel) return console.error('frontdesk: the script tag needs data-channel="…"');
  if (window.frontdeskChat) return;
  const server = script.src.replace(/\/widget\.js([?#].*)?$/, '');
  const language = lang || document.documentElement.lang || navigator.language || 'en';
  const identity: Identity | null =
    userId && userHash ? { user_id: userId, hash: userHash, ...(userName && { name: userName }), ...(userEmail && { email: userEmail }) } : null;

  let view: View | null = null;
  let queued = false;
  // Many changes, one drawing.
  const changed = () => {
    if (queued) return;
    queued = true;
    queueMicrotask(() => {
      queued = false;
      view?.refresh();
    });
  };
  const chat = new Chat(new Api(server, channel), new Memory(channel), changed);
  let wanted = false;
  window.frontdeskChat = {
    open: () => (view ? view.open() : (wanted = true)),
    close: () => (view ? view.close() : (wanted = false)),
    identify: (next) => chat.identify(next),
  };

  const show = async (tries: number): Promise<void> => {
    try {
      await chat.begin(identity);
    } catch (error) {
      if (chat.blocked) return console.warn('frontdesk:', (error as Error).message);
      setTimeout(() => void show(tries + 1), Math.min(60_000, 2_000 * 2 ** tries));
      return;
    }
    view = new View(chat, textsFor(language), language, position === 'left');
    document.body.append(view.host);
    if (wanted) view.open();
    addEventListener('visibilitychange', changed);
  };
  void show(0);
}

const script = (document.currentScript ?? document.querySelector('script[data-channel][src*="widget.js"]')) as HTMLScriptElement | null;
if (script) {
  if (document.body) start(script);
  else addEventListener('DOMContentLoaded', () => start(script));
}
