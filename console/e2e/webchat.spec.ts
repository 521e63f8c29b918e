// A visitor of the demo salon's page books by chat, loads the page again, loses the connection, sends a file. On a desk and on a phone.
// Needs a running demo: `FRONTDESK=http://127.0.0.1:8123 npx playwright test e2e/webchat.spec.ts`.
import { type Page, expect, test } from '@playwright/test';

const DEMO = process.env.FRONTDESK ?? 'http://127.0.0.1:8000';
const SHOTS = process.env.SHOTS;

async function shot(page: Page, name: string) {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/webchat-${name}.png` });
}

async function open(page: Page) {
  const problems: string[] = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(String(error)));
  await page.goto(`${DEMO}/demo-site`);
  await page.getByRole('button', { name: 'Abrir el chat' }).click();
  await expect(page.getByRole('dialog', { name: 'Salón Aurora' })).toBeVisible();
  return problems;
}

async function say(page: Page, text: string) {
  const box = page.getByRole('textbox', { name: 'Escribe un mensaje' });
  await box.fill(text);
  await box.press('Enter');
}

const log = (page: Page) => page.getByRole('log', { name: 'Conversación' });
const answer = (page: Page, text: string | RegExp) => expect(log(page).getByText(text).last()).toBeVisible({ timeout: 20_000 });

for (const [device, viewport] of [
  ['desk', { width: 1280, height: 860 }],
  ['phone', { width: 390, height: 844 }],
] as const) {
  test.describe(device, () => {
    test.use({ viewport, hasTouch: device === 'phone', locale: 'es-CO' });

    test('a visitor books by chat and finds the conversation again', async ({ page }) => {
      const problems = await open(page);
      await answer(page, '¡Hola! Soy la asistente');
      await shot(page, `${device}-1-open`);
      await say(page, 'Quiero agendar un corte de dama');
      await expect(log(page).locator('.line:not(.own)[data-seq]').first()).toBeVisible({ timeout: 20_000 });
      await shot(page, `${device}-2-asked`);
      await say(page, 'El próximo viernes a las 3 de la tarde, soy Ana Ruiz');
      await answer(page, /agendada/);
      await shot(page, `${device}-3-booked`);
      const before = await log(page).locator('[data-seq]').count();

      await page.reload();
      await page.getByRole('button', { name: /Abrir el chat/ }).click();
      await answer(page, /agendada/);
      await expect(log(page).locator('[data-seq]')).toHaveCount(before);
      expect(problems).toEqual([]);
    });

    test('what is written without a connection is sent once when it is back, also over a reload', async ({ page, context }) => {
      await open(page);
      await say(page, 'Hola');
      await expect(log(page).locator('[data-seq]')).toHaveCount(2, { timeout: 20_000 });
      await context.route('**/webchat/**', (route) => route.abort());
      await context.setOffline(true);
      await say(page, '¿Cuánto cuesta el manicure?');
      await expect(page.getByText('Sin conexión. Guardamos tus mensajes')).toBeVisible({ timeout: 20_000 });
      await shot(page, `${device}-4-offline`);
      await context.setOffline(false);
      await context.unroute('**/webchat/**');
      await page.reload();
      await page.getByRole('button', { name: /Abrir el chat/ }).click();
      await answer(page, /26[.,]000/);
      await expect(log(page).getByText('¿Cuánto cuesta el manicure?', { exact: true })).toHaveCount(1);
    });

    test('a picture is shown, a page is not taken', async ({ page }) => {
      await open(page);
      const png = Buffer.from(
        'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC',
        'base64',
      );
      const chooser = page.locator('#frontdesk-chat input[type=file]');
      await chooser.setInputFiles({ name: 'foto.png', mimeType: 'image/png', buffer: png });
      await page.getByRole('button', { name: 'Enviar' }).click();
      await expect(log(page).getByRole('img', { name: 'foto.png' })).toBeVisible({ timeout: 20_000 });
      await chooser.setInputFiles({ name: 'evil.html', mimeType: 'text/html', buffer: Buffer.from('<script>1</script>') });
      await expect(page.getByText('evil.html: solo se pueden enviar')).toBeVisible();
      await chooser.setInputFiles({ name: 'evil.png', mimeType: 'image/png', buffer: Buffer.from('<svg onload=alert(1)>') });
      await expect(page.getByText('No se pudo subir evil.png.')).toBeVisible();
      await shot(page, `${device}-5-files`);
    });

    test('the keyboard is enough, and the focus stays inside', async ({ page }) => {
      await open(page);
      const box = page.getByRole('textbox', { name: 'Escribe un mensaje' });
      await expect(box).toBeFocused();
      for (let i = 0; i < 12; i += 1) {
        await page.keyboard.press('Tab');
        expect(await page.evaluate(() => document.activeElement?.id)).toBe('frontdesk-chat');
      }
      await page.keyboard.press('Escape');
      await expect(page.getByRole('dialog')).toBeHidden();
      await expect(page.getByRole('button', { name: 'Abrir el chat' })).toBeFocused();
    });
  });
}

test('text is text: nothing that is said becomes part of the page', async ({ page }) => {
  const problems = await open(page);
  await say(page, '<img src=x onerror="document.title=1"> javascript:alert(1) https://example.org/a(b). Fin');
  const line = log(page).locator('.line.own[data-seq]');
  await expect(line).toContainText('<img src=x', { timeout: 20_000 });
  await expect(line.getByRole('link')).toHaveAttribute('href', 'https://example.org/a(b)');
  await expect(line.getByRole('link')).toHaveAttribute('rel', /noopener/);
  expect(await page.title()).toContain('Salón Aurora');
  expect(problems).toEqual([]);
});

test('the dark page has a dark chat', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await open(page);
  await say(page, 'Hola');
  await expect(log(page).locator('[data-seq]')).toHaveCount(2, { timeout: 20_000 });
  await shot(page, 'dark');
});
