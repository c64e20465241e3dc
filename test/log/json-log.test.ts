import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonLog } from '../../src/log/json-log.ts';
import { lineOf, RECORD, recordOf, STARTED_AT_MS } from './records.ts';

describe('the line of JSON', () => {
  it('names everything that is known of a request', () => {
    expect(
      JSON.parse(lineOf(new JsonLog(['user-agent']), recordOf({ captured: ['curl'] }))),
    ).toEqual({
      time: new Date(STARTED_AT_MS).toISOString(),
      name: 'teal',
      log: 'access',
      kind: 'http',
      client: '192.0.2.9',
      clientPort: 40_001,
      frontend: 'marathon_https_in',
      tls: true,
      backend: 'zdd_blue_10080',
      server: '10_0_6_25_23336',
      colour: '/zdd/blue',
      epoch: 12,
      method: 'GET',
      target: '/a?b=c',
      version: '1.1',
      status: 200,
      id: 'id-7',
      captured: { 'user-agent': 'curl' },
      readMs: 1,
      responseMs: 4,
      queueMs: 2,
      connectMs: 3,
      totalMs: 10,
      bytesIn: 78,
      bytesOut: 345,
      termination: '----',
      connections: 9,
      frontendConnections: 8,
      backendInFlight: 7,
      serverInFlight: 6,
      retries: 0,
      redispatched: false,
      serverQueue: 0,
      backendQueue: 1,
    });
  });

  it('has the same names whatever is 0, and gives each value back', () => {
    const number = fc.oneof(fc.constant(0), fc.integer({ min: -1, max: 3_000 }), fc.maxSafeNat());
    const value = fc.record({
      ...{ queueMs: number, connectMs: number, totalMs: number, bytesIn: number, bytesOut: number },
      ...{ connections: number, frontendConnections: number, backendInFlight: number },
      ...{ serverInFlight: number, serverQueue: number, backendQueue: number, retries: number },
      ...{ redispatched: fc.boolean(), clientPort: fc.constantFrom(1, 4_097, 8_193) },
      clientAddress: fc.constantFrom('192.0.2.1', '2001:db8::1'),
    });
    const asked = fc.record({
      ...{ readMs: number, responseMs: number, status: number, id: fc.constantFrom('', 'id-7') },
      isHttp11: fc.boolean(),
    });
    const log = new JsonLog([]);
    const names = Object.keys(JSON.parse(lineOf(log, RECORD)));
    fc.assert(
      fc.property(value, asked, (record, request) => {
        const parsed = JSON.parse(lineOf(log, recordOf(request, record)));
        const { clientAddress: client, ...numbers } = record;
        const { isHttp11, ...answer } = request;
        expect(Object.keys(parsed)).toEqual(names);
        expect(parsed).toMatchObject({ client, ...numbers, ...answer });
        expect(parsed.version).toBe(isHttp11 ? '1.1' : '1.0');
      }),
    );
  });

  it('has nothing of a request for a connection of a TCP service', () => {
    const parsed = JSON.parse(lineOf(new JsonLog([]), { ...RECORD, request: null }));
    expect(parsed).toMatchObject({ kind: 'tcp', colour: '/zdd/blue' });
    expect(parsed).not.toHaveProperty('status');
  });

  it('is one line of ASCII that gives back what was received, whatever that is', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(text, text, text, (target, id, value) => {
        const written = lineOf(new JsonLog(['x']), recordOf({ target, id, captured: [value] }));
        expect(written).toMatch(/^[ -~]+$/);
        expect(JSON.parse(written)).toMatchObject({ target, id, captured: { x: value } });
      }),
      { numRuns: 300 },
    );
  });
});
