// How much is in flight on a colour, over all balancers, by their statistics in HAProxy's CSV.

import { type Dispatcher, request } from 'undici';

const TIMEOUT_MS = 5_000;

/** Null = a balancer does not say. A colour that none of them knows has nothing in flight. */
export async function inFlightOn(
  instances: readonly string[],
  pxname: string,
  dispatcher: Dispatcher,
): Promise<number | null> {
  const counts = await Promise.all(
    instances.map(async (instance) => {
      try {
        const answer = await request(`${instance}/haproxy?stats;csv`, {
          dispatcher,
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        const text = await answer.body.text();
        return answer.statusCode === 200 ? sessionsIn(text, pxname) : null;
      } catch {
        return null;
      }
    }),
  );
  return counts.reduce((sum, count) => (sum === null || count === null ? null : sum + count), 0);
}

/** Queued and current sessions in the BACKEND row; null = this is no such CSV. */
function sessionsIn(csv: string, pxname: string): number | null {
  const [head = '', ...lines] = csv.split('\n');
  const columns = head.replace(/^# /, '').split(',');
  const places = ['pxname', 'svname', 'qcur', 'scur'].map((name) => columns.indexOf(name));
  if (places.includes(-1)) return null;
  for (const line of lines) {
    const values = line.split(',');
    const [proxy, server, queued, current] = places.map((place) => values[place]);
    if (proxy === pxname && server === 'BACKEND') return Number(queued) + Number(current);
  }
  return 0;
}
