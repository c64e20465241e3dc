// Keep-alive clients that ask one request after the other and know who has to answer. A request that
// began after a change was in force and is answered by the old colour is stale.

import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** Between two requests of a client: the machine has more to do than to ask. */
const BREATH_MS = 2;

export function startClients(port, count) {
  let expected = null;
  let answered = 0;
  let failed = 0;
  let stale = 0;
  let ending = false;
  const waiting = new Set();

  async function visit() {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    while (!ending) {
      const before = expected;
      try {
        const colour = await get(port, agent);
        if (before !== null && before === expected && colour !== before) stale += 1;
      } catch {
        failed += 1;
      }
      answered += 1;
      for (const look of waiting) look();
      await pause(BREATH_MS);
    }
    agent.destroy();
  }

  const visits = Array.from({ length: count }, visit);
  return {
    /** A change is under way: either colour may answer. */
    leave() {
      expected = null;
    },
    expect(colour) {
      expected = colour;
    },
    /** Resolves when there have been as many more. */
    answers(more) {
      const target = answered + more;
      return new Promise((resolve) => {
        const look = () => {
          if (answered < target) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
      });
    },
    async stop() {
      ending = true;
      await Promise.all(visits);
      return { answered, failed, stale };
    },
  };
}

/** The answer to one request; rejects unless it is a whole 200. */
export function get(port, agent) {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, agent }, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(pieces).toString());
        else reject(new Error(`status ${response.statusCode}`));
      });
    });
    request.on('error', reject);
  });
}
