// Stories in a real browser, against a demo that `cargo xtask e2e` starts and describes in the environment.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'e2e',
  outputDir: process.env.E2E_OUTPUT ?? 'node_modules/.e2e',
  // One demo, one story after the other: each may rely on what the ones before did.
  workers: 1,
  fullyParallel: false,
  timeout: 90_000,
  // A machine that is shared may stall a browser; what fails twice is wrong. A story that needed it is reported as flaky.
  retries: process.env.CI ? 1 : 0,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    baseURL: process.env.FRONTDESK ?? 'http://127.0.0.1:8000',
    locale: 'en-GB',
    // Not the business's zone: what is shown must be in that one all the same.
    timezoneId: 'Europe/Madrid',
    viewport: { width: 1360, height: 900 },
    reducedMotion: 'reduce',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
});
