// Without a mouse, and in the dark.
import { type Browser, expect, test } from '@playwright/test';

import { asOwner, inbox, settled, shot, writeAsVisitor } from './desk';

/** Who writes moves up in the list: it keeps still once both have their answer. */
async function twoAsk(browser: Browser): Promise<void> {
  for (const question of ['Primera pregunta: ¿abren el lunes?', 'Segunda pregunta: ¿abren el martes?']) {
    const visitor = await writeAsVisitor(browser, question);
    await expect(visitor.page.locator('.line:not(.own)[data-seq]').first()).toBeVisible({ timeout: 20_000 });
    await visitor.context.close();
  }
}

test('the inbox is worked through with the keyboard', async ({ browser }) => {
  await twoAsk(browser);
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

test('who is faster than the page loses nothing', async ({ browser }) => {
  await twoAsk(browser);
  const { page, context } = await asOwner(browser);
  await page.goto('/calendar?view=day&day=2026-03-02');
  await settled(page);
  // A telephone of some years ago.
  const browserItself = await context.newCDPSession(page);
  await browserItself.send('Emulation.setCPUThrottlingRate', { rate: 6 });
  for (let day = 0; day < 5; day += 1) await page.keyboard.press('j');
  await page.keyboard.press('w');
  await expect(page).toHaveURL(/view=week&day=2026-03-07|day=2026-03-07&view=week/);
  await page.goto('/inbox');
  const links = inbox(page).list.getByRole('link');
  await expect(links.nth(1)).toBeVisible();
  for (let n = 0; n < 2; n += 1) await page.keyboard.press('j');
  await expect(links.nth(1)).toHaveAttribute('aria-current', 'true');
  await page.goto('/contacts');
  const search = page.getByRole('textbox', { name: 'Search' });
  await search.click();
  await page.keyboard.type('camila torres');
  await expect(search).toHaveValue('camila torres');
  await expect(page).toHaveURL(/q=camila[+]torres$/);
  await context.close();
});
