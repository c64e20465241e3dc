// The page of a running Teal with load on it: it keeps itself current, and its buttons give orders.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../scenario/free-ports.ts';
import { Load } from '../scenario/load.ts';
import { MarathonClient, tutorialFile } from '../scenario/marathon-client.ts';
import { TealProcess } from '../scenario/teal-process.ts';
import { DESK, lookAt, PHONE, seen } from './browser-page.ts';
import { findChromium, launchChromium, SKIPPED } from './chromium.ts';

/** Service port 10080 is in the tutorial's files; an address of our own keeps it free. */
const ADDRESS = '127.0.61.80';
const PATIENCE = { timeout: 10_000 };
const SHOTS = fileURLToPath(new URL('../../test-results/', import.meta.url));

describe.skipIf(SKIPPED)('the page of a running Teal', () => {
  const folder = mkdtempSync(join(tmpdir(), 'teal-live-'));
  let teal: TealProcess;
  let load: Load;
  let browser: Browser;
  let url: string;

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    const ports = await freePorts(7);
    const names = ['marathon', 'dns', 'dns-http', 'http', 'https', 'appid', 'stats'];
    const flags = names.flatMap((name, place) => [`--${name}-port`, String(ports[place])]);
    teal = new TealProcess(['demo', '--verbose', '--bind', ADDRESS, ...flags], { TMPDIR: folder });
    const marathon = new MarathonClient(ports[0] as number);
    url = `http://${ADDRESS}:${ports[6]}/haproxy?stats`;
    await teal.line((line) => line.startsWith('Blue is live'), 'Blue is live');
    const green = JSON.parse(tutorialFile('green.json')) as object;
    const labels = { HAPROXY_GROUP: 'external', HAPROXY_0_PORT: '10080' };
    await marathon.send('POST', '/v2/apps', JSON.stringify({ ...green, labels }));
    await teal.line(
      (line) => line.includes('"cut-over"') && line.includes('"to":"/zdd/green"'),
      'green is live',
    );
    load = new Load(ADDRESS, 10_080, [
      { name: 'keep-alive', path: '/endpoint0', clients: 5, keepAlive: true, pauseMs: 10 },
    ]);
    browser = await launchChromium(findChromium() ?? '');
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await load?.stop();
    teal?.signal('SIGINT');
    await teal?.exit;
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  /** As its card says. */
  async function requestsOf(page: Page, appId: string): Promise<number> {
    const card = page.getByRole('region', { name: appId, exact: true });
    return Number((await seen(card.locator('.numbers dd').nth(2))).replace(/\D/g, ''));
  }

  /** The card of a colour whose badge says so. */
  function badged(page: Page, appId: string, text: string) {
    return page.getByRole('region', { name: appId }).locator('.badge', { hasText: text });
  }

  async function order(page: Page, button: string, why: string): Promise<void> {
    await page.getByRole('button', { name: button }).click();
    await page.getByLabel('Your name').fill('ada');
    await page.getByLabel('Reason').fill(why);
    await page.getByRole('dialog').getByRole('button').last().click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }

  it('keeps itself current without being loaded again', async () => {
    await lookAt(browser, url, DESK, async (page) => {
      const service = await page.locator('article.service').first().elementHandle();
      const requests = () => requestsOf(page, '/zdd/green');
      const before = await requests();
      await expect.poll(requests, PATIENCE).toBeGreaterThan(before);
      expect(await service?.evaluate((element) => element.isConnected)).toBe(true);
      expect(await page.locator('html.stale').count()).toBe(0);
    });
  });

  it('keeps scroll, and what somebody points at, while numbers change', async () => {
    await lookAt(browser, url, { viewport: { width: 1_280, height: 500 } }, async (page) => {
      const cell = page.locator('#tables td[title*="HTTP requests"]').first();
      await cell.scrollIntoViewIfNeeded();
      await cell.hover();
      const tip = page.locator('#tip');
      await tip.waitFor({ state: 'visible' });
      const top = await page.evaluate('scrollY');
      expect(top).toBeGreaterThan(0);
      const before = await requestsOf(page, '/zdd/green');
      await expect.poll(() => requestsOf(page, '/zdd/green'), PATIENCE).toBeGreaterThan(before);
      expect(await page.evaluate('scrollY')).toBe(top);
      expect(await tip.isVisible()).toBe(true);
      expect(await seen(tip)).toContain('2xx:');
    });
  });

  it('cuts over at the press of a button, and no request fails', async () => {
    const failedBefore = load.failures.length;
    await lookAt(browser, url, DESK, async (page) => {
      await badged(page, '/zdd/green', 'Live').waitFor();
      await page.locator('g.green.flowing').waitFor({ state: 'attached' });
      await page.getByRole('button', { name: 'Cut over to this: /zdd/blue' }).click();
      await page.screenshot({ path: join(SHOTS, 'live-dialog.png') });
      await page.keyboard.press('Escape');
      expect(await page.getByRole('dialog').count()).toBe(0);
      await order(page, 'Cut over to this: /zdd/blue', 'to see blue again');
      await badged(page, '/zdd/blue', 'Live').waitFor();
      await page.screenshot({ path: join(SHOTS, 'live-swap.png') });
      await page.locator('g.blue.flowing').waitFor({ state: 'attached' });
      await page.locator('g.green.dry').waitFor({ state: 'attached' });
      expect(await seen(page.locator('.timeline li').first())).toContain('by ada');
      await page.screenshot({ path: join(SHOTS, 'live-desk.png'), fullPage: true });
    });
    expect(load.failures.slice(failedBefore)).toEqual([]);
  });

  it('rolls back at the press of a button, in the dark and on a phone', async () => {
    await lookAt(browser, url, { ...PHONE, colorScheme: 'dark' }, async (page) => {
      await badged(page, '/zdd/blue', 'Live').waitFor();
      await order(page, '↶ Roll back: /zdd/green', 'seen enough');
      await badged(page, '/zdd/green', 'Live').waitFor();
      await page.screenshot({ path: join(SHOTS, 'live-phone-dark.png'), fullPage: true });
    });
    expect(load.failures).toEqual([]);
  });

  it('splits by percent, refuses shares that are not 100 together, and releases', async () => {
    await lookAt(browser, url, { ...DESK, colorScheme: 'dark' }, async (page) => {
      await page.getByRole('button', { name: 'Split…' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('/zdd/blue, percent').fill('30');
      await dialog.getByLabel('Your name').fill('ada');
      await dialog.getByLabel('Reason').fill('a first taste');
      await dialog.getByRole('button', { name: 'Split' }).click();
      await dialog.getByRole('alert').waitFor();
      expect(await seen(dialog.getByRole('alert'))).toContain('add up to 130 percent');
      await dialog.getByLabel('/zdd/green, percent').fill('70');
      await dialog.getByRole('button', { name: 'Split' }).click();
      await badged(page, '/zdd/blue', 'share').waitFor();
      await expect.poll(() => page.locator('g.flowing').count(), PATIENCE).toBe(2);
      await page.screenshot({ path: join(SHOTS, 'live-split-dark.png'), fullPage: true });
      await order(page, 'Release', 'enough');
      await page.locator('button[data-order=release]').waitFor({ state: 'detached' });
    });
    expect(load.failures).toEqual([]);
  });

  it('drains a server by the form of its table, and takes it back without JavaScript', async () => {
    await lookAt(browser, url, DESK, async (page) => {
      const server = page.locator('tbody[data-key=zdd_green_10080] tr.up').first();
      const name = await seen(server.locator('th'));
      await server.getByRole('checkbox').check();
      await page
        .getByLabel('Action on the checked servers of zdd_green_10080')
        .selectOption('maint');
      await page.locator('#servers-zdd_green_10080').getByRole('button').click();
      await page.getByLabel('Your name').fill('ada');
      await page.getByLabel('Reason').fill('a look at its disk');
      await page.getByRole('dialog').getByRole('button').last().click();
      const row = page.locator(`tr.maint[id="zdd_green_10080/${name}"]`);
      await row.waitFor();
      await page.screenshot({ path: join(SHOTS, 'live-servers.png'), fullPage: true });
    });
    const still = { ...DESK, javaScriptEnabled: false };
    await lookAt(browser, url, still, async (page) => {
      await page.locator('tbody[data-key=zdd_green_10080] tr.maint').getByRole('checkbox').check();
      await page.locator('#servers-zdd_green_10080').getByRole('button').click();
      await page.waitForURL(/st=DONE/);
      expect(await seen(page.locator('#outcome'))).toBe('Action processed successfully.');
      expect(await page.locator('tbody[data-key=zdd_green_10080] tr.up').count()).toBe(4);
    });
    expect(load.failures).toEqual([]);
  });
});
