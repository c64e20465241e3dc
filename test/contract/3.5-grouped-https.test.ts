// `--group-https-by-vhost`, from the labels to the handshake: contract §3.5.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { Certificates } from '../../src/cli/certificates.ts';
import { SILENT } from '../../src/log/logger.ts';
import { Origin } from '../support/origin.ts';
import { certificateFor, serialOf, visit } from '../support/tls-visit.ts';
import { Edge, labelled } from './edge.ts';

const folder = mkdtempSync(join(tmpdir(), 'teal-grouped-'));
const pems = {
  shared: certificateFor('shared'),
  one: certificateFor('shop.test'),
  two: certificateFor('www.shop.test'),
  authority: certificateFor('staff'),
};
const file = (name: keyof typeof pems): string => join(folder, `${name}.pem`);
for (const [name, pem] of Object.entries(pems)) writeFileSync(file(name as keyof typeof pems), pem);

let edge: Edge | null = null;
const origins: Origin[] = [];

afterEach(async () => {
  await edge?.close();
  for (const origin of origins.splice(0)) await origin.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** An app per entry, each of which answers with its name. */
async function open(apps: Readonly<Record<string, Readonly<Record<string, string>>>>) {
  const list = Object.entries(apps).map(async ([name, labels], place) => {
    const body = `Content-Length: ${name.length}\r\n\r\n${name}`;
    const origin = await Origin.answering(`HTTP/1.1 200 OK\r\n${body}`);
    origins.push(origin);
    return labelled(`/${name}`, 10_001 + place, labels, [origin]);
  });
  const shared = { paths: [], fromFiles: [], fixed: [pems.shared] };
  edge = await Edge.open(await Promise.all(list), {
    groupsHttps: true,
    certificates: new Certificates(shared, SILENT),
  });
  return edge;
}

const STAFF = `verify required ca-file ${file('authority')}`;
const BADGE = { cert: pems.authority, key: pems.authority };

it('a virtual host shows the certificates of all its apps, else the shared ones', async () => {
  const https = (
    await open({
      shop: { '0_VHOST': 'shop.test,www.shop.test', '0_SSL_CERT': file('one') },
      cart: { '0_VHOST': 'www.shop.test', '0_PATH': '/cart', '0_SSL_CERT': file('two') },
      blog: { '0_VHOST': 'blog.test' },
    })
  ).at(443);
  const serial = async (servername: string) => (await visit(https, { servername })).serial;
  expect(await serial('shop.test')).toBe(serialOf(pems.one));
  expect(await serial('www.shop.test')).toBe(serialOf(pems.two));
  expect(await serial('blog.test')).toBe(serialOf(pems.shared));
});

it('a name that no app has, and no name at all, is closed', async () => {
  const https = (await open({ shop: { '0_VHOST': 'shop.test' } })).at(443);
  expect(await visit(https, { servername: 'shop.test' })).toMatchObject({ body: 'shop' });
  expect(await visit(https, { servername: 'other.test' })).toMatchObject({ protocol: null });
  expect(await visit(https, {}, 'shop.test')).toMatchObject({ protocol: null });
});

it('BIND_OPTIONS of all apps of a virtual host count, with or without SSL_CERT', async () => {
  const shop = await open({
    plain: { '0_VHOST': 'shop.test', '0_BIND_OPTIONS': 'no-tlsv12' },
    secure: {
      '0_VHOST': 'shop.test',
      '0_PATH': '/secure',
      '0_SSL_CERT': file('one'),
      '0_BIND_OPTIONS': STAFF,
    },
  });
  const knock = (options: object) =>
    visit(shop.at(443), { servername: 'shop.test', ...options }).then(({ status }) => status);
  expect(await knock(BADGE)).toBe(200);
  expect(await knock({})).toBe(0);
  expect(await knock({ ...BADGE, maxVersion: 'TLSv1.2' })).toBe(0);
});

it('an app that asks for client certificates without a certificate is served by its host only', async () => {
  const made = await open({ desk: { '0_VHOST': 'desk.test', '0_BIND_OPTIONS': STAFF } });
  const servername = 'desk.test';
  expect(await visit(made.at(443), { servername, ...BADGE })).toMatchObject({
    body: 'desk',
    serial: serialOf(pems.shared),
  });
  expect(await visit(made.at(443), { servername })).toMatchObject({ status: 0 });
  expect(() => made.at(10_001)).toThrow('nothing listens');
});

it('a guarded host is not reached by way of another one', async () => {
  const https = (
    await open({
      open: { '0_VHOST': 'open.test', '0_PATH': '/only' },
      every: { '0_VHOST': '*.shop.test', '0_SSL_CERT': file('one'), '0_BIND_OPTIONS': STAFF },
      front: { '0_VHOST': 'www.shop.test', '0_PATH': '/front' },
    })
  ).at(443);
  // By its Host; SNI leads, and there the path is not served.
  const crossed = await visit(https, { servername: 'open.test' }, 'a.shop.test');
  expect(crossed).toMatchObject({ status: 503 });
  // By a host within the wildcard that leaves paths to it.
  expect(await visit(https, { servername: 'www.shop.test' })).toMatchObject({ status: 0 });
  const seen = await visit(https, { servername: 'www.shop.test', ...BADGE });
  expect(seen).toMatchObject({ body: 'every' });
});

it('every host of an app is reached over https, by whatever table hosts are found', async () => {
  const https = (await open({ shop: { '0_VHOST': 'a.test,b.test,c.test' } })).at(443);
  for (const servername of ['a.test', 'b.test', 'c.test']) {
    expect(await visit(https, { servername }, servername)).toMatchObject({ body: 'shop' });
  }
});
