// One SRV question as dig asks it: UDP first, TCP when the answer was cut.

import dgram from 'node:dgram';
import net from 'node:net';
import { type DecodedPacket, decode, encode } from 'dns-packet';

export interface SrvAnswer {
  readonly targets: string[];
  /** Names that have an address in the ADDITIONAL section. */
  readonly additional: string[];
}

export async function lookUpSrv(port: number, name: string): Promise<SrvAnswer> {
  const query = encode({
    type: 'query',
    id: 4_711,
    flags: 0x100,
    questions: [{ type: 'SRV', class: 'IN', name }],
  });
  let packet = await overUdp(port, query);
  if (packet.flag_tc) packet = await overTcp(port, query);
  return {
    targets: (packet.answers ?? []).flatMap((one) => (one.type === 'SRV' ? [one.data.target] : [])),
    additional: (packet.additionals ?? []).flatMap((one) => (one.type === 'A' ? [one.name] : [])),
  };
}

function overUdp(port: number, query: Buffer): Promise<DecodedPacket> {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket('udp4');
    const timer = setTimeout(() => reject(new Error('no DNS answer over UDP')), 5_000);
    socket.on('message', (message) => {
      clearTimeout(timer);
      socket.close();
      resolve(decode(message));
    });
    socket.send(query, port, '127.0.0.1');
  });
}

function overTcp(port: number, query: Buffer): Promise<DecodedPacket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    const pieces: Buffer[] = [];
    socket.setTimeout(5_000, () => socket.destroy(new Error('no DNS answer over TCP')));
    socket.on('error', reject);
    socket.on('data', (piece: Buffer) => {
      pieces.push(piece);
      const all = Buffer.concat(pieces);
      if (all.length < 2 || all.length < 2 + all.readUInt16BE(0)) return;
      socket.destroy();
      resolve(decode(all.subarray(2)));
    });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(query.length);
    socket.write(Buffer.concat([length, query]));
  });
}
