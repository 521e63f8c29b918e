// First start: a one-time password, a new one, and a conversation that happens live in the inbox.
import { expect, test } from '@playwright/test';

import { OWNER, PASSWORD, accessible, answered, asOwner, complaints, enter, inbox, sayAsVisitor, shot, writeAsVisitor } from './desk';

test('the one-time password opens the console once, then a password of one’s own does', async ({ page }) => {
  const wrong = complaints(page);
  await page.goto('/');
  await expect(page).toHaveURL(/\/sign-in/);
  await accessible(page, 'sign-in');
  await shot(page, 'sign-in');
  await enter(page, OWNER.email, OWNER.oneTime);
  await expect(page).toHaveURL(/\/new-password/);
  await accessible(page, 'new-password');
  await shot(page, 'new-password');
  await page.getByLabel('The password you have now').fill(OWNER.oneTime);
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Use the new password' }).click();
  await expect(page).toHaveURL(/\/inbox/);

  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await enter(page, OWNER.email, OWNER.oneTime);
  await expect(page.getByRole('alert')).toContainText('E-mail or password is wrong.');
  await enter(page, OWNER.email, PASSWORD);
  await expect(page).toHaveURL(/\/inbox/);
  // Nobody is signed in, a password is wrong: the browser writes down every 401.
  expect(wrong.filter((w) => !w.includes('401'))).toEqual([]);
});

test('a wrong password says nothing about who has an account', async ({ page }) => {
  await enter(page, 'nobody@example.org', 'not the password at all');
  const unknown = await page.getByRole('alert').innerText();
  await enter(page, OWNER.email, 'not the password at all');
  await expect(page.getByRole('alert')).toHaveText(unknown, { useInnerText: true });
});

test('a conversation is watched live, taken over by writing, and given back', async ({ browser }) => {
  const { page, context } = await asOwner(browser);
  await page.goto('/inbox');
  const { list, thread, reply } = inbox(page);
  await expect(list).toBeVisible();
  const visitor = await writeAsVisitor(browser, 'Hola, ¿qué servicios tienen?');
  // Nothing was loaded again: it came by itself, and the bot has answered.
  const first = list.getByRole('link').first();
  await expect(first).toContainText('Corte', { timeout: 20_000 });
  await expect(first).toContainText('Bot');
  await first.click();
  await expect(thread.getByText('¿qué servicios tienen?')).toBeVisible();
  await expect(thread.getByText(/Corte de dama/).first()).toBeVisible();

  await reply.fill('Hola, soy Marta. Ya te ayudo yo.');
  await expect(page.getByText('You are taking over')).toBeVisible();
  await reply.press('Control+Enter');
  await expect(answered(visitor.page, 'Ya te ayudo yo.')).toBeVisible({ timeout: 20_000 });
  await expect(thread.getByText('Ya te ayudo yo.')).toBeVisible();
  await expect(list.getByRole('link').first()).toContainText('You');
  await shot(page, 'inbox-taken-over');

  await sayAsVisitor(visitor.page, 'Gracias Marta');
  await expect(thread.getByText('Gracias Marta')).toBeVisible({ timeout: 20_000 });
  // The bot is silent while a person has it, and on duty again afterwards.
  await expect(list.getByRole('link').first()).toContainText('Waiting');
  await page.getByRole('button', { name: 'Give back to the bot' }).click();
  await expect(list.getByRole('link').first()).toContainText('Bot');
  await sayAsVisitor(visitor.page, '¿Qué horario tienen?');
  await expect(thread.getByText(/9:00|09:00/).last()).toBeVisible({ timeout: 20_000 });
  await visitor.context.close();
  await context.close();
});
