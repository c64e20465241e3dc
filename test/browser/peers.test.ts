// The instances on the page, and the page of a peer below its prefix, in Chromium.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Admin, startAdmin } from '../../src/admin/server.ts';
import { SILENT } from '../../src/log/logger.ts';
import { compareInstances, type PeerLook } from '../../src/stats/peers.ts';
import type { View } from '../../src/stats/view.ts';
import { sampleFacts } from '../stats/sample-facts.ts';
import { BLUE, facts, look } from '../stats/sample-peers.ts';
import { NOW_MS, sampleView } from '../stats/sample-view.ts';
import { DESK, lookAt, PHONE, seen } from './browser-page.ts';
import { findChromium, launchChromium, SKIPPED } from './chromium.ts';
import { FAINT } from './contrast.ts';

const SHOTS = fileURLToPath(new URL('../../test-results/', import.meta.url));
const PATIENCE = { timeout: 10_000 };
const TOKEN = 'a-token-of-tests';
const PREFIX = '/_teal/peers/edge-2/';

const GONE = {
  silentSinceMs: NOW_MS - 95_000,
  answeredAtMs: NOW_MS - 96_000,
  error: 'connect ECONNREFUSED 10.0.6.14:9090',
};
const AGREEING = [look('edge-2'), look('edge-3'), look('edge-4')];
const TROUBLED = [
  look('edge-2', { facts: facts('edge-2', BLUE) }),
  look('edge-3', {
    facts: facts('edge-3', { workersBehind: 1, lastAnswerAtMs: NOW_MS - 400_000 }),
  }),
  look('edge-4', GONE),
];

function viewWith(looks: readonly PeerLook[]): View {
  const before = [{ service: '*:10080', sinceMs: NOW_MS - 47_000, says: [] }];
  const fleet = { ...compareInstances(facts('edge-1'), looks, before, NOW_MS), faults: [] };
  return sampleView({ fleet });
}

describe.skipIf(SKIPPED)('the instances on the page', () => {
  let view = viewWith(AGREEING);
  let admin: Admin;
  let peer: Admin;
  let browser: Browser;
  let orders: string[] = [];

  const startPeer = (port = 0) =>
    startAdmin({
      address: '127.0.0.1',
      port,
      view: async () => sampleView({ node: 'edge-2.example.net' }),
      config: sampleFacts,
      signals: null,
      orders: {
        adminToken: TOKEN,
        desk: {
          carryOut: async ({ order, colour, by }) => {
            orders.push(`${order} ${colour} ${by}`);
            return {
              ...{ epoch: 13, tookMs: 1, workers: [], service: '*:10080' },
              ...{ live: '/zdd/blue', previous: '/zdd/green' },
            };
          },
        },
      },
      log: SILENT,
    });

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    peer = await startPeer();
    admin = await startAdmin({
      address: '127.0.0.1',
      port: 0,
      view: async () => view,
      config: sampleFacts,
      signals: null,
      peerUrl: (name) => (name === 'edge-2' ? `http://127.0.0.1:${peer.port}` : null),
      log: SILENT,
    });
    browser = await launchChromium(findChromium() ?? '');
  }, 60_000);

  beforeEach(() => {
    view = viewWith(AGREEING);
    orders = [];
  });

  afterAll(async () => {
    await browser?.close();
    await admin?.close();
    await peer?.close();
  });

  const urlOf = (path: string) => `http://127.0.0.1:${admin.port}${path}`;
  const PAGE = '/haproxy?stats';

  it('stand side by side, and disagreement is loud as soon as there is one', async () => {
    await lookAt(browser, urlOf(PAGE), DESK, async (page) => {
      expect(await seen(page.locator('.instance h3'))).toBe(
        'edge-1.example.net\nedge-2\nedge-3\nedge-4',
      );
      expect(await page.locator('.instance .badge.fine').count()).toBe(4);
      expect(await page.locator('.disagreements').count()).toBe(0);
      await page.screenshot({ path: join(SHOTS, 'peers-agree.png') });
      view = viewWith(TROUBLED);
      const row = page.locator('.disagreements > li');
      await row.waitFor();
      expect(await seen(row)).toContain('*:10080');
      expect(await seen(page.locator('#banner li').first())).toContain(
        'the instances disagree about *:10080',
      );
      expect(await seen(page.locator('.instance .badge'))).toBe(
        ['✓ Agrees', '≠ Disagrees', '! Behind', '✕ Silent'].join('\n'),
      );
      await page.screenshot({ path: join(SHOTS, 'peers-trouble.png') });
      view = viewWith(AGREEING);
      await row.waitFor({ state: 'detached' });
    });
  });

  it('are complete without JavaScript', async () => {
    view = viewWith(TROUBLED);
    await lookAt(browser, urlOf(PAGE), { ...DESK, javaScriptEnabled: false }, async (page) => {
      expect(await page.locator('.instance').count()).toBe(4);
      expect(await seen(page.locator('.disagreements'))).toContain('/zdd/blue');
      await page.getByRole('link', { name: 'edge-2', exact: true }).click();
      await page.waitForURL(urlOf(`${PREFIX}haproxy?stats`));
      expect(await page.title()).toBe('Teal on edge-2.example.net');
      await page.getByRole('searchbox').fill('blue');
      await page.getByRole('button', { name: 'Show' }).click();
      await page.waitForURL(/\/_teal\/peers\/edge-2\/haproxy\?stats=&scope=blue$/);
    });
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`can be read on a desk and a phone: ${colorScheme}`, async () => {
      view = viewWith(TROUBLED);
      for (const [size, device] of Object.entries({ desk: DESK, phone: PHONE })) {
        await lookAt(
          browser,
          urlOf(`${PAGE};norefresh`),
          { ...device, colorScheme },
          async (page) => {
            await page.locator('html.js').waitFor();
            expect(await page.evaluate(FAINT)).toEqual([]);
            const hidden = await page.evaluate(
              'document.documentElement.scrollWidth - document.documentElement.clientWidth',
            );
            expect(hidden).toBeLessThanOrEqual(0);
            await page
              .locator('#peers')
              .screenshot({ path: join(SHOTS, `peers-${size}-${colorScheme}.png`) });
          },
        );
      }
    });
  }

  /** Opens the peer's page; every request has to stay below its prefix. `streams`: their statuses so far. */
  async function visit(
    look: (page: Page, streams: readonly number[]) => Promise<void>,
    refused: readonly number[] = [],
  ) {
    await lookAt(
      browser,
      urlOf(`${PREFIX}haproxy?stats`),
      DESK,
      async (page) => {
        const outside: string[] = [];
        const streams: number[] = [];
        page.on('response', (response) => {
          if (response.url().includes(`${PREFIX}_teal/events`)) streams.push(response.status());
        });
        page.on('request', (request) => {
          if (!new URL(request.url()).pathname.startsWith(PREFIX)) outside.push(request.url());
        });
        await page.reload();
        await page.locator('html.js').waitFor();
        await look(page, streams);
        expect(outside).toEqual([]);
      },
      refused,
    );
  }

  it('show the page of a peer below its prefix, live and with its links', async () => {
    await visit(async (page, streams) => {
      expect(await seen(page.locator('#where'))).toContain('edge-2.example.net');
      await expect.poll(() => streams, PATIENCE).toContain(200);
      await page.getByRole('searchbox').pressSequentially('search');
      await page.locator('#service-\\*\\:10080').waitFor({ state: 'detached' });
      expect(new URL(page.url()).pathname).toBe(`${PREFIX}haproxy`);
      await page.getByRole('link', { name: 'Hide DOWN' }).click();
      await page.getByRole('link', { name: '✓ Hide DOWN' }).waitFor();
      await page.screenshot({ path: join(SHOTS, 'peers-through.png') });
      await page.getByRole('link', { name: '← back to the instance' }).click({ trial: true });
      const back = await page.locator('#where a').getAttribute('href');
      expect(new URL(back ?? '', page.url()).href).toBe(urlOf(PAGE));
      const csv = await page.getByRole('link', { name: 'CSV' }).getAttribute('href');
      expect(new URL(csv ?? '', page.url()).pathname).toBe(`${PREFIX}haproxy`);
    });
  });

  it('give an order to a peer with its token, and say why without it', async () => {
    await visit(
      async (page) => {
        await page.getByRole('button', { name: 'Cut over to this: /zdd/blue' }).click();
        await page.getByLabel('Your name').fill('ada');
        await page.getByLabel('Reason').fill('to see it');
        const dialog = page.getByRole('dialog');
        await dialog.getByRole('button').last().click();
        await expect.poll(() => seen(dialog), PATIENCE).toContain('orders need the admin token');
        await page.getByLabel(/token/i).fill(TOKEN);
        await dialog.getByRole('button').last().click();
        await dialog.waitFor({ state: 'detached' });
        expect(orders).toEqual(['cutover /zdd/blue ada']);
      },
      [401],
    );
  });

  it('say that a peer is gone, and follow it again when it is back', async () => {
    await visit(
      async (page, streams) => {
        await expect.poll(() => streams, PATIENCE).toContain(200);
        const { port } = peer;
        await peer.close();
        await page.locator('html.stale').waitFor();
        await expect.poll(() => streams, PATIENCE).toContain(502);
        peer = await startPeer(port);
        await page.locator('html:not(.stale)').waitFor();
      },
      [502],
    );
  }, 40_000);
});
