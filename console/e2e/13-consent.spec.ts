// A server of tools that wants a person's consent: declined, given, given back, also on a phone.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import { expect, test, type Locator, type Page } from '@playwright/test';

import { accessible, asOwner, complaints, shot } from './desk';

const SERVICE = new URL(process.env.TOOL_SERVICE ?? 'http://127.0.0.1:0');
const AT = SERVICE.origin;
const WHERE = '/.well-known/oauth-protected-resource/mcp';
/** Challenges by code; the tokens that are good. */
const codes = new Map<string, string>();
const tokens = new Set<string>();
/** Client secrets that were shown to whoever gives access. */
const secrets: string[] = [];
let server: Server;

const TOLD: Record<string, unknown> = {
  [WHERE]: { resource: `${AT}/mcp`, authorization_servers: [AT], scopes_supported: ['orders'] },
  '/.well-known/oauth-authorization-server': {
    issuer: AT,
    authorization_endpoint: `${AT}/authorize`,
    token_endpoint: `${AT}/token`,
    registration_endpoint: `${AT}/register`,
    revocation_endpoint: `${AT}/revoke`,
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none', 'client_secret_post'],
  },
};

async function read(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request) text += String(piece);
  return text;
}

function page(asked: URLSearchParams): string {
  const back = (more: Record<string, string>) => {
    const to = new URL(asked.get('redirect_uri') ?? AT);
    for (const [name, value] of Object.entries({ ...more, state: asked.get('state') ?? '' })) to.searchParams.set(name, value);
    return to.href.replaceAll('&', '&amp;');
  };
  const code = `code-${codes.size}`;
  codes.set(code, asked.get('code_challenge') ?? '');
  return `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Shop</title><h1>May frontdesk see your orders?</h1>
    <a href="${back({ code })}">Allow</a> <a href="${back({ error: 'access_denied' })}">Deny</a>`;
}

function mcp(request: IncomingMessage, text: string, response: ServerResponse): void {
  if (!tokens.has((request.headers.authorization ?? '').replace('Bearer ', ''))) {
    response.writeHead(401, { 'www-authenticate': `Bearer resource_metadata="${AT}${WHERE}"` }).end();
    return;
  }
  const { id, method } = JSON.parse(text || '{}') as { id?: number; method?: string };
  if (request.method !== 'POST' || id === undefined) {
    response.writeHead(request.method === 'POST' ? 202 : 405).end();
    return;
  }
  const results: Record<string, unknown> = {
    initialize: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'orders', version: '1.0' } },
    'tools/list': { tools: [{ name: 'find_order', title: 'Find an order', inputSchema: { type: 'object' } }] },
  };
  const answer = results[method ?? ''];
  const told = answer ? { result: answer } : { error: { code: -32601, message: 'Method not found' } };
  json(response, 200, { jsonrpc: '2.0', id, ...told });
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function answer(request: IncomingMessage, text: string, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', AT);
  const told = TOLD[url.pathname];
  if (told) return json(response, 200, told);
  switch (url.pathname) {
    case '/mcp':
      return mcp(request, text, response);
    case '/register':
      return json(response, 201, { ...(JSON.parse(text) as object), client_id: 'us' });
    case '/authorize':
      response.writeHead(200, { 'content-type': 'text/html' }).end(page(url.searchParams));
      return;
    case '/token': {
      const form = new URLSearchParams(text);
      secrets.push(...form.getAll('client_secret'));
      const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
      if (codes.get(form.get('code') ?? '') !== challenge) return json(response, 400, { error: 'invalid_grant' });
      tokens.add('for-the-desk');
      return json(response, 200, { access_token: 'for-the-desk', token_type: 'Bearer', expires_in: 3600 });
    }
    case '/revoke':
      tokens.delete(new URLSearchParams(text).get('token') ?? '');
      return json(response, 200, {});
    default:
      return json(response, 404, {});
  }
}

test.beforeAll(async () => {
  server = createServer((request, response) => void read(request).then((text) => answer(request, text, response)));
  await new Promise<void>((done) => server.listen(Number(SERVICE.port), SERVICE.hostname, done));
});

test.afterAll(async () => {
  const closed = new Promise((done) => server.close(done));
  // The browser and the desk keep theirs open.
  server.closeAllConnections();
  await closed;
});

/** The form of a server that wants a person's consent. */
async function entering(page: Page): Promise<Locator> {
  await page.goto('/tools');
  await page.getByRole('button', { name: 'Connect a server' }).click();
  const dialog = page.getByRole('dialog', { name: 'Connect a server' });
  await dialog.getByRole('textbox', { name: 'Short name' }).fill('orders');
  await dialog.getByRole('textbox', { name: 'Address' }).fill(`${AT}/mcp`);
  await dialog.getByLabel('Sign-in').first().click();
  await page.getByRole('option', { name: /person.s consent/ }).click();
  return dialog;
}

test('a person consents to the access to a server, and takes it back', async ({ browser }) => {
  const { page, context } = await asOwner(browser);
  const wrong = complaints(page);
  const dialog = await entering(page);
  await expect(dialog.getByText('After saving, connect it on its page')).toBeVisible();
  await accessible(page, 'entering a server that wants consent');
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click();

  const access = page.getByRole('region', { name: 'Access by consent' });
  await expect(access.getByText('Not connected')).toBeVisible();
  await accessible(page, 'a server without consent');
  await shot(page, 'consent-none');
  await access.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByRole('link', { name: 'Deny' }).click();
  await expect(page.getByRole('heading', { name: 'Not connected' })).toBeVisible();
  await accessible(page, 'what a declined consent says');
  await page.goBack();
  await page.goBack();
  await access.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByRole('link', { name: 'Allow' }).click();

  await expect(page).toHaveURL(/\/servers\/mcp_/);
  await expect(access.getByText('Connected', { exact: true })).toBeVisible();
  await expect(access.getByText(/Given by .+ through http/)).toBeVisible();
  await expect(page.getByText('Find an order')).toBeVisible();
  await accessible(page, 'a server with consent');
  await shot(page, 'consent');
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(access.getByRole('button', { name: 'Connect again' })).toBeVisible();
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth), 'nothing sticks out').toBeLessThanOrEqual(390);
  await shot(page, 'consent-phone');

  await access.getByRole('button', { name: 'Disconnect' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
  await expect(access.getByText('Not connected')).toBeVisible();
  expect([...tokens], 'it was given back').toEqual([]);
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(page).toHaveURL(/\/tools$/);
  expect(wrong).toEqual([]);
  await context.close();
});

test('a client secret is shown to nobody before a person has said whose it is', async ({ browser }) => {
  const { page, context } = await asOwner(browser);
  const wrong = complaints(page);
  const dialog = await entering(page);
  await dialog.getByRole('textbox', { name: 'Client id' }).fill('by-hand');
  await dialog.getByLabel('Client secret').fill('hidden');
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click();

  const access = page.getByRole('region', { name: 'Access by consent' });
  const whose = page.getByRole('dialog', { name: 'Who gets the client secret?' });
  await access.getByRole('button', { name: 'Connect', exact: true }).click();
  await expect(whose).toContainText(AT);
  await accessible(page, 'whose a client secret is');
  await shot(page, 'consent-secret');
  await whose.getByRole('button', { name: 'Cancel' }).click();
  await expect(access.getByText('Not connected')).toBeVisible();
  expect(secrets).toEqual([]);

  await access.getByRole('button', { name: 'Connect', exact: true }).click();
  await whose.getByRole('button', { name: 'It is from there' }).click();
  await page.getByRole('link', { name: 'Allow' }).click();
  await expect(access.getByText('Connected', { exact: true })).toBeVisible();
  expect(secrets).toEqual(['hidden']);
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(page).toHaveURL(/\/tools$/);
  // The question is asked with a refusal, which the browser notes.
  expect(wrong.filter((line) => !line.includes('409'))).toEqual([]);
  await context.close();
});
