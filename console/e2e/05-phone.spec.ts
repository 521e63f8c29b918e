// The owner's phone: one thing after the other, within reach of a thumb.
import { expect, test } from '@playwright/test';

import { accessible, answered, asOwner, inbox, shot, writeAsVisitor } from './desk';

test('on a phone: the list, a thread, a reply, and back', async ({ browser }) => {
  const visitor = await writeAsVisitor(browser, 'Buenas, ¿tienen parqueadero?');
  const { page, context } = await asOwner(browser, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await page.goto('/inbox');
  const { list, thread, reply } = inbox(page);
  await list.getByRole('link').filter({ hasText: 'Visit' }).or(list.getByRole('link')).first().tap();
  await expect(thread.getByText('¿tienen parqueadero?')).toBeVisible();
  await expect(list).toHaveCount(0);
  await reply.fill('Sí, en la calle de atrás.');
  await page.getByRole('button', { name: 'Send', exact: true }).tap();
  await expect(thread.getByText('en la calle de atrás')).toBeVisible();
  await expect(answered(visitor.page, 'en la calle de atrás')).toBeVisible({ timeout: 20_000 });
  await accessible(page, 'a thread on a phone');
  await shot(page, 'phone-thread');
  await page.getByRole('button', { name: 'Contact details' }).tap();
  await expect(page.getByRole('dialog', { name: 'Contact' })).toBeVisible();
  await shot(page, 'phone-contact');
  await page.getByRole('dialog', { name: 'Contact' }).getByRole('button', { name: 'Back' }).tap();
  await expect(page.getByRole('dialog', { name: 'Contact' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Back', exact: true }).tap();
  await expect(list.getByRole('link').first()).toContainText('en la calle de atrás');
  await page.getByRole('navigation', { name: 'Everyday pages' }).getByRole('link', { name: 'Calendar' }).tap();
  await expect(page).toHaveURL(/\/calendar/);
  await page.getByRole('navigation', { name: 'Everyday pages' }).getByRole('button').tap();
  await page.getByRole('dialog', { name: 'Pages' }).getByRole('link', { name: 'Settings' }).tap();
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  await expect(page.getByRole('dialog', { name: 'Pages' })).toHaveCount(0);
  await visitor.context.close();
  await context.close();
});
