// A viewer reads and changes nothing; a business is out of another's reach.
import { expect, test } from '@playwright/test';

import { OPERATOR, PASSWORD, asOwner, enter, shot } from './desk';

test('an invited viewer reads the inbox and cannot change anything', async ({ browser }) => {
  const { page, context } = await asOwner(browser);
  await page.goto('/team');
  await page.getByRole('button', { name: 'Invite' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('E-mail').fill('vera@example.org');
  await dialog.getByLabel('Role').click();
  await page.getByRole('option', { name: /Viewer/ }).click();
  await dialog.getByRole('button', { name: 'Invite' }).click();
  const link = await page.getByText(/\/invitation\//).first().innerText();
  await context.close();

  const theirs = await browser.newContext();
  const viewer = await theirs.newPage();
  await viewer.goto(new URL(link.trim()).pathname);
  await viewer.getByLabel('Your name').fill('Vera');
  await viewer.getByLabel('New password').fill(`${PASSWORD} too`);
  await viewer.getByRole('button', { name: 'Accept the invitation' }).click();
  await expect(viewer).toHaveURL(/\/inbox/);
  await viewer.goto('/contacts');
  await expect(viewer.getByRole('heading', { level: 1 })).toBeVisible();
  await shot(viewer, 'contacts-viewer');
  const refused = await viewer.evaluate(async () => {
    const answer = await fetch('/api/v1/contacts', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"X"}' });
    return answer.status;
  });
  expect(refused).toBe(403);
  await viewer.goto('/keys');
  await expect(viewer.getByText('Not for your role')).toBeVisible();

  await viewer.goto(new URL(link.trim()).pathname);
  await expect(viewer.getByText('This invitation does not work any more')).toBeVisible();
  await theirs.close();
});

test('who works for one business does not see another, not even by its id', async ({ browser }) => {
  const owner = await asOwner(browser);
  const mine = await owner.page.evaluate(async () => (await (await fetch('/api/v1/conversations')).json()) as { items: { id: string }[] });
  expect(mine.items.length).toBeGreaterThan(0);
  const context = await browser.newContext();
  const page = await context.newPage();
  await enter(page, OPERATOR.email, OPERATOR.password);
  await expect(page).not.toHaveURL(/sign-in/);
  const status = await page.evaluate(async (id) => (await fetch(`/api/v1/conversations/${id}`)).status, mine.items[0]!.id);
  expect(status).toBe(404);
  await owner.context.close();
  await context.close();
});
