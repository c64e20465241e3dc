// Bytes of a new connection → its PROXY protocol header, either version. Pure: looks at everything
// received so far, each time; what cannot become a header any more is a fault at once.

import { isIPv4, isIPv6 } from 'node:net';
import {
  MAX_V1_BYTES,
  MAX_V2_BYTES,
  type ProxyAddresses,
  V1_SIGNATURE,
  V2_FIXED_BYTES,
  V2_SIGNATURE,
} from './header.ts';

export type ProxyReading =
  /** Sound so far. */
  | { readonly kind: 'more' }
  /** What follows the first `length` bytes is the client's. Null addresses = those of the socket. */
  | { readonly kind: 'header'; readonly length: number; readonly addresses: ProxyAddresses | null }
  /** Not a header; one clause. */
  | { readonly kind: 'fault'; readonly fault: string };

const MORE: ProxyReading = { kind: 'more' };

const LOCAL = 0x20;
const PROXY = 0x21;
const TCP4 = 0x11;
const TCP6 = 0x21;
const UNIX_STREAM = 0x31;
const UNSPECIFIED = 0x00;
const ADDRESS_BYTES: ReadonlyMap<number, number> = new Map([
  [UNSPECIFIED, 0],
  [TCP4, 12],
  [TCP6, 36],
  [UNIX_STREAM, 216],
]);

/** Reads the header at the start of `bytes`. */
export function readProxyHeader(bytes: Buffer): ProxyReading {
  if (bytes.length === 0) return MORE;
  if (bytes[0] === V1_SIGNATURE[0]) return readText(bytes);
  if (bytes[0] === V2_SIGNATURE[0]) return readBinary(bytes);
  return fault('no PROXY protocol header');
}

function readText(bytes: Buffer): ProxyReading {
  if (!beginsLike(bytes, V1_SIGNATURE)) return fault('no PROXY protocol header');
  const end = bytes.indexOf('\n');
  if (end === -1) return bytes.length < MAX_V1_BYTES ? MORE : fault('the line is too long');
  if (end >= MAX_V1_BYTES) return fault('the line is too long');
  if (bytes[end - 1] !== 0x0d) return fault('the line does not end with CR LF');
  const line = bytes.toString('latin1', V1_SIGNATURE.length, end - 1);
  const length = end + 1;
  // The rest of such a line is to be ignored, whatever it says.
  if (line === 'UNKNOWN' || line.startsWith('UNKNOWN ')) {
    return { kind: 'header', length, addresses: null };
  }
  const addresses = readFields(line);
  if (addresses === null) return fault('the addresses are malformed');
  return { kind: 'header', length, addresses };
}

/** `TCP4 source destination sourcePort destinationPort`: exactly one space between each. */
function readFields(line: string): ProxyAddresses | null {
  const [family, source = '', destination = '', from = '', to = '', ...more] = line.split(' ');
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isPlainIPv6 : null;
  if (isAddress === null || more.length > 0) return null;
  const sourcePort = portOf(from);
  const destinationPort = portOf(to);
  if (!isAddress(source) || !isAddress(destination)) return null;
  if (sourcePort === -1 || destinationPort === -1) return null;
  return { source, sourcePort, destination, destinationPort };
}

/** A zone is a matter of the sender's machine only. */
function isPlainIPv6(text: string): boolean {
  return isIPv6(text) && !text.includes('%');
}

/** -1 = no port. */
function portOf(text: string): number {
  if (!/^(?:0|[1-9]\d{0,4})$/.test(text)) return -1;
  const port = Number(text);
  return port < 65_536 ? port : -1;
}

function readBinary(bytes: Buffer): ProxyReading {
  if (!beginsLike(bytes, V2_SIGNATURE)) return fault('no PROXY protocol header');
  const command = bytes[12];
  if (command !== undefined && command !== LOCAL && command !== PROXY) {
    return fault('neither version 2 nor a command of it');
  }
  if (bytes.length < V2_FIXED_BYTES) return MORE;
  const rest = bytes.readUInt16BE(14);
  const length = V2_FIXED_BYTES + rest;
  if (length > MAX_V2_BYTES) return fault('the header is too long');
  if (command === LOCAL) {
    return bytes.length < length ? MORE : { kind: 'header', length, addresses: null };
  }
  const family = bytes[13] as number;
  const needed = ADDRESS_BYTES.get(family);
  if (needed === undefined) return fault('a family or transport that no TCP listener can have');
  if (rest < needed) return fault('shorter than its addresses');
  if (bytes.length < length) return MORE;
  return { kind: 'header', length, addresses: readAddresses(bytes, family) };
}

function readAddresses(bytes: Buffer, family: number): ProxyAddresses | null {
  switch (family) {
    case TCP4:
      return {
        source: ipv4(bytes, 16),
        destination: ipv4(bytes, 20),
        sourcePort: bytes.readUInt16BE(24),
        destinationPort: bytes.readUInt16BE(26),
      };
    case TCP6:
      return {
        source: ipv6(bytes, 16),
        destination: ipv6(bytes, 32),
        sourcePort: bytes.readUInt16BE(48),
        destinationPort: bytes.readUInt16BE(50),
      };
    default:
      // Paths of UNIX sockets, or nothing: no address that a server could use.
      return null;
  }
}

function ipv4(bytes: Buffer, at: number): string {
  return bytes.subarray(at, at + 4).join('.');
}

/** RFC 5952: the longest run of zeros, the first of equals, is left out. */
function ipv6(bytes: Buffer, at: number): string {
  const groups = Array.from({ length: 8 }, (_, place) =>
    bytes.readUInt16BE(at + 2 * place).toString(16),
  );
  let start = 0;
  let longest = 1;
  for (let from = 0; from < 8; from += 1) {
    let run = 0;
    while (groups[from + run] === '0') run += 1;
    if (run > longest) {
      start = from;
      longest = run;
    }
  }
  if (longest < 2) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + longest).join(':')}`;
}

/** True if what is there of `signature` is right. */
function beginsLike(bytes: Buffer, signature: Buffer): boolean {
  const length = Math.min(bytes.length, signature.length);
  return bytes.compare(signature, 0, length, 0, length) === 0;
}

function fault(text: string): ProxyReading {
  return { kind: 'fault', fault: text };
}
