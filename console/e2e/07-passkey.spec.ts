// A passkey instead of a password, with an authenticator that the browser plays.
import { expect, test } from '@playwright/test';

import { OPERATOR, accessible, enter, shot } from './desk';

test('a passkey is added, signs in without a password, and is deleted', async ({ browser }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const browserItself = await context.newCDPSession(page);
  await browserItself.send('WebAuthn.enable');
  await browserItself.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  await enter(page, OPERATOR.email, OPERATOR.password);
  await expect(page).not.toHaveURL(/sign-in/);
  await page.goto('/account');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  const adding = page.getByRole('dialog', { name: 'Add a passkey' });
  await adding.getByRole('button', { name: 'Add a passkey' }).click();
  await expect(adding).toContainText('needs your password');
  await adding.getByLabel('Your password now').fill(OPERATOR.password);
  await adding.getByRole('button', { name: 'Add a passkey' }).click();
  const naming = page.getByRole('dialog', { name: 'Name this passkey' });
  await naming.getByLabel('What you recognise it by').fill('Laptop');
  await naming.getByRole('button', { name: 'Save' }).click();
  const passkeys = page.getByRole('table', { name: 'Passkeys' });
  await expect(passkeys).toContainText('Laptop');
  await expect(passkeys).toContainText('Never used');
  await accessible(page, 'passkeys');
  await shot(page, 'passkey');

  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(page).not.toHaveURL(/sign-in/);
  await page.goto('/account');
  await expect(passkeys).toContainText('Last used');

  await page.getByRole('button', { name: 'Delete Laptop' }).click();
  await page.getByRole('dialog').getByLabel('Your password now').fill(OPERATOR.password);
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('No passkey yet')).toBeVisible();
  // It opens nothing any more.
  await context.clearCookies();
  await page.goto('/sign-in');
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page).toHaveURL(/sign-in/);
  await context.close();
});
