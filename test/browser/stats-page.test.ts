// The stats page in a real browser: what a person sees, in light and dark, on a desk and on a phone.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, startAdmin } from '../../src/admin/server.ts';
import { SILENT } from '../../src/log/logger.ts';
import { PLAIN_ROUTE } from '../../src/plan/plan.ts';
import type { View } from '../../src/stats/view.ts';
import { sampleFacts } from '../stats/sample-facts.ts';
import { sampleView } from '../stats/sample-view.ts';
import { DESK, lookAt, PHONE, seen } from './browser-page.ts';
import { findChromium, launchChromium, SKIPPED } from './chromium.ts';

const SHOTS = fileURLToPath(new URL('../../test-results/', import.meta.url));

/** As text, because the browser's own names are not those of this program. */
function styleOf(page: Page, selector: string, property: string): Promise<unknown> {
  return page.evaluate(`getComputedStyle(document.querySelector('${selector}')).${property}`);
}

describe.skipIf(SKIPPED)('the stats page in Chromium', () => {
  let view: View = sampleView();
  let admin: Admin;
  let browser: Browser;

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    admin = await startAdmin({
      address: '127.0.0.1',
      port: 0,
      view: async () => view,
      config: sampleFacts,
      signals: null,
      log: SILENT,
    });
    browser = await launchChromium(findChromium() ?? '');
  });

  afterAll(async () => {
    await browser?.close();
    await admin?.close();
  });

  function open(
    options: BrowserContextOptions,
    look: (page: Page) => Promise<void>,
    pieces = ';norefresh',
  ): Promise<void> {
    return lookAt(browser, `http://127.0.0.1:${admin.port}/haproxy?stats${pieces}`, options, look);
  }

  it('shows which colour is live, since when and why, and what the other one does', async () => {
    view = sampleView();
    await open(DESK, async (page) => {
      const service = page.locator('article.service').first();
      expect(await seen(service.locator('h3'))).toBe(':10080');
      const why = await seen(service.locator('.why'));
      expect(why).toBe(
        '/zdd/green has been live for 1m 14s, since 2026-11-24 21:40:53 UTC: the newest ready colour',
      );
      const green = service.getByRole('region', { name: '/zdd/green' });
      expect(await seen(green.locator('.badge'))).toBe('● Live');
      expect(await seen(green.locator('.servers p'))).toBe('4 of 4 usable');
      const blue = service.getByRole('region', { name: '/zdd/blue' });
      expect(await seen(blue.locator('.badge'))).toBe('◑ Draining');
      expect(await seen(blue.locator('.servers p'))).toBe('2 of 2 usable, 1 killing, 1 draining');
      await page.screenshot({ path: join(SHOTS, 'desk-light.png'), fullPage: true });
    });
  });

  it('shows servers, totals, cut-overs and problems', async () => {
    view = sampleView();
    await open(DESK, async (page) => {
      const table = page.getByRole('region', { name: '*:10080' });
      const draining = table.locator('tr.maint', { hasText: 'draining' });
      expect(await seen(draining.locator('th'))).toBe('10_0_6_24_23334');
      expect(await seen(draining.locator('.status'))).toBe('MAINT · draining');
      const total = await seen(table.locator('tfoot tr'));
      expect(total).toContain('All colours');
      expect(total).toContain('6 usable');
      expect(await page.locator('.timeline li').count()).toBe(2);
      expect(await seen(page.locator('.timeline li').first())).toContain('6.4 ms');
      expect(await seen(page.locator('table.problems tbody tr'))).toContain('/shop/cart');
    });
  });

  it('applies its own style sheet under its own policy', async () => {
    view = sampleView();
    await open(DESK, async (page) => {
      const radius = await styleOf(page, '.banner', 'borderTopLeftRadius');
      expect(radius).toBe('14px');
    });
  });

  for (const [name, options] of [
    ['desk', DESK],
    ['phone', PHONE],
    ['small phone', { ...PHONE, viewport: { width: 320, height: 640 } }],
  ] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`never scrolls sideways as a whole: ${name}, ${colorScheme}`, async () => {
        view = sampleView();
        await open({ ...options, colorScheme }, async (page) => {
          const root = page.locator('html');
          const hidden = await root.evaluate((html) => html.scrollWidth - html.clientWidth);
          expect(hidden).toBeLessThanOrEqual(0);
          const background = await styleOf(page, 'body', 'backgroundColor');
          expect(background).toBe(
            colorScheme === 'dark' ? 'rgb(12, 18, 22)' : 'rgb(242, 246, 247)',
          );
          const file = `${name.replace(' ', '-')}-${colorScheme}.png`;
          await page.screenshot({ path: join(SHOTS, file), fullPage: true });
        });
      });
    }
  }

  it('scrolls its wide tables inside their frame on a phone', async () => {
    view = sampleView();
    await open(PHONE, async (page) => {
      const frame = page.getByRole('region', { name: '*:10080' });
      const hidden = await frame.evaluate((element) => element.scrollWidth - element.clientWidth);
      expect(hidden).toBeGreaterThan(0);
    });
  });

  it('narrows to a scope typed into its form, and keeps the other choices', async () => {
    view = sampleView();
    await open(
      DESK,
      async (page) => {
        await page.getByRole('searchbox').fill('green');
        await page.getByRole('searchbox').press('Enter');
        await page.waitForURL(/scope=green/);
        expect(await page.locator('tr.proxy').allInnerTexts()).toEqual([
          expect.stringContaining('zdd_green_10080'),
        ]);
        expect(await page.locator('meta[http-equiv=refresh]').count()).toBe(0);
      },
      ';norefresh;no-maint',
    );
  });

  it('shows hostile names as text', async () => {
    const evil = `/<img src=x onerror="alert(1)">/'"&\u202e`;
    const plan = sampleView().plan;
    view = sampleView({
      node: evil,
      problems: [{ app: evil, where: evil, value: '</code><script>x</script>', message: evil }],
      plan: {
        ...plan,
        services: plan.services.map((service) => ({
          ...service,
          why: evil,
          live: evil,
          routes: [{ ...PLAIN_ROUTE, hosts: [evil] }],
          colours: service.colours.map((colour) => ({ ...colour, appId: evil, version: evil })),
        })),
      },
    });
    await open(DESK, async (page) => {
      expect(await page.locator('img, script:not([src])').count()).toBe(0);
      expect(await seen(page.locator('.where b'))).toContain('<img src=x onerror=');
    });
  });

  it('tells trouble in its first lines', async () => {
    const sample = sampleView();
    view = sampleView({
      workers: [],
      source: { ...sample.source, streaming: false, held: true, error: 'connect ECONNREFUSED' },
    });
    await open(DESK, async (page) => {
      expect(await seen(page.locator('.verdict h2'))).toBe('Trouble');
      const findings = await seen(page.locator('.verdict'));
      expect(findings).toContain('held back');
      expect(findings).toContain('no worker serves');
      expect(findings).toContain('connect ECONNREFUSED');
      await page.screenshot({ path: join(SHOTS, 'trouble.png'), fullPage: true });
    });
  });
});
