// A viewer reads and changes nothing; a business is out of another's reach.
import { expect, test } from '@playwright/test';

import { DESK, PASSWORD, accessible, asOperator, asOwner, inbox, read, settled, shot, somebodyWrote } from './desk';

test.beforeAll(({ browser }) => somebodyWrote(browser));

test('an invited viewer reads the inbox and cannot change anything', async ({ browser }) => {
  const { page, context } = await asOwner(browser);
  await page.goto('/team');
  await page.getByRole('button', { name: 'Invite' }).click();
  const dialog = page.getByRole('dialog', { name: 'Invite somebody' });
  const email = `vera-${Date.now()}@example.org`;
  await dialog.getByLabel('E-mail').fill(email);
  await dialog.getByRole('radio', { name: 'Viewer' }).check();
  await shot(page, 'team-invite');
  await dialog.getByRole('button', { name: 'Invite' }).click();
  const link = await page.getByRole('dialog', { name: 'Hand over this link' }).getByText(/\/invitation\//).innerText();
  await context.close();

  const theirs = await browser.newContext();
  const viewer = await theirs.newPage();
  await viewer.goto(new URL(link.trim()).pathname);
  await expect(viewer.getByText(/as Viewer/)).toBeVisible();
  await viewer.getByLabel('Your name').fill('Vera');
  await viewer.getByLabel('New password').fill(`${PASSWORD} too`);
  await viewer.getByRole('button', { name: 'Accept the invitation' }).click();
  await expect(viewer).toHaveURL(/\/inbox/);

  // What would change something is not offered.
  const { list, thread } = inbox(viewer);
  await list.getByRole('link').first().click();
  await expect(thread).toBeVisible();
  await expect(viewer.getByText('Your role can read here but not answer.')).toBeVisible();
  for (const name of ['Take over', 'Give back to the bot', 'Snooze', 'More actions', 'Assign', 'Send']) {
    await expect(viewer.getByRole('button', { name, exact: true }), name).toHaveCount(0);
  }
  await shot(viewer, 'inbox-viewer');
  const never = /^(New|Add|Invite|Save|Delete|Remove|Publish|Connect|Import|Create|Edit|Use)\b/;
  for (const path of ['/calendar', '/contacts', '/tasks', '/services', '/agents', '/prompts', '/tools', '/channels', '/team', '/settings']) {
    await viewer.goto(path);
    await settled(viewer);
    const offered = await viewer.locator('main').getByRole('button', { name: never, disabled: false }).allInnerTexts();
    expect.soft(offered, path).toEqual([]);
  }
  await shot(viewer, 'settings-viewer');
  // And asking anyway is refused.
  const change = { headers: { origin: DESK }, data: { name: 'X', addresses: [{ kind: 'phone', value: '+57 300 111 2233' }] } };
  expect((await viewer.request.post('/api/v1/contacts', change)).status()).toBe(403);
  const conversations = await read<{ items: { id: string }[] }>(viewer, '/conversations');
  const saying = { headers: { origin: DESK }, data: { parts: [{ type: 'text', text: 'X' }] } };
  expect((await viewer.request.post(`/api/v1/conversations/${conversations.items[0]!.id}/replies`, saying)).status()).toBe(403);
  await viewer.goto('/keys');
  await expect(viewer.getByText('Not for your role')).toBeVisible();

  await viewer.goto(new URL(link.trim()).pathname);
  await expect(viewer.getByText('This invitation does not work any more')).toBeVisible();
  await theirs.close();
});

test('who works for one business does not see another, not even by its id', async ({ browser }) => {
  const owner = await asOwner(browser);
  const theirs = {
    conversations: await read<{ items: { id: string }[] }>(owner.page, '/conversations'),
    contacts: await read<{ items: { id: string }[] }>(owner.page, '/contacts'),
    agents: await read<{ items: { id: string }[] }>(owner.page, '/agents'),
    services: await read<{ items: { id: string }[] }>(owner.page, '/services'),
  };
  const { page, context } = await asOperator(browser);
  for (const [noun, { items }] of Object.entries(theirs)) {
    expect(items.length, noun).toBeGreaterThan(0);
    expect((await page.request.get(`/api/v1/${noun}/${items[0]!.id}`)).status(), noun).toBe(404);
    expect((await read<{ items: { id: string }[] }>(page, `/${noun}`)).items.filter((i) => items.some((t) => t.id === i.id)), noun).toEqual([]);
  }
  // Not by naming the other business either.
  const { tenants } = await read<{ tenants: { id: string }[] }>(page, '/session');
  const foreign = await owner.page.request.get('/api/v1/conversations', { headers: { 'x-tenant-id': tenants[0]!.id } });
  expect([403, 404]).toContain(foreign.status());
  await page.goto('/inbox');
  await expect(page.getByText('No conversations yet').or(page.getByText('Aún no hay conversaciones'))).toBeVisible();
  await page.goto(`/inbox/${theirs.conversations.items[0]!.id}`);
  await expect(page.getByText('This conversation is not here')).toBeVisible();
  await owner.context.close();
  await context.close();
});

test('who works at one location only is invited so, and moved with an undo', async ({ browser }) => {
  const { page, context } = await asOperator(browser);
  for (const name of ['Centro', 'Norte']) {
    const made = await page.request.post('/api/v1/locations', { headers: { origin: DESK }, data: { name } });
    expect(made.ok(), await made.text()).toBe(true);
  }
  await page.goto('/team');
  await page.getByRole('button', { name: 'Invite' }).click();
  const dialog = page.getByRole('dialog', { name: 'Invite somebody' });
  await dialog.getByLabel('E-mail').fill('nora@example.org');
  await dialog.getByRole('combobox', { name: 'Works at' }).press('ArrowDown');
  await page.getByRole('option', { name: 'Norte' }).click();
  await dialog.getByRole('heading', { name: 'Invite somebody' }).click();
  await dialog.getByRole('button', { name: 'Invite' }).click();
  const link = await page.getByRole('dialog', { name: 'Hand over this link' }).getByText(/\/invitation\//).innerText();
  const theirs = await browser.newContext();
  const nora = await theirs.newPage();
  await nora.goto(new URL(link.trim()).pathname);
  await nora.getByLabel('Your name').fill('Nora');
  await nora.getByLabel('New password').fill(`${PASSWORD} three`);
  await nora.getByRole('button', { name: 'Accept the invitation' }).click();
  await expect(nora).toHaveURL(/\/inbox/);
  await theirs.close();

  await page.reload();
  const row = page.getByRole('table', { name: 'People' }).getByRole('row', { name: /Nora/ });
  await expect(row).toContainText('Norte');
  await row.getByRole('button', { name: 'More about Nora' }).click();
  await page.getByRole('menuitem', { name: 'Choose locations' }).click();
  const places = page.getByRole('dialog', { name: 'Where Nora works' });
  await places.getByRole('combobox', { name: 'Works at' }).press('ArrowDown');
  await page.getByRole('option', { name: 'Centro' }).click();
  await places.getByRole('heading', { name: 'Where Nora works' }).click();
  await expect(page.getByRole('option', { name: 'Centro' })).toHaveCount(0);
  await accessible(page, 'where somebody works');
  await shot(page, 'team-places');
  await places.getByRole('button', { name: 'Save' }).click();
  await expect(row).toContainText('Norte and Centro');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(row).not.toContainText('Centro');
  await context.close();
});
