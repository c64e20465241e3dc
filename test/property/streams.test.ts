// Smuggling, looked for at random: a stream of requests read by Node itself, and the same stream
// through Teal to Node. Teal may stop earlier than Node; it must never make Node see a request that
// was not there, or another body. TEAL_SEED tries other streams, TEAL_RUNS more of
// them.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPlane, type TestPlane } from '../support/plane.ts';
import { until } from '../support/settle.ts';
import { budget } from './budget.ts';
import { BAD_EXTENSION, NodeParser, talk, UNKNOWN_METHOD, type Understood } from './node-parser.ts';
import { cuts, piecesOf, streams } from './stream-arbitraries.ts';

const { seed, runs } = budget();

/** Of requests that Teal cut short, and of methods Node does not know. */
const EXPECTED_FAULTS = [UNKNOWN_METHOD, 'ECONNRESET', 'HPE_INVALID_EOF_STATE'];

/**
 * What Teal drops or writes anew it does not read as closely as Node does: chunk extensions, and white
 * space behind a length, which RFC 9110 §5.5 allows.
 */
const STRICTER_THAN_TEAL = [BAD_EXTENSION, 'HPE_INVALID_CONTENT_LENGTH'];

function wholeOnes(requests: readonly Understood[]): string[] {
  return requests
    .filter(({ whole }) => whole)
    .map(({ method, target, body }) => `${method} ${target} ${JSON.stringify(body)}`);
}

describe('a stream of requests', () => {
  let node: NodeParser;
  let plane: TestPlane;
  beforeAll(async () => {
    node = await NodeParser.start();
    plane = await startPlane([node]);
  });
  afterAll(async () => {
    await plane.close();
    await node.close();
  });

  it('is never read differently through Teal than without it', async () => {
    let passed = 0;
    await fc.assert(
      fc.asyncProperty(streams, cuts, async (stream, at) => {
        node.takeRequests();
        await talk(node.port, [stream]);
        const direct = wholeOnes(node.takeRequests());
        const directFaults = node.takeFaults();
        const answer = await talk(plane.port, piecesOf(stream, at));
        await until(() => plane.backend('inFlight') === 0, 'nothing in flight');
        const relayed = wholeOnes(node.takeRequests());
        const faults = node.takeFaults();
        expect(faults.filter((fault) => !EXPECTED_FAULTS.includes(fault))).toEqual([]);
        const isStricter = directFaults.some((fault) => STRICTER_THAN_TEAL.includes(fault));
        // After a method it does not know Node hangs up on Teal, but not Teal on the client.
        if (!faults.includes(UNKNOWN_METHOD) && !isStricter) {
          expect(relayed).toEqual(direct.slice(0, relayed.length));
        }
        // Every whole answer of the origin belongs to a request it saw.
        const answers = answer.match(/^HTTP\/1\.1 200 OK\r$/gm)?.length ?? 0;
        expect(answers).toBeLessThanOrEqual(relayed.length);
        if (answers > 1) passed += 1;
      }),
      { seed, numRuns: runs(1_000) },
    );
    expect(passed).toBeGreaterThan(100);
  });
});
