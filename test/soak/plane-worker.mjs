// A data plane alone in a process: its memory is nobody else's. Built code, as workers run it. Started
// with --expose-gc; says its port, then answers each message with what it holds, after it has put the plans
// of that message in force, one after the other.

import { bindSocket } from '../../dist/fleet/socket.js';
import { SILENT } from '../../dist/log/logger.js';
import { DataPlane } from '../../dist/proxy/data-plane.js';
import { DEFAULT_PROXY_SETTINGS } from '../../dist/proxy/settings.js';

process.once('message', ({ settings, delta, key }) => {
  const plane = new DataPlane({ ...DEFAULT_PROXY_SETTINGS, ...settings }, SILENT);
  plane.commit(plane.prepare(1, delta));
  const { handle, port } = bindSocket('127.0.0.1', 0);
  plane.accept(key, handle, (message) => {
    throw new Error(message);
  });
  let epoch = 1;
  process.on('message', ({ memory, deltas = [], epochs = 0 }) => {
    for (let turn = 0; turn < epochs; turn += 1) {
      epoch += 1;
      plane.commit(plane.prepare(epoch, deltas[turn % deltas.length]));
    }
    if (memory) globalThis.gc();
    // Memory is read from /proc, for which there has to be a descriptor.
    process.send({ memory: memory ? process.memoryUsage() : null, report: plane.report() });
  });
  setImmediate(() => process.send({ port }));
});
process.on('disconnect', () => process.exit());
