// A worker program that obeys like the real one, and misbehaves when the plan tells it to: a service
// whose reason (`why`) is refuse, hang or die is met with that when the epoch is prepared; with one of
// `hang late PID` and `die late PID` that process does so when it is committed.

import net from 'node:net';

const servers = new Map();
let prepared = 0;
let committed = 0;
let whys = [];

const say = (message) => process.send?.(message);
const changes = () => ({ pid: process.pid, epoch: committed, frontends: [], pools: [], gone: [] });

process.on('message', (message, handle) => {
  switch (message.type) {
    case 'start':
      return say({ type: 'ready' });
    case 'prepare': {
      whys = message.delta.services.map((service) => service.why);
      if (whys.includes('hang')) return;
      if (whys.includes('die')) process.exit(9);
      if (whys.includes('refuse')) {
        return say({ type: 'refused', epoch: message.epoch, why: 'told so' });
      }
      prepared = message.epoch;
      return say({ type: 'prepared', epoch: message.epoch });
    }
    case 'commit':
      if (whys.includes(`hang late ${process.pid}`)) return;
      if (whys.includes(`die late ${process.pid}`)) process.exit(9);
      if (prepared === message.epoch) committed = message.epoch;
      return say({ type: 'committed', epoch: committed });
    case 'listen': {
      const server = net.createServer((socket) => socket.end(`${process.pid} ${committed}`));
      servers.set(message.key, server);
      server.on('error', (error) =>
        say({ type: 'listening', key: message.key, error: error.message }),
      );
      server.listen(handle, () => say({ type: 'listening', key: message.key, error: null }));
      return;
    }
    case 'release':
      servers.get(message.key)?.close();
      return say({ type: 'released', key: message.key });
    case 'report':
      return say({ type: 'report', id: message.id, changes: changes() });
    case 'drain':
      for (const server of servers.values()) server.close();
      return say({ type: 'drained', cut: 0 });
  }
});
process.on('disconnect', () => process.exit(0));
