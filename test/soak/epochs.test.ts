// Ten thousand epochs of one service: neither a worker nor the control plane holds more than before, and
// connections of another service notice none of them.

import net, { type AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { OrderStage } from '../cli/order-stage.ts';
import { candidates, claim } from '../plan/claims.ts';
import { colour, type HasPort, service } from '../proxy/plans.ts';
import { Origin } from '../support/origin.ts';
import { PlaneProcess } from './plane-process.ts';

const EPOCHS = 10_000;
/** Epochs between two looks of those whose connections are to stay. */
const STRETCH = 250;
/** After so many everything is there that is kept: code, caches, the whole history. */
const WARM = 2_000;
const MIB = 1_048_576;
const TUNNELS = 20;

/** Another service than the one that the tunnels go through. */
function cutOverTo(live: '/zdd/blue' | '/zdd/green', server: HasPort) {
  const colours = ['/zdd/blue', '/zdd/green'].map((appId) => colour(appId, [server], 10_090));
  return {
    listeners: [],
    removedListeners: [],
    services: [service(live, colours, { servicePort: 10_090 })],
    removedServices: [],
  };
}

async function echo(): Promise<net.Server> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Resolves with what comes back; rejects when the connection ends. */
function tell(socket: net.Socket, word: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error('the connection has ended'));
    socket.once('close', gone);
    socket.once('data', (piece) => {
      socket.off('close', gone);
      resolve(String(piece));
    });
    socket.write(word);
  });
}

describe('10,000 cut-overs of a service', () => {
  it('leave a worker with what it held, and every connection of another service open', async () => {
    const server = await echo();
    const origin = await Origin.answering('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    const plane = await PlaneProcess.start(server.address() as AddressInfo, { mode: 'tcp' });
    const deltas = [cutOverTo('/zdd/blue', origin), cutOverTo('/zdd/green', origin)];
    const tunnels = Array.from({ length: TUNNELS }, () => net.connect(plane.port, '127.0.0.1'));
    try {
      const speak = async (word: string): Promise<void> => {
        const said = await Promise.all(tunnels.map((tunnel) => tell(tunnel, word)));
        expect(new Set(said)).toEqual(new Set([word]));
      };
      const go = async (from: number, to: number): Promise<void> => {
        for (let epoch = from; epoch < to; epoch += STRETCH) {
          await plane.publish(deltas, STRETCH);
          await speak(`epoch ${epoch}`);
        }
      };
      await speak('hello');
      await go(0, WARM);
      const descriptors = plane.descriptors;
      const before = await plane.resident();
      await go(WARM, EPOCHS);
      expect((await plane.resident()) - before).toBeLessThan(8 * MIB);
      expect(plane.descriptors).toBe(descriptors);
      expect(await plane.frontend()).toMatchObject({ connections: TUNNELS, inFlight: TUNNELS });
    } finally {
      for (const tunnel of tunnels) tunnel.destroy();
      await plane.stop();
      await origin.close();
      server.close();
    }
  }, 60_000);

  it('leave the control plane with what it held: the history is bounded, orders take the place of orders', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const held = (): number => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const stage = new OrderStage();
    await stage.look(
      claim('/zdd/blue', { candidates: candidates('blue', 'healthy') }),
      claim('/zdd/green', { candidates: candidates('green', 'healthy') }),
    );
    const go = async (from: number, to: number): Promise<void> => {
      for (let turn = from; turn < to; turn += 1) {
        const colour = turn % 2 === 0 ? 'blue' : 'green';
        await stage.ordered({ order: turn % 3 === 0 ? 'rollback' : 'cutover', colour });
      }
    };
    await go(0, WARM);
    const before = held();
    const { epoch } = stage;
    await go(WARM, EPOCHS);
    expect(stage.epoch).toBe(epoch + EPOCHS - WARM);
    expect(held() - before).toBeLessThan(2 * MIB);
    expect(stage.decisions.history.length).toBe(200);
  }, 60_000);
});
