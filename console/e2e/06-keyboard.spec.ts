// Without a mouse, and in the dark.
import { expect, test } from '@playwright/test';

import { asOwner, inbox, shot, writeAsVisitor } from './desk';

test('the inbox is worked through with the keyboard', async ({ browser }) => {
  const [one, two] = [await writeAsVisitor(browser, 'Primera pregunta: ¿abren el lunes?'), await writeAsVisitor(browser, 'Segunda pregunta: ¿abren el martes?')];
  // Who writes moves up in the list: it keeps still once both have their answer.
  for (const { page } of [one, two]) await expect(page.locator('.line:not(.own)[data-seq]').first()).toBeVisible({ timeout: 20_000 });
  const { page, context } = await asOwner(browser);
  await page.goto('/inbox');
  const { list, thread, reply } = inbox(page);
  await expect(list.getByRole('link').nth(1)).toBeVisible();
  await page.keyboard.press('j');
  await expect(list.getByRole('link').first()).toHaveAttribute('aria-current', 'true');
  await page.keyboard.press('j');
  await expect(list.getByRole('link').nth(1)).toHaveAttribute('aria-current', 'true');
  await page.keyboard.press('k');
  await expect(list.getByRole('link').first()).toHaveAttribute('aria-current', 'true');
  await expect(thread).toBeVisible();
  await page.keyboard.press('r');
  await expect(reply).toBeFocused();
  // While one types, letters are letters.
  await page.keyboard.type('jk');
  await expect(reply).toHaveValue('jk');
  await reply.fill('');
  await page.keyboard.press('Escape');
  await expect(reply).not.toBeFocused();
  await page.keyboard.press('/');
  const search = page.getByRole('textbox', { name: 'Search people and messages' });
  await expect(search).toBeFocused();
  await search.fill('segunda pregunta');
  await expect(page.getByText('Segunda pregunta').first()).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toContainText('Next conversation');
  await page.keyboard.press('Escape');
  await one.context.close();
  await two.context.close();
  await context.close();
});

test('Ctrl-K finds pages, contacts and deeds', async ({ browser }) => {
  const { page, context } = await asOwner(browser);
  await page.goto('/inbox');
  await expect(inbox(page).list).toBeVisible();
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('searchbox', { name: 'Page, action, contact or conversation' }).or(page.getByLabel('Page, action, contact or conversation'));
  await expect(palette).toBeFocused();
  await palette.fill('camila');
  await expect(page.getByRole('button', { name: /Camila Torres/ }).first()).toBeVisible();
  await shot(page, 'palette');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Camila Torres' }).first()).toBeVisible();
  await page.keyboard.press('Control+k');
  await palette.fill('calendar');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/calendar/);
  await context.close();
});

test('dark is chosen in the menu and stays', async ({ browser }) => {
  const { page, context } = await asOwner(browser, { colorScheme: 'light' });
  await page.goto('/inbox');
  const scheme = () => page.locator('html').getAttribute('data-mantine-color-scheme');
  await expect.poll(scheme).toBe('light');
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByText('Dark', { exact: true }).click();
  await expect.poll(scheme).toBe('dark');
  await page.reload();
  await expect(page.getByRole('navigation', { name: 'Pages' })).toBeVisible();
  expect(await scheme()).toBe('dark');
  await context.close();
});
