// Addresses → the PROXY protocol header that a server is sent before anything else. Pure.

import { isIPv4, isIPv6 } from 'node:net';
import { type ProxyAddresses, V2_SIGNATURE } from './header.ts';

const MAPPED = '::ffff:';

/** Null or unusable addresses make a header that says nothing of the client. */
export function writeProxyHeader(version: 1 | 2, addresses: ProxyAddresses | null): Buffer {
  const ends = addresses === null ? null : ofOneFamily(addresses);
  return version === 1 ? writeText(ends) : writeBinary(ends);
}

function writeText(ends: ProxyAddresses | null): Buffer {
  if (ends === null) return Buffer.from('PROXY UNKNOWN\r\n', 'latin1');
  const { source, destination, sourcePort, destinationPort } = ends;
  const family = isIPv4(source) ? 'TCP4' : 'TCP6';
  const line = `PROXY ${family} ${source} ${destination} ${sourcePort} ${destinationPort}\r\n`;
  return Buffer.from(line, 'latin1');
}

function writeBinary(ends: ProxyAddresses | null): Buffer {
  // PROXY, not LOCAL: it is a client's connection, of which nothing is known.
  if (ends === null) return Buffer.concat([V2_SIGNATURE, Buffer.from([0x21, 0x00, 0, 0])]);
  const { source, destination, sourcePort, destinationPort } = ends;
  const bytesOf = isIPv4(source) ? ipv4Bytes : ipv6Bytes;
  const body = Buffer.concat([bytesOf(source), bytesOf(destination), Buffer.alloc(4)]);
  body.writeUInt16BE(sourcePort, body.length - 4);
  body.writeUInt16BE(destinationPort, body.length - 2);
  const family = isIPv4(source) ? 0x11 : 0x21;
  return Buffer.concat([V2_SIGNATURE, Buffer.from([0x21, family, 0, body.length]), body]);
}

/** IPv4 written as IPv6 becomes IPv4 where both ends are; else both are IPv6. Null = unusable. */
function ofOneFamily(addresses: ProxyAddresses): ProxyAddresses | null {
  const source = plain(addresses.source);
  const destination = plain(addresses.destination);
  if (source === '' || destination === '') return null;
  if (isIPv4(source) === isIPv4(destination)) return { ...addresses, source, destination };
  return { ...addresses, source: asIPv6(source), destination: asIPv6(destination) };
}

/** Without zone and mapping; empty = no address. */
function plain(address: string): string {
  const bare = address.replace(/%.*$/s, '');
  const unmapped = bare.startsWith(MAPPED) ? bare.slice(MAPPED.length) : bare;
  if (isIPv4(unmapped)) return unmapped;
  return isIPv6(bare) ? bare : '';
}

function asIPv6(address: string): string {
  return isIPv4(address) ? `${MAPPED}${address}` : address;
}

function ipv4Bytes(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}

function ipv6Bytes(address: string): Buffer {
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [head = [], tail = []] = groups.map((part) => (part === '' ? [] : part.split(':')));
  const bytes = Buffer.alloc(16);
  head.forEach((group, place) => {
    bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * place);
  });
  tail.forEach((group, place) => {
    bytes.writeUInt16BE(Number.parseInt(group, 16), 16 - 2 * (tail.length - place));
  });
  return bytes;
}
