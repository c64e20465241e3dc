// Whatever Teal accepts, the server behind it must understand in the same way: Node's parser stands
// for the servers. TEAL_SEED tries other heads, TEAL_RUNS more of them.

import http from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHUNKED, NO_BODY } from '../../src/proxy/http/framing.ts';
import { RequestHead } from '../../src/proxy/http/request-head.ts';
import {
  BODY_AS_IS,
  BODY_DECODE,
  BODY_ENCODE,
  ResponseHead,
} from '../../src/proxy/http/response-head.ts';
import { budget } from './budget.ts';
import { noise, requestHeads, responseHeads } from './head-arbitraries.ts';
import { NodeParser, understandResponse } from './node-parser.ts';

const MAX_FIELDS = 100;
const { seed, runs } = budget();
const SENTINEL = 'GET /sentinel HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n';
const FORWARDED = 'X-Forwarded-For: 10.0.0.9\r\nX-Forwarded-Proto: http\r\n';

const head = new RequestHead();
const response = new ResponseHead();

/** [name, value, …] of a sound head, as Node tells them. */
function rawHeaders(text: string): string[] {
  const list: string[] = [];
  for (const line of text.split('\r\n').slice(1, -2)) {
    const colon = line.indexOf(':');
    list.push(line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, ''));
  }
  return list;
}

/** A body as `framing` says, on the wire and as it is meant. */
function bodyOf(framing: number): { readonly text: string; readonly data: string } {
  if (framing === NO_BODY) return { text: '', data: '' };
  if (framing === CHUNKED) return { text: '3\r\nabc\r\n0\r\n\r\n', data: 'abc' };
  return { text: 'b'.repeat(framing), data: 'b'.repeat(framing) };
}

/** Teal passes on any method but two; Node knows a list. */
function isKnownToNode(method: string): boolean {
  return http.METHODS.includes(method);
}

describe('request heads', () => {
  let node: NodeParser;
  beforeAll(async () => {
    node = await NodeParser.start();
  });
  afterAll(() => node.close());

  it('of any bytes are read or refused, and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.oneof(noise, requestHeads), fc.nat(2_000), (text, maxFields) => {
        const fault = head.read(text, maxFields);
        if (fault === null) head.forward(FORWARDED);
      }),
      { seed, numRuns: runs(4_000) },
    );
  });

  it('are forwarded in a form that forwarding does not change again', () => {
    let accepted = 0;
    fc.assert(
      fc.property(requestHeads, (text) => {
        if (head.read(text, MAX_FIELDS) !== null) return;
        accepted += 1;
        const once = head.forward(FORWARDED);
        const { method, target, framing, hostname, upgrade, appId, replayable } = head;
        expect(head.read(once, MAX_FIELDS)).toBeNull();
        expect(head).toMatchObject({ method, target, framing, hostname, upgrade, appId });
        expect([head.isHttp11, head.keepAlive, head.replayable]).toEqual([true, true, replayable]);
        expect(head.forward(FORWARDED)).toBe(once);
      }),
      { seed, numRuns: runs(4_000) },
    );
    expect(accepted).toBeGreaterThan(500);
  });

  it('that are forwarded are understood by Node with the same fields and framing', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(requestHeads, async (text) => {
        if (head.read(text, MAX_FIELDS) !== null) return;
        if (!isKnownToNode(head.method) || head.framing > 1_000) return;
        compared += 1;
        const { method, target } = head;
        const sent = head.forward(FORWARDED);
        const body = bodyOf(head.framing);
        // Behind a request to switch protocols Node expects no more HTTP.
        const follows = head.upgrade === '';
        const understood = await node.understand(sent + body.text + (follows ? SENTINEL : ''));
        expect(understood?.map((request) => request.target)).toEqual(
          follows ? [target, '/sentinel'] : [target],
        );
        expect(understood?.[0]).toEqual({
          method,
          target,
          rawHeaders: rawHeaders(sent),
          body: body.data,
          whole: true,
        });
      }),
      { seed, numRuns: runs(1_500) },
    );
    expect(compared).toBeGreaterThan(200);
  });

  it('that are accepted are accepted by Node as they came, with the same framing', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(requestHeads, async (text) => {
        if (head.read(text, MAX_FIELDS) !== null) return;
        if (!isKnownToNode(head.method) || head.framing > 1_000) return;
        compared += 1;
        const { method } = head;
        const body = bodyOf(head.framing);
        const follows = head.keepAlive && !/^upgrade:/im.test(text);
        const understood = await node.understand(text + body.text + (follows ? SENTINEL : ''));
        expect(understood?.length).toBe(follows ? 2 : 1);
        expect(understood?.[0]).toMatchObject({
          method,
          rawHeaders: rawHeaders(text),
          body: body.data,
          whole: true,
        });
      }),
      { seed, numRuns: runs(1_500) },
    );
    expect(compared).toBeGreaterThan(200);
  });
});

describe('response heads', () => {
  it('of any bytes are read or refused, and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.oneof(noise, responseHeads), fc.nat(2_000), (text, maxFields) => {
        const fault = response.read(text, 'GET', maxFields);
        if (fault === null) response.forward('', BODY_AS_IS);
      }),
      { seed, numRuns: runs(4_000) },
    );
  });

  it('are forwarded in a form that forwarding does not change again, framed at most once', () => {
    let accepted = 0;
    fc.assert(
      fc.property(
        responseHeads,
        fc.constantFrom('GET', 'HEAD'),
        fc.boolean(),
        (text, method, oldClient) => {
          if (response.read(text, method, MAX_FIELDS) !== null) return;
          accepted += 1;
          const { status, framing } = response;
          const encode = framing < CHUNKED && !oldClient;
          const mode = encode ? BODY_ENCODE : oldClient ? BODY_DECODE : BODY_AS_IS;
          const once = response.forward('', mode);
          expect(once.match(/^(?:transfer-encoding|content-length):/gim)?.length ?? 0).toBeLessThan(
            2,
          );
          if (oldClient) expect(once).not.toMatch(/^transfer-encoding:/im);
          expect(response.read(once, method, MAX_FIELDS)).toBeNull();
          expect(response.status).toBe(status);
          if (mode === BODY_AS_IS) expect(response.framing).toBe(framing);
          expect(response.forward('', encode ? BODY_AS_IS : mode)).toBe(once);
        },
      ),
      { seed, numRuns: runs(4_000) },
    );
    expect(accepted).toBeGreaterThan(500);
  });

  it('that are forwarded are understood by Node with the same fields', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(responseHeads, async (text) => {
        if (response.read(text, 'GET', MAX_FIELDS) !== null || response.status < 200) return;
        compared += 1;
        const { status, framing } = response;
        const sent = response.forward('', BODY_AS_IS);
        const body = framing > 1_000 ? '' : bodyOf(Math.max(framing, CHUNKED)).text;
        const understood = await understandResponse(sent + body);
        expect(understood).toEqual({ status, rawHeaders: rawHeaders(sent) });
      }),
      { seed, numRuns: runs(800) },
    );
    expect(compared).toBeGreaterThan(100);
  });
});
