// What the stories share: who they are, how they sign in, what no page may do.
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, type Page, expect } from '@playwright/test';

export const OWNER = { email: process.env.OWNER_EMAIL ?? 'owner@salon-aurora.example', oneTime: process.env.ONE_TIME_PASSWORD ?? '' };
/** Runs the server and has a business of their own besides. */
export const OPERATOR = { email: process.env.OPERATOR_EMAIL ?? '', password: process.env.OPERATOR_PASSWORD ?? '' };
export const PASSWORD = 'plum kettle orbit seven';
export const SHOTS = process.env.SHOTS;

export async function enter(page: Page, email: string, password: string): Promise<void> {
  await page.goto('/sign-in');
  await page.locator('input[name=email]').fill(email);
  await page.locator('input[name=password]').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** A browser that is signed in as the owner of the demo. */
export async function asOwner(browser: Browser, options: Parameters<Browser['newContext']>[0] = {}): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await enter(page, OWNER.email, PASSWORD);
  await expect(page).toHaveURL(/\/inbox/);
  return { context, page };
}

/** Whatever the browser complains about: a refused script, a failed request, an exception. */
export function complaints(page: Page): string[] {
  const found: string[] = [];
  page.on('pageerror', (error) => found.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') found.push(message.text());
  });
  return found;
}

/** No serious or critical violation of WCAG 2 A and AA. */
export async function accessible(page: Page, where: string): Promise<void> {
  const result = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']).analyze();
  const serious = result.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
  const told = serious.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(' | ')}`);
  expect(told, where).toEqual([]);
}

export async function shot(page: Page, name: string): Promise<void> {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png` });
}

/** A customer writes on the salon's site. */
export async function writeAsVisitor(browser: Browser, text: string): Promise<{ page: Page; context: BrowserContext }> {
  const context = await browser.newContext({ locale: 'es-CO' });
  const page = await context.newPage();
  await page.goto('/demo-site');
  await page.getByRole('button', { name: 'Abrir el chat' }).click();
  await sayAsVisitor(page, text);
  return { page, context };
}

export async function sayAsVisitor(page: Page, text: string): Promise<void> {
  const box = page.getByRole('textbox', { name: 'Escribe un mensaje' });
  await box.fill(text);
  await box.press('Enter');
}
