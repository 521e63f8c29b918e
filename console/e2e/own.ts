// A demo of a story's own, with a mailbox: for what may happen once only, and for links that come by mail.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type APIRequestContext, type Browser, type BrowserContext, type Page, expect } from '@playwright/test';

import { OWNER, PASSWORD } from './desk';

const PROGRAM = process.env.PROGRAM ?? '../target/debug/frontdesk';

export interface Own {
  origin: string;
  /** What came by mail, latest last. */
  mails: string[];
  /** With a key that may do everything. */
  read: <T>(path: string) => Promise<T>;
  asOwner: (browser: Browser, options?: Parameters<Browser['newContext']>[0]) => Promise<{ context: BrowserContext; page: Page }>;
  stop: () => Promise<void>;
}

export async function ownDemo(): Promise<Own> {
  const mailbox = await openMailbox();
  const folder = mkdtempSync(join(tmpdir(), 'frontdesk-story-'));
  const [port, data] = [await freePort(), join(folder, 'data')];
  const origin = `http://localhost:${port}`;
  const env = {
    ...process.env, DATABASE_URL: undefined, FRONTDESK_SERVER__REQUESTS_PER_SECOND: '0', FRONTDESK_SERVER__PUBLIC_BASE_URL: origin,
    SMTP_URL: mailbox.url, FRONTDESK_MAIL__FROM: 'Salón Aurora <hola@salon-aurora.example>',
  };
  const child = spawn(PROGRAM, ['demo', '--port', String(port), '--data-dir', data], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const oneTime = await toldPassword(child);
  const made = execFileSync(PROGRAM, ['key', 'create', '--tenant', 'tnt_demo', '--name', 'stories', '--scopes', '*', '--json', '--data-dir', data], { cwd: folder, encoding: 'utf8' });
  const { key } = JSON.parse(made) as { key: string };
  let known: string | undefined;
  const enter = async (ask: APIRequestContext) => {
    const post = (path: string, body: object) => ask.post(`${origin}/api/v1${path}`, { headers: { origin }, data: body });
    const first = known === undefined;
    const entered = await post('/session', { email: OWNER.email, password: known ?? oneTime });
    expect(entered.ok(), await entered.text()).toBe(true);
    if (first) expect((await post('/session/password', { current: oneTime, password: PASSWORD })).ok()).toBe(true);
    known = PASSWORD;
  };
  return {
    origin,
    mails: mailbox.mails,
    read: async <T>(path: string) => {
      const answer = await fetch(`${origin}/api/v1${path}`, { headers: { authorization: `Bearer ${key}` } });
      expect(answer.status, path).toBe(200);
      return (await answer.json()) as T;
    },
    asOwner: async (browser, options = {}) => {
      const context = await browser.newContext({ ...options, baseURL: origin });
      await enter(context.request);
      return { context, page: await context.newPage() };
    },
    stop: async () => {
      const gone = new Promise((ended) => child.once('exit', ended));
      child.kill();
      await gone;
      mailbox.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function toldPassword(child: ChildProcess): Promise<string> {
  return new Promise((told, failed) => {
    let said = '';
    child.once('exit', (code) => failed(new Error(`the demo ended with ${code}: ${said}`)));
    child.stdout!.on('data', (piece: Buffer) => {
      said += piece.toString();
      const password = /one-time password (\S+)/.exec(said)?.[1];
      if (password && said.includes('Stop: Ctrl-C')) told(password);
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((open) => server.listen(0, '127.0.0.1', open));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Takes mail for anybody. */
async function openMailbox(): Promise<{ url: string; mails: string[]; close: () => void }> {
  const mails: string[] = [];
  const server = createServer((socket) => {
    let [waiting, inData] = ['', false];
    socket.on('error', () => socket.destroy());
    socket.write('220 stories\r\n');
    socket.on('data', (piece) => {
      waiting += piece.toString('latin1');
      for (;;) {
        const end = waiting.indexOf(inData ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const said = waiting.slice(0, end);
        waiting = waiting.slice(end + (inData ? 5 : 2));
        if (inData) {
          inData = false;
          mails.push(plain(said));
          socket.write('250 taken\r\n');
        } else if (/^data/i.test(said)) {
          inData = true;
          socket.write('354 go on\r\n');
        } else if (/^quit/i.test(said)) {
          socket.end('221 bye\r\n');
        } else {
          socket.write('250 fine\r\n');
        }
      }
    });
  });
  await new Promise<void>((open) => server.listen(0, '127.0.0.1', open));
  return { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, mails, close: () => void server.close() };
}

/** What a person reads of it. */
function plain(mail: string): string {
  const part = mail.slice(mail.indexOf('text/plain'));
  const body = part.slice(part.indexOf('\r\n\r\n') + 4).split('\r\n--')[0]!;
  if (/base64/i.test(part.slice(0, part.indexOf('\r\n\r\n')))) return Buffer.from(body, 'base64').toString('utf8');
  const bytes = body.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
