// The assistant must ask before it books: a rule says so, somebody looks at exactly what it wants, and decides.
import { type Browser, type Page, expect, test } from '@playwright/test';

import { DESK, accessible, answered, asOwner, complaints, read, sayAsVisitor, settled, shot, writeAsVisitor } from './desk';

interface Approval {
  id: string;
  state: string;
  action: string;
  args_hash: string;
  arguments: Record<string, unknown>;
}

const OURS = { origin: DESK };

async function put(page: Page, items: object[]): Promise<void> {
  const answer = await page.request.put('/api/v1/policies', { headers: OURS, data: { items } });
  expect(answer.ok(), await answer.text()).toBe(true);
}

/** A customer who wants an appointment that nobody books without a yes. */
async function wants(browser: Browser, name: string, time: string) {
  const visitor = await writeAsVisitor(browser, 'Quiero agendar una cita de manicure');
  await expect(visitor.page.locator('.line:not(.own)[data-seq]').first()).toBeVisible({ timeout: 20_000 });
  await sayAsVisitor(visitor.page, `El próximo jueves a las ${time}, soy ${name}`);
  return visitor;
}

async function waiting(page: Page): Promise<Approval[]> {
  // A refund waits in every demo.
  return (await read<{ items: Approval[] }>(page, '/approvals?state=pending')).items.filter((a) => a.action === 'schedule_appointment');
}

async function appointmentsOf(page: Page, name: string): Promise<number> {
  const [from, to] = [Date.now(), Date.now() + 20 * 86_400_000].map((at) => new Date(at).toISOString());
  const found = await read<{ items: { contact_name: string | null }[] }>(page, `/appointments?limit=200&from=${from}&to=${to}`);
  return found.items.filter((a) => a.contact_name === name).length;
}

const SHAPES = [['desk', { width: 1360, height: 900 }], ['phone', { width: 390, height: 844 }]] as const;

/** As it looks in light and in dark, at a desk and on a phone. */
async function looksRight(browser: Browser, path: string, name: string): Promise<void> {
  for (const [device, viewport] of SHAPES) {
    const { page, context } = await asOwner(browser, { colorScheme: 'light', viewport, hasTouch: device === 'phone' });
    await page.goto(path);
    await settled(page);
    const width = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect.soft(width, `${name} does not scroll sideways`).toBeLessThanOrEqual(1);
    await accessible(page, `${name}, ${device}`);
    await shot(page, `${name}-${device}-light`);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
    await accessible(page, `${name}, ${device}, dark`, true);
    await shot(page, `${name}-${device}-dark`);
    await context.close();
  }
}

test.afterAll(async ({ browser }) => {
  const { page, context } = await asOwner(browser);
  await put(page, []);
  await context.close();
});

test('a rule is written, tried and moved, and every change can be taken back', async ({ browser }) => {
  const { page, context } = await asOwner(browser);
  await put(page, []);
  const wrong = complaints(page);
  await page.goto('/policies');
  await expect(page.getByText('No rules yet')).toBeVisible();
  await page.getByRole('button', { name: 'New rule' }).click();
  const dialog = page.getByRole('dialog', { name: 'New rule' });
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByText('This is needed.')).toBeVisible();
  await dialog.getByRole('combobox', { name: 'Action' }).click();
  await page.getByRole('option', { name: /^Agendar una cita/ }).click();
  await dialog.getByRole('radio', { name: 'Needs a yes' }).check();
  await dialog.getByRole('textbox', { name: 'Note' }).fill('Laura looks at every booking');
  await accessible(page, 'a new rule');
  await shot(page, 'policies-new');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toHaveCount(0);
  const rules = page.getByRole('list', { name: 'Rules' });
  await expect(rules).toContainText('Laura looks at every booking');

  await page.getByRole('button', { name: 'New rule' }).click();
  await dialog.getByRole('combobox', { name: 'Action' }).click();
  await page.getByRole('option', { name: 'Everything that changes something' }).click();
  await dialog.getByRole('checkbox', { name: 'The business is closed' }).check();
  await dialog.getByRole('radio', { name: 'Customer confirms' }).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(rules.getByRole('listitem')).toHaveCount(2);

  const trial = page.getByRole('region', { name: 'Try it' });
  await trial.getByRole('combobox', { name: 'Action' }).click();
  await page.getByRole('option', { name: /^Agendar una cita/ }).click();
  await trial.getByRole('button', { name: 'Which rule decides?' }).click();
  await expect(trial).toContainText('Rule 1 decides.');
  await accessible(page, 'a trial of the rules');
  await shot(page, 'policies-tried');

  await page.getByRole('button', { name: 'Move rule 2 up' }).click();
  await expect(rules.getByRole('listitem').first()).toContainText('Everything that changes something');
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await expect(rules.getByRole('listitem').first()).toContainText('Laura looks at every booking');
  await page.getByRole('button', { name: 'Remove rule 2' }).click();
  await expect(rules.getByRole('listitem')).toHaveCount(1);

  await page.goto('/policies/actions');
  await page.getByRole('table', { name: 'Everything it can do' }).getByRole('button', { name: /^Agendar una cita/ }).click();
  const action = page.getByRole('dialog').filter({ hasText: 'Arguments it takes' });
  await expect(action).toContainText('booking:write');
  await accessible(page, 'an action');
  await shot(page, 'policies-action');
  expect(wrong).toEqual([]);
  await context.close();
});

test('what waits is looked at, changed and approved, and then it is done once', async ({ browser }) => {
  const { page, context } = await asOwner(browser);
  await put(page, [{ action: 'schedule_appointment', level: 'approval', note: 'Laura looks at every booking' }]);
  await page.goto('/approvals');
  await settled(page);
  const visitor = await wants(browser, 'Marta Solano', '3 de la tarde');
  // It comes by itself, also beside the page's name.
  const list = page.getByRole('navigation', { name: 'Requests' });
  await expect(list.getByRole('link', { name: /Marta Solano/ })).toBeVisible({ timeout: 20_000 });
  await expect(page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: /Approvals/ })).toContainText(/[1-9]/);
  expect(await appointmentsOf(page, 'Marta Solano')).toBe(0);
  const [asked] = await waiting(page);
  await looksRight(browser, `/approvals/${asked!.id}`, 'approval');

  await page.keyboard.press('j');
  await expect(page).toHaveURL(new RegExp(asked!.id));
  const table = page.getByRole('table', { name: 'Exactly this' });
  for (const name of Object.keys(asked!.arguments)) await expect(table).toContainText(name);
  await expect(page.getByRole('link', { name: /Rule 1: Laura looks at every booking/ })).toBeVisible();
  await page.getByText('JSON', { exact: true }).click();
  await expect(page.getByText(`"start": "${String(asked!.arguments.start)}"`)).toBeVisible();
  await page.getByText('Table', { exact: true }).click();

  const later = String(asked!.arguments.start).replace('T15:', 'T16:');
  await page.getByRole('button', { name: 'Change' }).click();
  const edit = page.getByRole('dialog', { name: /^Change:/ });
  await edit.getByRole('textbox', { name: 'start' }).fill(later);
  await accessible(page, 'changed arguments');
  await shot(page, 'approval-edit');
  await edit.getByRole('button', { name: 'Save the changes' }).click();
  await expect(edit).toHaveCount(0);
  await expect(table).toContainText(later);
  await expect(table).toContainText('From your team');

  // Who has the old values before their eyes approves nothing.
  const old = await page.request.post(`/api/v1/approvals/${asked!.id}/approve`, { headers: OURS, data: { args_hash: asked!.args_hash } });
  expect([old.status(), ((await old.json()) as { code: string }).code]).toEqual([409, 'changed']);

  await page.keyboard.press('a');
  const yes = page.getByRole('dialog', { name: /^Approve:/ });
  await expect(yes).toContainText(later);
  await yes.getByRole('textbox', { name: 'A word for your assistant' }).fill('A las cuatro hay sitio');
  await accessible(page, 'saying yes');
  await shot(page, 'approval-yes');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('Approved and done')).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText('«A las cuatro hay sitio»')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Approve', exact: true })).toHaveCount(0);
  await shot(page, 'approval-done');
  expect(await appointmentsOf(page, 'Marta Solano')).toBe(1);
  await expect(answered(visitor.page, /agendada/)).toBeVisible({ timeout: 20_000 });
  await visitor.context.close();
  await context.close();
});

test('who comes second learns what was decided', async ({ browser }) => {
  const { page, context } = await asOwner(browser);
  await put(page, [{ action: 'schedule_appointment', level: 'approval' }]);
  const visitor = await wants(browser, 'Rosa Lima', '5 de la tarde');
  await expect.poll(async () => (await waiting(page)).length, { timeout: 20_000 }).toBe(1);
  const [asked] = await waiting(page);
  await page.goto(`/approvals/${asked!.id}`);
  await expect(page.getByRole('button', { name: 'Approve', exact: true })).toBeVisible();
  await page.keyboard.press('a');
  const yes = page.getByRole('dialog', { name: /^Approve:/ });
  await expect(yes).toBeVisible();
  // A colleague says no meanwhile.
  const no = await page.request.post(`/api/v1/approvals/${asked!.id}/reject`, { headers: OURS, data: { note: 'Ese día no' } });
  expect(no.ok()).toBe(true);
  await yes.getByRole('button', { name: 'Yes, do it' }).click();
  await expect(page.getByRole('alert', { name: 'Your decision was not taken' })).toContainText('Declined');
  await expect(page.getByText('Declined: nothing was done')).toBeVisible();
  await expect(page.getByText('«Ese día no»')).toBeVisible();
  await accessible(page, 'a decision that came too late');
  await shot(page, 'approval-late');
  expect(await appointmentsOf(page, 'Rosa Lima')).toBe(0);

  // The trace tells which rule asked for it.
  const found = await read<{ turn: string; conversation: string }>(page, `/approvals/${asked!.id}`);
  const trace = await read<{ decisions: { outcome: string; approval: string | null }[] }>(page, `/turns/${found.turn}`);
  expect(trace.decisions.map((d) => [d.outcome, d.approval])).toContainEqual(['waiting', asked!.id]);
  await page.goto(`/inbox/${found.conversation}`);
  const drawer = page.getByRole('dialog', { name: 'What the agent did' });
  // The last but two: after it come the decision, and the answer to it.
  const thread = page.getByRole('log', { name: 'Messages' });
  await expect(thread.getByText('Ese día no').last()).toBeVisible();
  await thread.getByRole('button', { name: 'What the agent did' }).nth(-3).click();
  await expect(drawer.getByText('Who decided')).toBeVisible();
  await drawer.getByText('Who decided').scrollIntoViewIfNeeded();
  await expect(drawer.getByRole('link', { name: 'See the request' })).toHaveAttribute('href', `/approvals/${asked!.id}`);
  await accessible(page, 'who decided, in the trace');
  await shot(page, 'trace-decisions');
  await visitor.context.close();
  await context.close();
});

test('the same in Spanish', async ({ browser }) => {
  const { page, context } = await asOwner(browser, { locale: 'es-CO' });
  await page.goto('/approvals?state=rejected');
  await expect(page.getByRole('heading', { level: 1, name: 'Aprobaciones' })).toBeVisible();
  await settled(page);
  await accessible(page, 'approvals in Spanish');
  await shot(page, 'approvals-spanish');
  await page.goto('/policies');
  await expect(page.getByRole('heading', { level: 1, name: 'Reglas de tu asistente' })).toBeVisible();
  await context.close();
});
