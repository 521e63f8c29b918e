// A business connects a system of its own: a tool is defined, tried against a real service, and used by the agent.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, test } from '@playwright/test';

import { accessible, asOwner, complaints, shot } from './desk';

const SERVICE = new URL(process.env.TOOL_SERVICE ?? 'http://127.0.0.1:0');
const heard: { method: string; url: string; key: string; body: string }[] = [];
let service: Server;

async function body(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request) text += String(piece);
  return text;
}

test.beforeAll(async () => {
  service = createServer((request, response) => {
    void body(request).then((text) => {
      heard.push({ method: request.method ?? '', url: request.url ?? '', key: String(request.headers['x-shop-key'] ?? ''), body: text });
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ order: request.url?.split('/').at(-1)?.split('?')[0], state: 'on its way', secret_of_others: '42' }));
    });
  });
  await new Promise<void>((done) => service.listen(Number(SERVICE.port), SERVICE.hostname, done));
  expect((service.address() as AddressInfo).port).toBe(Number(SERVICE.port));
});

test.afterAll(async () => {
  const closed = new Promise((done) => service.close(done));
  service.closeAllConnections();
  await closed;
});

test('an HTTP tool is defined, and tried with the exact request shown', async ({ browser }) => {
  const { page, context } = await asOwner(browser);
  const wrong = complaints(page);
  await page.goto('/tools');
  await page.getByRole('button', { name: 'New tool' }).click();
  await page.getByRole('menuitem', { name: 'Write it yourself' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).first().fill('order_state');
  await page.getByRole('textbox', { name: 'Title', exact: true }).fill('Where is my order');
  await page.getByRole('textbox', { name: 'Description', exact: true }).first().fill('Tells where an order is. Use it when somebody asks for a delivery.');
  await page.getByRole('button', { name: 'Add a parameter' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).nth(1).fill('number');
  await page.getByRole('textbox', { name: 'URL' }).fill(`${SERVICE.origin}/orders/{number}`);
  await page.getByRole('button', { name: 'Add a query field' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).nth(2).fill('lang');
  await page.getByRole('textbox', { name: 'Value', exact: true }).fill('es');
  await page.getByRole('button', { name: 'Add a header' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).nth(3).fill('X-Shop-Key');
  await page.getByRole('textbox', { name: 'Value', exact: true }).nth(1).fill('abc-1');
  await page.getByRole('textbox', { name: 'Part of the answer' }).fill('/state');

  await page.getByRole('textbox', { name: 'Arguments' }).fill('{"number": "A 17"}');
  await page.getByRole('button', { name: 'Send' }).click();
  const request = page.getByRole('region', { name: 'Request', exact: true });
  await expect(request).toContainText(`GET ${SERVICE.origin}/orders/A%2017?lang=es`);
  await expect(request).toContainText('abc-1');
  const response = page.getByRole('region', { name: 'Response', exact: true });
  await expect(response).toContainText('200');
  await expect(response).toContainText('on its way');
  const told = page.getByRole('region', { name: 'What the model reads' });
  await expect(told).toContainText('on its way');
  await expect(told).not.toContainText('secret_of_others');
  expect(heard).toEqual([{ method: 'GET', url: '/orders/A%2017?lang=es', key: 'abc-1', body: '' }]);
  await accessible(page, 'a tool and its trial');
  await shot(page, 'tool-trial');

  await page.getByRole('textbox', { name: 'Arguments' }).fill('{"count": 3}');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByText('The arguments do not fit')).toBeVisible();
  expect(heard).toHaveLength(1);

  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('order_state is saved.')).toBeVisible();
  await page.goto('/tools');
  await expect(page.getByRole('table', { name: 'Your tools' })).toContainText('Where is my order');
  expect(wrong).toEqual([]);
  await context.close();
});

test('a tool cannot reach what is not public', async ({ browser }) => {
  const { page, context } = await asOwner(browser);
  await page.goto('/tools/new');
  await page.getByRole('textbox', { name: 'Name', exact: true }).first().fill('inner_service');
  await page.getByRole('textbox', { name: 'Description', exact: true }).first().fill('Must not be reached.');
  await page.getByRole('textbox', { name: 'URL' }).fill('http://127.0.0.1/health');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByRole('textbox', { name: 'URL' })).toBeFocused();
  await expect(page.getByText('may not be called: not a public address')).toBeVisible();
  await context.close();
});
