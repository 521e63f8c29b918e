// First start: a one-time password, a new one, and a conversation that happens live in the inbox.
import { expect, test } from '@playwright/test';

import { OWNER, PASSWORD, accessible, asOwner, complaints, enter, sayAsVisitor, shot, writeAsVisitor } from './desk';

test('the one-time password opens the console once, then a password of one’s own does', async ({ page }) => {
  const wrong = complaints(page);
  await page.goto('/');
  await expect(page).toHaveURL(/\/sign-in/);
  await accessible(page, 'sign-in');
  await shot(page, 'sign-in');
  await enter(page, OWNER.email, OWNER.oneTime);
  await expect(page).toHaveURL(/\/new-password/);
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Use the new password' }).click();
  await expect(page).toHaveURL(/\/inbox/);
  expect(wrong.filter((w) => !w.includes('401'))).toEqual([]);
});

test('a wrong password says nothing about who has an account', async ({ page }) => {
  await enter(page, 'nobody@example.org', 'not the password at all');
  const unknown = await page.getByRole('alert').first().innerText();
  await enter(page, OWNER.email, 'not the password at all');
  await expect(page.getByRole('alert').first()).toHaveText(unknown);
});

test('a conversation is watched live, taken over by writing, and given back', async ({ browser }) => {
  const { page, context } = await asOwner(browser);
  const visitor = await writeAsVisitor(browser, 'Hola, ¿qué servicios tienen?');
  const list = page.getByRole('list', { name: 'Conversations' }).or(page.getByLabel('Conversations')).first();
  await expect(list.getByText('¿qué servicios tienen?').or(list.getByText(/Corte/)).first()).toBeVisible({ timeout: 20_000 });
  await list.getByText(/servicios|Corte/).first().click();
  const thread = page.getByLabel('Messages').first();
  await expect(thread.getByText('¿qué servicios tienen?')).toBeVisible();
  await expect(thread.getByText(/Corte/).first()).toBeVisible({ timeout: 20_000 });

  await page.getByRole('textbox', { name: /message|reply|write/i }).last().fill('Hola, soy Marta. Ya te ayudo yo.');
  await page.keyboard.press('Control+Enter');
  await expect(visitor.page.getByText('Ya te ayudo yo.')).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText('You', { exact: true }).first()).toBeVisible();
  await shot(page, 'inbox-taken-over');

  await sayAsVisitor(visitor.page, 'Gracias Marta');
  await expect(thread.getByText('Gracias Marta')).toBeVisible({ timeout: 20_000 });
  await page.getByRole('button', { name: /give back/i }).first().click();
  await sayAsVisitor(visitor.page, '¿A qué hora abren mañana?');
  await expect(page.getByText('Bot', { exact: true }).first()).toBeVisible();
  await visitor.context.close();
  await context.close();
});
