// Every page in light, in dark and on a phone: it opens without complaint, it is accessible, and it is photographed for whoever looks.
import { type Page, expect, test } from '@playwright/test';

import { accessible, asOperator, asOwner, complaints, read, settled, shot, somebodyWrote } from './desk';

const PAGES = [
  'inbox', 'calendar', 'calendar?view=day', 'calendar?view=month', 'contacts', 'contacts/import', 'contacts/duplicates', 'tasks', 'approvals', 'payments', 'settings/payments', 'overview', 'reports', 'agents', 'policies', 'policies/actions', 'prompts',
  'tools', 'tools/new', 'channels', 'services', 'services/staff', 'services/hours', 'services/locations', 'team', 'roles', 'keys', 'audit', 'tokens', 'settings', 'account',
];
const DEVICES = [['desk', { width: 1360, height: 900 }], ['phone', { width: 390, height: 844 }]] as const;

async function looksRight(page: Page, name: string, colours: boolean): Promise<void> {
  await settled(page);
  await expect(page.getByText('There is nothing here'), name).toHaveCount(0);
  const width = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect.soft(width, `${name} does not scroll sideways`).toBeLessThanOrEqual(1);
  await accessible(page, `${name}, light`);
  await shot(page, `${name}-light`);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
  await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
  // Colours are the same on every device.
  if (colours) await accessible(page, `${name}, dark`, true);
  await shot(page, `${name}-dark`);
  await page.emulateMedia({ colorScheme: 'light' });
}

for (const [device, viewport] of DEVICES) {
  test(`every page in light and in dark, ${device}`, async ({ browser }) => {
    test.setTimeout(300_000);
    const { page, context } = await asOwner(browser, { colorScheme: 'light', viewport, hasTouch: device === 'phone' });
    await somebodyWrote(browser);
    const wrong = complaints(page);
    // A phone has one view of the calendar.
    for (const path of PAGES.filter((p) => device === 'desk' || !p.includes('?'))) {
      await page.goto(`/${path}`);
      await looksRight(page, `${path.replace(/\W+/g, '-')}-${device}`, device === 'desk');
    }
    // One of each, with whatever stands beside it.
    for (const noun of ['conversations', 'contacts', 'agents'] as const) {
      const { items } = await read<{ items: { id: string }[] }>(page, `/${noun}`);
      expect(items.length, noun).toBeGreaterThan(0);
      await page.goto(`/${noun === 'conversations' ? 'inbox' : noun}/${items[0]!.id}`);
      await looksRight(page, `one-of-${noun}-${device}`, device === 'desk');
    }
    expect(wrong).toEqual([]);
    await context.close();
  });
}

test('the operator sees every business and how the server is doing', async ({ browser }) => {
  const { page, context } = await asOperator(browser);
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
