// What the stories share: who they are, how they sign in, what no page may do.
import { AxeBuilder } from '@axe-core/playwright';
import { type APIRequestContext, type Browser, type BrowserContext, type Locator, type Page, expect } from '@playwright/test';

export const DESK = process.env.FRONTDESK ?? 'http://127.0.0.1:8000';
export const OWNER = { email: process.env.OWNER_EMAIL ?? 'owner@salon-aurora.example', oneTime: process.env.ONE_TIME_PASSWORD ?? '' };
/** Runs the server and has a business of their own besides. */
export const OPERATOR = { email: process.env.OPERATOR_EMAIL ?? '', password: process.env.OPERATOR_PASSWORD ?? '' };
export const PASSWORD = 'plum kettle orbit seven';

const SHOTS = process.env.SHOTS;
const OURS = { origin: DESK };

type Options = NonNullable<Parameters<Browser['newContext']>[0]>;
type Kept = Awaited<ReturnType<BrowserContext['storageState']>>;

/** Through the form, as a person does. */
export async function enter(page: Page, email: string, password: string): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

const kept = new Map<string, Kept>();

/** A browser in which somebody is signed in already. */
async function as(browser: Browser, email: string, options: Options, open: (ask: APIRequestContext) => Promise<void>): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ ...options, storageState: kept.get(email) });
  if (!kept.has(email)) {
    await open(context.request);
    kept.set(email, await context.storageState());
  }
  return { context, page: await context.newPage() };
}

async function signIn(ask: APIRequestContext, email: string, password: string): Promise<boolean> {
  return (await ask.post('/api/v1/session', { headers: OURS, data: { email, password } })).ok();
}

/** As the owner of the demo, whoever came first: the one-time password is changed if nobody has done it. */
export async function asOwner(browser: Browser, options: Options = {}): Promise<{ context: BrowserContext; page: Page }> {
  return as(browser, OWNER.email, options, async (ask) => {
    if (await signIn(ask, OWNER.email, PASSWORD)) return;
    expect(await signIn(ask, OWNER.email, OWNER.oneTime), 'the owner signs in').toBe(true);
    const changed = await ask.post('/api/v1/session/password', { headers: OURS, data: { current: OWNER.oneTime, password: PASSWORD } });
    expect(changed.ok(), 'the one-time password is changed').toBe(true);
  });
}

export async function asOperator(browser: Browser, options: Options = {}): Promise<{ context: BrowserContext; page: Page }> {
  return as(browser, OPERATOR.email, options, async (ask) => {
    expect(await signIn(ask, OPERATOR.email, OPERATOR.password), 'the operator signs in').toBe(true);
  });
}

/** What the API answers to whoever is signed in. */
export async function read<T>(page: Page, path: string): Promise<T> {
  const answer = await page.request.get(`/api/v1${path}`);
  expect(answer.ok(), path).toBe(true);
  return (await answer.json()) as T;
}

/** Whatever the browser complains about: a refused script, a failed request, an exception. */
export function complaints(page: Page): string[] {
  const found: string[] = [];
  page.on('pageerror', (error) => found.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') found.push(`${message.text()} (${message.location().url})`);
  });
  return found;
}

/** No serious or critical violation of WCAG 2 A and AA; `colours`: of what dark and light do not share. */
export async function accessible(page: Page, where: string, colours = false): Promise<void> {
  // What is judged is what was painted last.
  await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
  // In the page itself: without frames of others there is nothing to join in a second one.
  const axe = new AxeBuilder({ page }).setLegacyMode(true);
  const result = await (colours ? axe.withRules(['color-contrast', 'link-in-text-block']) : axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'])).analyze();
  const serious = result.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
  const told = serious.map((v) => `${v.id}: ${v.nodes.slice(0, 4).map((n) => `${n.target.join(' ')} ${n.any[0]?.message ?? ''}`).join(' | ')}`);
  expect.soft(told, where).toEqual([]);
}

/** Nothing is still on its way. */
export async function settled(page: Page): Promise<void> {
  await expect(page.locator('main').first()).toBeVisible();
  await expect(page.getByRole('status', { name: /^(Loading|Cargando)…$/ })).toHaveCount(0, { timeout: 20_000 });
  await expect(page.getByRole('heading', { level: 1 }).first()).toBeAttached();
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

/** There is somebody to talk to, also when no story before has brought anybody. */
export async function somebodyWrote(browser: Browser): Promise<void> {
  const { page, context } = await asOwner(browser);
  const { items } = await read<{ items: { channel: { kind: string } }[] }>(page, '/conversations?limit=200');
  if (!items.some((c) => c.channel.kind === 'webchat')) {
    const visitor = await writeAsVisitor(browser, 'Hola, ¿qué servicios tienen?');
    await expect(answered(visitor.page, /Corte/)).toBeVisible({ timeout: 20_000 });
    await visitor.context.close();
  }
  await context.close();
}

/** What the salon answered in the chat on its site. */
export function answered(page: Page, text: string | RegExp): Locator {
  return page.getByRole('log', { name: 'Conversación' }).getByText(text).last();
}

/** The list of the inbox, and the thread beside it. */
export function inbox(page: Page): { list: Locator; thread: Locator; reply: Locator } {
  return {
    list: page.getByRole('navigation', { name: 'Conversations' }),
    thread: page.getByRole('log', { name: 'Messages' }),
    reply: page.getByRole('textbox', { name: 'Reply' }),
  };
}
