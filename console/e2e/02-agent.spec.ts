// A prompt is changed, tried, published with a note, compared and rolled back.
import { expect, test } from '@playwright/test';

import { accessible, asOwner, complaints, shot } from './desk';

test('a prompt is edited, tried in the playground, published with a note, compared and rolled back', async ({ browser }) => {
  const { page, context } = await asOwner(browser);
  const wrong = complaints(page);
  await page.goto('/agents');
  await page.getByRole('table', { name: 'Agents' }).getByRole('button').first().click();
  await expect(page).toHaveURL(/\/agents\/./);
  const answers = page.getByText(/^Version \d+ answers now$/).first();
  const before = Number(/\d+/.exec(await answers.innerText())![0]);

  const rule = 'Always thank the customer for their patience, {{ contact.name }}.';
  const words = page.getByRole('textbox', { name: 'Prompt' });
  await words.fill('You are the receptionist of the salon.');
  await words.press('End');
  await words.pressSequentially(`\n${rule}`);
  await expect(page.getByText('draft saved')).toBeVisible();
  await expect(page.getByText('This cannot be published yet')).toHaveCount(0);

  // The playground runs what is being written, and shows what the agent did and what it cost.
  const chat = page.getByRole('log', { name: 'Conversation with the agent' });
  const say = page.getByRole('textbox', { name: 'Write as a customer' });
  await say.fill('Quiero agendar un corte de dama el próximo viernes a las 9 de la mañana, soy Rosa Marín');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(chat.getByText('Booked')).toBeVisible({ timeout: 30_000 });
  await expect(chat.getByText('would have been done')).toBeVisible();
  await expect(chat.getByText(/tokens · .+ · .+ ms/)).toBeVisible();
  await accessible(page, 'the editor beside the playground');
  await shot(page, 'agent-playground');
  await chat.getByRole('button', { name: 'The prompt of this turn' }).click();
  await expect(page.getByRole('dialog')).toContainText('Always thank the customer for their patience');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  // A trial books nothing.
  const found = await page.request.get('/api/v1/contacts?q=Rosa%20Mar%C3%ADn');
  expect(((await found.json()) as { items: unknown[] }).items).toEqual([]);
  // From any turn on, with other words.
  await chat.getByRole('button', { name: 'Edit and run from here' }).click();
  await chat.getByRole('textbox', { name: 'Edit and run from here' }).fill('¿Cuánto cuesta el manicure?');
  await chat.getByRole('button', { name: 'Run from here' }).click();
  await expect(chat.getByText(/26[.,]000/).last()).toBeVisible({ timeout: 30_000 });
  await expect(chat.getByText('Booked')).toHaveCount(0);

  await page.getByRole('button', { name: 'Publish' }).click();
  const dialog = page.getByRole('dialog', { name: /^Publish/ });
  await expect(dialog.getByRole('region', { name: 'What changes' })).toContainText('Always thank the customer');
  await expect(dialog.getByRole('button', { name: 'Publish' })).toBeDisabled();
  await dialog.getByLabel('What changes, and why').fill('Thanks for waiting');
  await expect(dialog.getByRole('button', { name: 'Publish' })).toBeEnabled();
  await accessible(page, 'publishing');
  await shot(page, 'agent-publish');
  await dialog.getByRole('button', { name: 'Publish' }).click();
  await expect(page.getByText(`Version ${before + 1} answers now`).first()).toBeVisible();

  await page.getByRole('button', { name: 'Versions' }).click();
  const versions = page.getByRole('dialog', { name: /^Versions of/ });
  await expect(versions.getByRole('button', { name: `Version ${before + 1}` })).toContainText('Thanks for waiting');
  await versions.getByRole('button', { name: `Version ${before} ` }).or(versions.getByRole('button', { name: new RegExp(`^Version ${before}\\b`) })).first().click();
  const diff = versions.getByRole('table');
  await expect(diff).toContainText('Always thank the customer');
  await accessible(page, 'versions');
  await shot(page, 'agent-versions');
  await versions.getByRole('button', { name: `Let version ${before} answer again` }).click();
  await expect(page.getByText(`Version ${before} answers again, as version ${before + 2}.`)).toBeVisible();
  await versions.getByRole('button', { name: 'Close' }).click();
  await expect(page.getByText(`Version ${before + 2} answers now`).first()).toBeVisible();
  await expect(words).not.toHaveValue(/thank the customer/);
  expect(wrong).toEqual([]);
  await context.close();
});
