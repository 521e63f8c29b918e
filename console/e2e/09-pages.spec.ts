// Every page in light, in dark and on a phone: it opens without complaint, it is accessible, and it is photographed for whoever looks.
import { type Page, expect, test } from '@playwright/test';

import { OPERATOR, accessible, asOwner, complaints, enter, shot } from './desk';

const PAGES = ['inbox', 'calendar', 'contacts', 'tasks', 'overview', 'agents', 'prompts', 'tools', 'channels', 'services', 'team', 'roles', 'keys', 'audit', 'settings', 'account'];

async function settled(page: Page): Promise<void> {
  await expect(page.locator('main').first()).toBeVisible();
  await expect(page.getByRole('status', { name: 'Loading…' })).toHaveCount(0, { timeout: 20_000 });
}

for (const scheme of ['light', 'dark'] as const) {
  for (const [device, viewport] of [['desk', { width: 1360, height: 900 }], ['phone', { width: 390, height: 844 }]] as const) {
    test(`every page, ${scheme}, ${device}`, async ({ browser }) => {
      test.setTimeout(300_000);
      const { page, context } = await asOwner(browser, { colorScheme: scheme, viewport, hasTouch: device === 'phone' });
      const wrong = complaints(page);
      for (const name of PAGES) {
        await page.goto(`/${name}`);
        await settled(page);
        await expect(page.getByText('There is nothing here'), name).toHaveCount(0);
        const width = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(width, `${name} does not scroll sideways`).toBeLessThanOrEqual(1);
        await accessible(page, `${name}, ${scheme}, ${device}`);
        await shot(page, `${name}-${scheme}-${device}`);
      }
      expect(wrong).toEqual([]);
      await context.close();
    });
  }
}

test('the operator sees every business and how the server is doing', async ({ browser }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await enter(page, OPERATOR.email, OPERATOR.password);
  await expect(page).not.toHaveURL(/sign-in/);
  await page.goto('/tenants');
  await expect(page.getByText('Salón Aurora').first()).toBeVisible();
  await accessible(page, 'tenants');
  await shot(page, 'tenants');
  await page.goto('/system');
  await expect(page.getByText(/SQLite/).first()).toBeVisible();
  await accessible(page, 'system');
  await shot(page, 'system');
  await context.close();
});

test('what anyone may read is readable without an account', async ({ page }) => {
  for (const path of ['/privacy', '/terms', '/data-deletion']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await accessible(page, path);
  }
  const wrong = complaints(page);
  await page.goto('/docs');
  await expect(page.getByText('frontdesk').first()).toBeVisible({ timeout: 30_000 });
  await page.goto('/redoc');
  await expect(page.getByText('frontdesk').first()).toBeVisible({ timeout: 30_000 });
  expect(wrong.filter((w) => w.includes('Content Security Policy'))).toEqual([]);
});
