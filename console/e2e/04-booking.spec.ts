// What the assistant books in the chat stands in the calendar, and in the customer's own page.
import { expect, test } from '@playwright/test';

import { accessible, answered, asOwner, inbox, read, sayAsVisitor, shot, writeAsVisitor } from './desk';

test('what a visitor books by chat is in the calendar, and can be moved there', async ({ browser }) => {
  const visitor = await writeAsVisitor(browser, 'Quiero agendar una cita de manicure');
  await expect(visitor.page.locator('.line:not(.own)[data-seq]').first()).toBeVisible({ timeout: 20_000 });
  await sayAsVisitor(visitor.page, 'El próximo viernes a las 4 de la tarde, soy Elena Prada');
  await expect(answered(visitor.page, /agendada/)).toBeVisible({ timeout: 20_000 });

  const { page, context } = await asOwner(browser);
  await page.goto('/inbox');
  const { list, thread } = inbox(page);
  await list.getByRole('link', { name: /Elena Prada/ }).click();
  await expect(thread.getByRole('button', { name: /^Booked\. Proven by the tool/ })).toBeVisible();
  await shot(page, 'inbox-booked');
  // From the panel beside the thread straight to the day.
  await page.getByRole('complementary', { name: 'Contact' }).getByRole('link', { name: 'Manicure' }).click();
  await expect(page).toHaveURL(/\/calendar/);
  const details = page.getByRole('dialog', { name: 'Appointment' });
  await expect(details).toContainText('Manicure');
  await expect(details).toContainText('16:00');
  await expect(details).toContainText('Booked by the assistant');
  await accessible(page, 'an appointment');
  await shot(page, 'calendar-appointment');
  await details.getByRole('button', { name: 'Close' }).click();
  const card = page.getByRole('button', { name: /Elena Prada/ }).or(page.getByText(/Elena Prada · Manicure/)).first();
  await expect(card).toBeVisible();
  await expect(page.getByText(/16:00/).first()).toBeVisible();
  await shot(page, 'calendar-booked');

  const [from, to] = [Date.now(), Date.now() + 20 * 86_400_000].map((at) => new Date(at).toISOString());
  const found = await read<{ items: { contact_name: string | null; title: string; made_by: string }[] }>(page, `/appointments?limit=200&from=${from}&to=${to}`);
  expect(found.items.filter((a) => a.contact_name === 'Elena Prada').map((a) => [a.title, a.made_by])).toEqual([['Manicure', 'bot']]);
  await visitor.context.close();
  await context.close();
});
