// A worker that runs out of descriptors: it lives on, and serves as soon as there are some again.

import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { OK, Origin } from '../support/origin.ts';
import { RawClient, requestOnce } from '../support/raw-client.ts';
import { until } from '../support/settle.ts';
import { PlaneProcess } from './plane-process.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const canLimit = !spawnSync('prlimit', ['--version']).error;

describe('a worker without descriptors left', () => {
  it.skipIf(!canLimit)('lives on, and serves when there are some again', async () => {
    const origin = await Origin.answering(OK);
    const plane = await PlaneProcess.start(origin, {
      settings: { requestHeadTimeoutMs: 60_000 },
      descriptors: 100,
    });
    try {
      const crowd = await Promise.all(
        Array.from({ length: 200 }, () => RawClient.connect(plane.port)),
      );
      // There is no place for all of them: the kernel has them, or they were closed.
      expect((await plane.frontend()).inFlight).toBeLessThan(100);
      for (const client of crowd) client.destroy();
      let open = -1;
      const look = async (): Promise<void> => {
        open = (await plane.frontend()).inFlight;
      };
      await until(() => {
        void look().catch(() => {});
        return open === 0;
      }, 'the crowd to be gone');
      for (let i = 0; i < 20; i += 1) {
        expect((await requestOnce(plane.port, REQUEST)).status).toBe(200);
      }
    } finally {
      await plane.stop();
      await origin.close();
    }
  });
});
