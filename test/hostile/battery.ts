// One plane and one origin for a whole table: a row costs two connections. The origin reads on its
// own (test/support/message.ts) and keeps what arrived, so that a row can prove what did and what did
// not.

import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { OK, Origin, type OriginRequest } from '../support/origin.ts';
import { startPlane, type TestPlane } from '../support/plane.ts';
import { send } from '../support/raw-client.ts';

/** Sent behind everything, as if it were the next client's. */
const MARKER = 'GET /marker HTTP/1.1\r\nHost: a\r\n\r\n';
const NEXT = 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n';

/** In front of a connection's bytes, for a listener that wants it; it says nothing new. */
const PROXY_LINE = 'PROXY TCP4 127.0.0.1 127.0.0.1 1000 10080\r\n';

const FORWARDED = 'X-Forwarded-Port: 10080\r\nX-Forwarded-Proto: http\r\n\r\n';
export const FORWARDED_FOR = 'X-Forwarded-For: 127.0.0.1\r\n';

export interface Battery {
  /**
   * Sends `bytes` and a marker; expects one answer of `status` and the end, no whole request at the
   * origin, and, if `untouched`, not a byte there. The next client is served.
   */
  refuses(bytes: string, status: number, untouched: boolean): Promise<void>;
  /**
   * Sends `bytes` and a marker; expects two answers and two requests at the origin: this one with
   * exactly this head (the fields of the relay left out) and body, then the marker.
   */
  serves(bytes: string, head: string, body: string): Promise<void>;
  /** The same, but the connection ends and the marker arrives nowhere. */
  servesOnce(bytes: string, head: string, body: string): Promise<void>;
}

/**
 * To be called once per describe, outside of tests. Connections come in as bare handles (`wires`), or as
 * sockets of Node's (`sockets`): the plane has other code for each.
 */
export function battery(by: 'wires' | 'sockets'): Battery {
  const preamble = by === 'sockets' ? PROXY_LINE : '';
  let origin: Origin;
  let plane: TestPlane;
  beforeAll(async () => {
    origin = await Origin.answering(OK);
    plane = await startPlane([origin], { acceptProxy: by === 'sockets' });
  });
  beforeEach(() => {
    origin.requests.length = 0;
  });
  afterAll(async () => {
    await plane.close();
    await origin.close();
  });
  return {
    refuses: async (bytes, status, untouched) => {
      const before = bytesAt(origin);
      const outcome = await send(plane.port, preamble + bytes + MARKER);
      expect(outcome).toMatchObject({ statuses: [status], ending: 'end' });
      if (untouched) expect(bytesAt(origin)).toBe(before);
      await expectServing(plane, preamble, origin.requests);
      expect(plane.backend('inFlight')).toBe(0);
    },
    serves: async (bytes, head, body) => {
      const outcome = await send(plane.port, preamble + bytes + MARKER, 2);
      expect(outcome).toMatchObject({ statuses: [200, 200], ending: 'open' });
      expect(
        origin.requests.map(({ head: seen, body: data }) => [seen, data.toString('latin1')]),
      ).toEqual([
        [head + FORWARDED, body],
        [`GET /marker HTTP/1.1\r\nHost: a\r\n${FORWARDED_FOR}${FORWARDED}`, ''],
      ]);
    },
    servesOnce: async (bytes, head, body) => {
      const outcome = await send(plane.port, preamble + bytes + MARKER);
      expect(outcome).toMatchObject({ statuses: [200], ending: 'end' });
      expect(
        origin.requests.map(({ head: seen, body: data }) => [seen, data.toString('latin1')]),
      ).toEqual([[head + FORWARDED, body]]);
    },
  };
}

async function expectServing(
  plane: TestPlane,
  preamble: string,
  requests: readonly OriginRequest[],
): Promise<void> {
  const { responses } = await send(plane.port, preamble + NEXT, 1);
  expect(responses.map(({ status, body }) => [status, body.toString()])).toEqual([[200, 'ok']]);
  expect(requests.map(({ target }) => target)).toEqual(['/next']);
}

function bytesAt(origin: Origin): number {
  return origin.connections.reduce((sum, { incoming }) => sum + incoming.total, 0);
}
