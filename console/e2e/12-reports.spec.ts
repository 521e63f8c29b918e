// Figures are looked at, taken along as files, kept, and deleted.
import { readFile } from 'node:fs/promises';

import { type Page, expect, test } from '@playwright/test';

import { accessible, asOwner, complaints, settled, shot } from './desk';

async function taken(page: Page, click: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
  const waiting = page.waitForEvent('download');
  await click();
  const file = await waiting;
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
}

test('a report is made of what is shown, as PDF and as CSV, kept once, and deleted', async ({ browser }) => {
  const { page, context } = await asOwner(browser);
  const wrong = complaints(page);
  await page.goto('/reports?span=month');
  await settled(page);
  const kept = page.getByRole('table', { name: 'Kept reports' }).getByRole('row');
  const before = await kept.count();
  await page.getByRole('combobox', { name: 'Analysis' }).click();
  await page.getByRole('option', { name: 'Credit and cost of models' }).click();
  await page.getByText('Week', { exact: true }).click();
  await expect(page).toHaveURL(/analysis=spending&grouping=week|grouping=week&analysis=spending/);
  await expect(page.getByRole('region', { name: 'Week by week' }).getByRole('row', { name: /^Total/ })).toBeVisible();
  await accessible(page, 'reports');
  const pdf = await taken(page, () => page.getByRole('button', { name: 'Download PDF' }).click());
  expect(pdf.name).toMatch(/^spending-\d{4}-\d{2}-01-\d{4}-\d{2}-\d{2}\.pdf$/);
  expect(pdf.bytes.subarray(0, 5).toString()).toBe('%PDF-');
  const csv = await taken(page, () => page.getByRole('button', { name: 'Download CSV' }).click());
  expect(csv.bytes.toString()).toMatch(/^Part,Name,From,To,Credit spent,Cost of models \(USD\),/);
  // Both are files of one report.
  const row = kept.filter({ hasText: 'Credit and cost of models' }).first();
  await expect(row).toContainText('Week');
  await expect(kept).toHaveCount(before === 0 ? 2 : before + 1);
  const again = await taken(page, () => row.getByRole('link', { name: /as CSV$/ }).click());
  expect(again.bytes.equals(csv.bytes)).toBe(true);
  await shot(page, 'reports-kept');
  await row.getByRole('button', { name: /^Delete Credit and cost/ }).click();
  await page.getByRole('button', { name: 'Delete the report' }).click();
  await expect(page.getByText('The report was deleted.')).toBeVisible();
  // Days that make no sense are said to make none, and nothing is asked.
  await page.goto('/reports?span=own&from=2026-11-10&to=2026-11-01');
  await expect(page.getByText('The first day is after the last one.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Download PDF' })).toHaveCount(0);
  expect(wrong).toEqual([]);
  await context.close();
});
