// Money goes back when a person said yes to exactly that: in the console, by a link on a phone, and once.
import { expect, test } from '@playwright/test';

import { accessible, complaints, inbox, settled, shot } from './desk';
import { type Own, ownDemo } from './own';

interface Approval {
  id: string;
  state: string;
  action: string;
  args_hash: string;
  arguments: { payment: string; amount_minor: number; reason: string };
}
interface Payment {
  id: string;
  state: string;
  mock: boolean;
  contact_name: string | null;
  refunded_minor: number;
  refunds: { minor: number; state: string }[];
}

let own: Own;
test.beforeEach(async () => {
  own = await ownDemo();
});
test.afterEach(() => own?.stop());

async function waits(): Promise<Approval> {
  let found: Approval | undefined;
  await expect
    .poll(async () => (found = (await own.read<{ items: Approval[] }>('/approvals?state=pending')).items.find((a) => a.action === 'refund_payment')), { timeout: 30_000 })
    .toBeTruthy();
  return found!;
}

const approval = (id: string) => own.read<Approval>(`/approvals/${id}`);
const payment = (id: string) => own.read<Payment>(`/payments/${id}`);

test('a refund waits in Approvals; a yes in the console gives the money back once', async ({ browser }) => {
  const asked = await waits();
  const { page, context } = await own.asOwner(browser);
  const wrong = complaints(page);
  expect((await payment(asked.arguments.payment)).state).toBe('paid');
  await page.goto('/approvals');
  await page.getByRole('navigation', { name: 'Requests' }).getByRole('link', { name: /Valentina Ruiz/ }).click();
  const table = page.getByRole('table', { name: 'Exactly this' });
  await expect(table).toContainText(asked.arguments.payment);
  await expect(table).toContainText(String(asked.arguments.amount_minor));
  await page.getByRole('button', { name: 'Approve', exact: true }).click();
  const yes = page.getByRole('dialog', { name: /^Approve:/ });
  await accessible(page, 'a yes to a refund');
  await shot(page, 'refund-yes');
  // An impatient finger.
  await yes.getByRole('button', { name: 'Yes, do it' }).dblclick();
  await expect(page.getByText('Approved and done')).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole('button', { name: 'Approve', exact: true })).toHaveCount(0);
  const said = await page.request.post(`/api/v1/approvals/${asked.id}/approve`, { headers: { origin: own.origin }, data: { args_hash: asked.args_hash } });
  expect(said.ok(), 'who says it again learns what was decided').toBe(true);
  const after = await payment(asked.arguments.payment);
  expect([after.state, after.mock, after.refunds.map((r) => r.minor)]).toEqual(['refunded', true, [asked.arguments.amount_minor]]);

  await page.getByRole('link', { name: 'Conversation' }).click();
  await expect(inbox(page).thread.getByText(/Se devolvió .*145/).first()).toBeVisible({ timeout: 20_000 });
  await shot(page, 'refund-thread');
  await page.goto('/payments');
  const row = page.getByRole('row').filter({ hasText: 'Valentina Ruiz' });
  await expect(row).toContainText('Refunded');
  await expect(row).toContainText('Demo');
  await row.getByRole('button').click();
  const one = page.getByRole('dialog', { name: 'Payment' });
  await expect(one.getByRole('region', { name: 'Refunds' })).toContainText('Refunded');
  await expect(one.getByRole('button', { name: 'Refund…' })).toHaveCount(0);
  await accessible(page, 'a payment');
  await shot(page, 'payment');
  expect(wrong).toEqual([]);
  await context.close();
});

test('on a phone, by the link of a mail: looking changes nothing, a yes counts once', async ({ browser }) => {
  const asked = await waits();
  const link = () => own.mails.map((m) => /http\S+\/a\/\S+/.exec(m)?.[0]).find((found) => found !== undefined);
  await expect.poll(link, { timeout: 60_000 }).toBeTruthy();
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: 'en-GB', colorScheme: 'light' });
  const page = await context.newPage();
  const wrong = complaints(page);
  await page.goto(link()!);
  await expect(page.getByRole('heading', { level: 1, name: 'The assistant asks for a decision' })).toBeVisible();
  for (const [name, value, from] of [
    ['amount_minor', String(asked.arguments.amount_minor), 'from the assistant'],
    ['payment', asked.arguments.payment, 'from another tool'],
    ['reason', asked.arguments.reason, 'from the assistant'],
  ] as const) {
    const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
    await expect(row).toContainText(value);
    await expect(row).toContainText(from);
  }
  await expect(page.getByText('Valentina Ruiz')).toBeVisible();
  const width = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(width, 'it does not scroll sideways').toBeLessThanOrEqual(1);
  await accessible(page, 'a signed link');
  await shot(page, 'signed-link-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await accessible(page, 'a signed link, dark', true);
  await shot(page, 'signed-link-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.reload();
  expect((await approval(asked.id)).state, 'looking changes nothing').toBe('pending');
  expect((await payment(asked.arguments.payment)).refunds).toEqual([]);

  await page.getByRole('textbox', { name: /^Note for the assistant/ }).fill('Que se mejore');
  await page.getByRole('button', { name: 'Approve' }).tap();
  await expect(page.getByRole('status')).toContainText('Approved');
  await expect(page.getByRole('button')).toHaveCount(0);
  await expect.poll(async () => (await approval(asked.id)).state, { timeout: 30_000 }).toBe('executed');
  await page.reload();
  await expect(page.getByRole('status')).toHaveText('Approved and done.');
  await expect(page.getByText('«Que se mejore»')).toBeVisible();
  await accessible(page, 'a signed link that was used');
  await shot(page, 'signed-link-done');
  // The form once more, as a browser does that goes back.
  const again = await page.request.post(link()!, { form: { say: 'approve', args_hash: asked.args_hash } });
  expect(again.ok()).toBe(true);
  const no = await page.request.post(link()!, { headers: { 'accept-language': 'en' }, form: { say: 'reject', args_hash: asked.args_hash } });
  expect(await no.text()).toContain('Approved and done.');
  const after = await payment(asked.arguments.payment);
  expect([after.state, after.refunds.length]).toEqual(['refunded', 1]);
  expect(wrong).toEqual([]);
  await context.close();
});

test('who may gives a payment back by hand, in part, and cannot give back more than is left', async ({ browser }) => {
  await waits();
  const { page, context } = await own.asOwner(browser, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: 'es-CO' });
  await page.goto('/payments?state=paid');
  await settled(page);
  await expect(page.getByRole('heading', { level: 1, name: 'Pagos' })).toBeVisible();
  const { items } = await own.read<{ items: Payment[] }>('/payments?state=paid');
  const diego = items.find((p) => p.contact_name === 'Diego Herrera')!;
  await page.getByRole('row').filter({ hasText: 'Diego Herrera' }).getByRole('button').tap();
  await page.getByRole('button', { name: 'Devolver…' }).tap();
  const dialog = page.getByRole('dialog', { name: 'Devolver un pago' });
  const amount = dialog.getByRole('textbox', { name: 'Importe' });
  await amount.fill('32001');
  await expect(dialog.getByText(/Más que nada, y como máximo/)).toBeVisible();
  await amount.fill('10000');
  await dialog.getByRole('textbox', { name: 'Motivo' }).fill('Llegamos tarde');
  await accessible(page, 'giving back');
  await shot(page, 'refund-by-hand');
  await dialog.getByRole('button', { name: /^Devolver .*10.000/ }).tap();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole('dialog', { name: 'Pago' }).getByText('Devuelto en parte')).toBeVisible();
  const after = await payment(diego.id);
  expect([after.state, after.refunded_minor, after.refunds.length]).toEqual(['paid', 1_000_000, 1]);
  await accessible(page, 'a payment that was given back in part');
  await shot(page, 'payment-partly-phone');
  await context.close();
});
