// What a test with real sockets sets up and what goes away after it, passed or failed.

import { afterEach } from 'vitest';
import type { HasPort } from '../proxy/plans.ts';
import { Origin, type OriginConnection, type OriginRequest, type Script } from './origin.ts';
import { type PlaneOptions, startPlane, type TestPlane } from './plane.ts';
import { RawClient } from './raw-client.ts';

export interface Stage {
  /** An origin that answers every whole request. */
  answering(
    answer: string | ((request: OriginRequest, connection: OriginConnection) => string),
  ): Promise<Origin>;
  /** An origin that does what the script says on each connection. */
  scripted(script: Script): Promise<Origin>;
  /** A data plane in front of these servers. */
  plane(servers: readonly HasPort[], options?: PlaneOptions): Promise<TestPlane>;
  client(plane: HasPort): Promise<RawClient>;
}

/** To be called once per file, outside of tests. */
export function stage(): Stage {
  const leaving: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    // Clients first, then the plane, then the origins.
    for (const leave of leaving.splice(0).reverse()) await leave();
  });
  async function kept(starting: Promise<Origin>): Promise<Origin> {
    const origin = await starting;
    leaving.push(() => origin.close());
    return origin;
  }
  return {
    answering: (answer) => kept(Origin.answering(answer)),
    scripted: (script) => kept(Origin.scripted(script)),
    plane: async (servers, options) => {
      const plane = await startPlane(servers, options);
      leaving.push(() => plane.close());
      return plane;
    },
    client: async ({ port }) => {
      const client = await RawClient.connect(port);
      leaving.push(() => client.destroy());
      return client;
    },
  };
}
