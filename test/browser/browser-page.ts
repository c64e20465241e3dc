// A page in Chromium that keeps account of all a browser complains about, and of whom it asks.

import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

export const DESK = { viewport: { width: 1_280, height: 900 } };
export const PHONE = {
  viewport: { width: 375, height: 812 },
  deviceScaleFactor: 2,
  isMobile: true,
};

/**
 * Opens `url`, hands the page over, and expects that the browser had nothing to complain about and asked
 * nobody but the page's own host. `refused`: statuses that the test is about.
 */
export async function lookAt(
  browser: Browser,
  url: string,
  options: BrowserContextOptions,
  look: (page: Page) => Promise<void>,
  refused: readonly number[] = [],
): Promise<void> {
  const context = await browser.newContext(options);
  const complaints: string[] = [];
  const { origin } = new URL(url);
  try {
    const page = await context.newPage();
    page.on('console', (message) => {
      if (refused.length === 0) complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== origin) complaints.push(`elsewhere: ${request.url()}`);
    });
    page.on('response', (response) => {
      const status = response.status();
      if (status >= 400 && !refused.includes(status))
        complaints.push(`${status} ${response.url()}`);
    });
    await page.goto(url);
    await look(page);
  } finally {
    await context.close();
  }
  expect(complaints).toEqual([]);
}

/** The text as it is drawn. */
export async function seen(locator: Locator): Promise<string> {
  return (await locator.allInnerTexts()).join('\n');
}
