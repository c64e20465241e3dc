// The page for everybody: without JavaScript, by keyboard, with enough contrast, and with a thousand apps.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, startAdmin } from '../../src/admin/server.ts';
import { SILENT } from '../../src/log/logger.ts';
import type { View } from '../../src/stats/view.ts';
import { sampleFacts } from '../stats/sample-facts.ts';
import { sampleView } from '../stats/sample-view.ts';
import { DESK, lookAt, PHONE, seen } from './browser-page.ts';
import { findChromium, launchChromium, SKIPPED } from './chromium.ts';
import { FAINT } from './contrast.ts';

const SHOTS = fileURLToPath(new URL('../../test-results/', import.meta.url));
const MANY = 1_000;

/** As text, because the browser's own names are not those of this program: where the name of a line ends. */
const END_OF_NAME = `(() => {
  const range = document.createRange();
  range.selectNodeContents(document.querySelector('article.folded b'));
  return range.getBoundingClientRect().toJSON();
})()`;

/** As many services, all of them with the sample's two colours. */
function manyServices(): View {
  const sample = sampleView();
  const [service] = sample.plan.services;
  if (service === undefined) throw new Error('the sample has a service');
  const services = Array.from({ length: MANY }, (_, place) => ({
    ...service,
    key: `*:${10_000 + place}`,
    servicePort: 10_000 + place,
    colours: service.colours.map((one) => ({ ...one, name: `app-${place}_${one.name}` })),
  }));
  return sampleView({ plan: { listeners: [], services }, traffic: { frontends: [], pools: [] } });
}

describe.skipIf(SKIPPED)('the page for everybody', () => {
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

  const open = (
    options: BrowserContextOptions,
    look: (page: Page) => Promise<void>,
    pieces = '',
  ): Promise<void> =>
    lookAt(browser, `http://127.0.0.1:${admin.port}/haproxy?stats${pieces}`, options, look);

  it('is whole without JavaScript, and shows no button that would need it', async () => {
    view = sampleView();
    await open({ ...DESK, javaScriptEnabled: false }, async (page) => {
      expect(await page.locator('article.service').count()).toBe(2);
      expect(await page.locator('svg.spark path.line').count()).toBeGreaterThan(0);
      expect(await page.locator('button[data-order]').first().isVisible()).toBe(false);
      expect(await page.locator('noscript meta, meta[http-equiv=refresh]').count()).toBe(1);
      await page.screenshot({ path: join(SHOTS, 'no-script.png'), fullPage: true });
    });
  });

  it('unfolds one of a thousand services without JavaScript', async () => {
    view = manyServices();
    await open({ ...PHONE, javaScriptEnabled: false }, async (page) => {
      await page.getByRole('link', { name: ':10002' }).click();
      await page.waitForURL(/open=\*:10002#service-\*:10002$/);
      expect(await page.locator('section.colour').count()).toBe(2);
      const hidden = await page
        .locator('html')
        .evaluate((root) => root.scrollWidth - root.clientWidth);
      expect(hidden).toBeLessThanOrEqual(0);
    });
  });

  it('finds one of a thousand services while one types, and unfolds it in place', async () => {
    view = manyServices();
    await open(DESK, async (page) => {
      expect(await page.locator('article.folded').count()).toBe(MANY);
      await page.screenshot({ path: join(SHOTS, 'thousand.png') });
      await page.locator('#service-\\*\\:10500 a').click();
      await page.locator('#service-\\*\\:10500 section.colour').first().waitFor();
      expect(page.url()).toContain('open=*:10500');
      expect(await page.locator('article.service').count()).toBe(MANY);
      await page.getByRole('searchbox').pressSequentially('app-77_');
      await page.locator('article.service').nth(1).waitFor({ state: 'detached' });
      expect(page.url()).toContain('scope=app-77_');
      expect(await seen(page.locator('article.service h3'))).toBe(':10077');
      expect(await page.getByRole('searchbox').inputValue()).toBe('app-77_');
    });
  });

  it('keeps the columns of a thousand services apart, whatever address they are bound to', async () => {
    const many = manyServices();
    const services = many.plan.services.map((service) => ({
      ...service,
      address: 'fd00:1:2:3:4:5:6:7',
    }));
    view = { ...many, plan: { ...many.plan, services } };
    for (const options of [DESK, PHONE, { viewport: { width: 760, height: 600 } }]) {
      await open(options, async (page) => {
        const name = (await page.evaluate(END_OF_NAME)) as { right: number; bottom: number };
        const live = await page.locator('article.folded .chip').first().boundingBox();
        const apart = live !== null && (name.right <= live.x || name.bottom <= live.y);
        expect(apart).toBe(true);
      });
    }
  });

  it('shows HAProxy’s columns without scrolling sideways on a usual desk', async () => {
    view = sampleView();
    await open({ viewport: { width: 1_440, height: 900 } }, async (page) => {
      const hidden = await page
        .locator('.scroll')
        .evaluateAll((all) => all.map((one) => one.scrollWidth - one.clientWidth));
      expect(Math.max(...hidden)).toBe(0);
    });
  });

  it('tells all of a problem on a phone', async () => {
    view = sampleView();
    await open(PHONE, async (page) => {
      await page.getByRole('link', { name: 'in what apps ask for' }).click();
      const text = await page.locator('.problems td.wide').first().boundingBox();
      expect(text).not.toBeNull();
      expect((text?.x ?? 0) + (text?.width ?? 0)).toBeLessThanOrEqual(375);
    });
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has enough contrast everywhere: ${colorScheme}`, async () => {
      const sample = sampleView();
      view = sampleView({ source: { ...sample.source, error: 'connect ECONNREFUSED' } });
      await open(
        { ...DESK, colorScheme },
        async (page) => {
          await page.locator('html.js').waitFor();
          expect(await page.evaluate(FAINT)).toEqual([]);
        },
        ';norefresh',
      );
    });
  }

  it('is used by keyboard alone: a dialog opens, keeps the focus and gives it back', async () => {
    view = sampleView();
    await open(DESK, async (page) => {
      await page.keyboard.press('Tab');
      expect(await focused(page)).toBe('To the services');
      const button = page.getByRole('button', { name: 'Cut over to this: /zdd/blue' });
      await button.focus();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog', { name: 'Cut over *:10080' }).waitFor();
      expect(await page.evaluate('document.activeElement.name')).toBe('by');
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(await focused(page)).toBe('Cut over to this');
    });
  });

  it('names everything that can be pointed at', async () => {
    view = sampleView();
    await open(DESK, async (page) => {
      const nameless = await page
        .locator('a, button, input:not([type=hidden]), select, [role=region], [role=img]')
        .evaluateAll((all) =>
          all
            .filter((one) => (one.ariaLabel ?? '') === '' && (one.textContent ?? '').trim() === '')
            .filter((one) => !((one as unknown as { labels?: unknown[] }).labels ?? []).length)
            .map((one) => one.outerHTML.slice(0, 120)),
        );
      expect(nameless).toEqual([]);
    });
  });
});

function focused(page: Page): Promise<unknown> {
  return page.evaluate('document.activeElement.textContent');
}
