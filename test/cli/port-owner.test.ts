import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { portOwner } from '../../src/cli/port-owner.ts';

const onLinux = process.platform === 'linux';
const me = `${basename(process.execPath)} (pid ${process.pid})`;

describe.skipIf(!onLinux)('the owner of a port', () => {
  it.each(['127.0.0.1', '0.0.0.0'])('is this process while it listens on %s', async (address) => {
    const server = net.createServer().listen(0, address);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(portOwner(port)).toBe(me);
    expect(portOwner(port, 'udp')).toBeNull();
    server.close();
    await once(server, 'close');
    expect(portOwner(port)).toBeNull();
  });

  it('is found for UDP', async () => {
    const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    expect(portOwner(port, 'udp')).toBe(me);
    expect(portOwner(port, 'tcp')).toBeNull();
    socket.close();
    await once(socket, 'close');
  });

  it('may be another process', async () => {
    const program =
      "const s=require('net').createServer().listen(0,'127.0.0.1',()=>console.log(s.address().port));setTimeout(()=>process.exit(),15000)";
    const child = spawn(process.execPath, ['-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      expect(portOwner(Number(line))).toBe(`${basename(process.execPath)} (pid ${child.pid})`);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });

  it('is not who merely has a connection from that port', async () => {
    const server = net
      .createServer((socket) => socket.on('error', () => {}))
      .listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(client, 'connect');
    expect(portOwner(client.localPort ?? 0)).toBeNull();
    client.destroy();
    server.close();
    await once(server, 'close');
  });
});

describe('a port that cannot be one', () => {
  it.each([0, -1, 65_536, Number.NaN, 1.5])('%d has no owner and throws nothing', (port) => {
    expect(portOwner(port)).toBeNull();
    expect(portOwner(port, 'udp')).toBeNull();
  });
});
