// A member's own number: said in the account, proven from the phone, said for a colleague in the team, forgotten.
import { expect, test } from '@playwright/test';

import { DESK, accessible, asOwner, complaints, read, settled, shot } from './desk';

const NUMBER = '573109998877';

/** What comes from a telephone. The demo's WhatsApp is not connected to Meta's. */
async function writes(account: string, from: string, body: string): Promise<void> {
  const value = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '576015550100', phone_number_id: account },
    contacts: [{ profile: { name: 'Owner' }, wa_id: from }],
    messages: [{ from, id: `wamid.${Date.now()}.${Math.random()}`, timestamp: String(Math.floor(Date.now() / 1000)), type: 'text', text: { body } }],
  };
  const entry = [{ id: '102290129340398', changes: [{ field: 'messages', value }] }];
  const answer = await fetch(`${DESK}/webhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ object: 'whatsapp_business_account', entry }),
  });
  expect(answer.status).toBe(200);
}

test('a number is confirmed when its code comes from it, and reached from then on', async ({ browser }) => {
  const { page, context } = await asOwner(browser);
  const wrong = complaints(page);
  const { items } = await read<{ items: { kind: string; account: string }[] }>(page, '/channels');
  const account = items.find((channel) => channel.kind === 'whatsapp')?.account ?? '';
  // Left by a story that ended halfway.
  await page.request.delete('/api/v1/account/number', { headers: { origin: DESK } });
  await page.goto('/account');
  const part = page.getByRole('region', { name: 'Your WhatsApp number' });
  await part.getByLabel('Your number').fill(`+${NUMBER}`);
  await part.getByRole('button', { name: 'Save' }).click();
  await expect(part.getByText('not confirmed')).toBeVisible();
  const code = (await part.getByLabel('The code', { exact: true }).textContent()) ?? '';
  expect(code).toMatch(/^[2-9A-Z]{6}$/);
  await settled(page);
  await accessible(page, 'a number that waits for its code');
  await shot(page, 'number-code');
  await writes(account, NUMBER, ` ${code.toLowerCase()} `);
  await expect(part.getByText('confirmed', { exact: true }), 'nobody presses anything').toBeVisible();
  await expect(part.getByLabel('The code', { exact: true })).toHaveCount(0);

  await page.goto('/team');
  await expect(page.getByRole('row').filter({ hasText: 'owner@' }).getByText('WhatsApp', { exact: true })).toBeVisible();
  await page.goto('/settings');
  const reached = page.getByRole('region', { name: 'How a request reaches those who may decide now' });
  await expect(reached.getByRole('listitem').first()).toContainText('by WhatsApp.');
  await settled(page);
  await accessible(page, 'who is reached');
  await shot(page, 'number-reached');

  await page.goto('/account');
  await part.getByRole('button', { name: 'Forget the number' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Forget the number' }).click();
  await expect(page.getByText('The number is forgotten')).toBeVisible();
  await expect(part.getByText('confirmed', { exact: true })).toHaveCount(0);
  expect(wrong).toEqual([]);
  await context.close();
});
