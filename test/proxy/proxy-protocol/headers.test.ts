import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProxyAddresses } from '../../../src/proxy/proxy-protocol/header.ts';
import { readProxyHeader } from '../../../src/proxy/proxy-protocol/read.ts';
import { writeProxyHeader } from '../../../src/proxy/proxy-protocol/write.ts';

const SIGNATURE = '0d0a0d0a000d0a515549540a';
const V4: ProxyAddresses = {
  source: '203.0.113.7',
  sourcePort: 51_234,
  destination: '10.0.0.1',
  destinationPort: 443,
};
const V6: ProxyAddresses = {
  source: '2001:db8::7',
  sourcePort: 65_535,
  destination: '::1',
  destinationPort: 0,
};
const V4_LINE = 'PROXY TCP4 203.0.113.7 10.0.0.1 51234 443\r\n';
const V4_BODY = 'cb007107' + '0a000001' + 'c822' + '01bb';
const V6_BODY = `20010db8${'00'.repeat(11)}07${'00'.repeat(15)}01ffff0000`;

const text = (line: string): Buffer => Buffer.from(line, 'latin1');
const hex = (digits: string): Buffer => Buffer.from(digits, 'hex');
const v2 = (head: string, body = ''): Buffer => hex(SIGNATURE + head + body);

/** Bytes of a header, with whatever follows, and what it says. */
const GOOD: readonly (readonly [string, Buffer, ProxyAddresses | null])[] = [
  ['version 1 over IPv4', text(V4_LINE), V4],
  ['version 1 over IPv6', text('PROXY TCP6 2001:db8::7 ::1 65535 0\r\n'), V6],
  [
    'the longest line there is with addresses',
    text(`PROXY TCP6 ${'ffff:'.repeat(7)}ffff ${'ffff:'.repeat(7)}ffff 65535 65535\r\n`),
    {
      source: `${'ffff:'.repeat(7)}ffff`,
      sourcePort: 65_535,
      destination: `${'ffff:'.repeat(7)}ffff`,
      destinationPort: 65_535,
    },
  ],
  ['UNKNOWN', text('PROXY UNKNOWN\r\n'), null],
  [
    'UNKNOWN with addresses, which are to be ignored',
    text('PROXY UNKNOWN ff:: ff:: 1 1\r\n'),
    null,
  ],
  ['UNKNOWN, 107 bytes long', text(`PROXY UNKNOWN ${'x'.repeat(91)}\r\n`), null],
  ['version 2 over IPv4', v2('2111000c', V4_BODY), V4],
  ['version 2 over IPv6', v2('21210024', V6_BODY), V6],
  ['version 2 with TLVs', v2('21110013', `${V4_BODY}04000400000000`), V4],
  ['version 2 with broken TLVs, which are skipped', v2('2111000d', `${V4_BODY}ff`), V4],
  ['version 2, LOCAL', v2('20000000'), null],
  ['version 2, LOCAL with a body to be skipped', v2('2011000c', V4_BODY), null],
  ['version 2, LOCAL of an unknown family', v2('20ff0002', 'abcd'), null],
  ['version 2, UNIX', v2('213100d8', '2f'.repeat(216)), null],
  ['version 2, unspecified', v2('21000000'), null],
  ['version 2, unspecified with a body', v2('21000003', '010203'), null],
  ['version 2 of 4096 bytes', v2('21110ff0', V4_BODY + '00'.repeat(4_068)), V4],
];

const BAD: readonly (readonly [string, Buffer])[] = [
  ['a request', text('GET / HTTP/1.1\r\n\r\n')],
  ['a TLS handshake', hex('1603010200010001fc0303')],
  ['one wrong byte', text('X')],
  ['another method that begins the same way', text('PROPFIND / HTTP/1.1\r\n')],
  ['lower case', text(V4_LINE.replace('PROXY', 'proxy'))],
  ['a tab for a space', text('PROXY\tTCP4 1.1.1.1 2.2.2.2 1 2\r\n')],
  ['two spaces', text('PROXY TCP4  1.1.1.1 2.2.2.2 1 2\r\n')],
  ['no family', text('PROXY\r\n')],
  ['no family, but a space', text('PROXY \r\n')],
  ['an unknown family', text('PROXY UDP4 1.1.1.1 2.2.2.2 1 2\r\n')],
  ['a family of another case', text('PROXY tcp4 1.1.1.1 2.2.2.2 1 2\r\n')],
  ['UNKNOWN with something grown on', text('PROXY UNKNOWNS\r\n')],
  ['a missing port', text('PROXY TCP4 1.1.1.1 2.2.2.2 1\r\n')],
  ['no addresses', text('PROXY TCP4\r\n')],
  ['one field too many', text('PROXY TCP4 1.1.1.1 2.2.2.2 1 2 3\r\n')],
  ['a space at the end', text('PROXY TCP4 1.1.1.1 2.2.2.2 1 2 \r\n')],
  ['IPv6 as TCP4', text('PROXY TCP4 ::1 ::1 1 2\r\n')],
  ['IPv4 as TCP6', text('PROXY TCP6 1.1.1.1 2.2.2.2 1 2\r\n')],
  ['an address with a zone', text('PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n')],
  ['an address out of range', text('PROXY TCP4 1.1.1.256 2.2.2.2 1 2\r\n')],
  ['an address with a leading zero', text('PROXY TCP4 1.1.1.01 2.2.2.2 1 2\r\n')],
  ['a name for an address', text('PROXY TCP4 localhost 2.2.2.2 1 2\r\n')],
  ['a port out of range', text('PROXY TCP4 1.1.1.1 2.2.2.2 65536 2\r\n')],
  ['a port with a leading zero', text('PROXY TCP4 1.1.1.1 2.2.2.2 01 2\r\n')],
  ['a negative port', text('PROXY TCP4 1.1.1.1 2.2.2.2 -1 2\r\n')],
  ['a hexadecimal port', text('PROXY TCP4 1.1.1.1 2.2.2.2 0x1 2\r\n')],
  ['an empty port', text('PROXY TCP4 1.1.1.1 2.2.2.2  2\r\n')],
  ['a line that ends with LF', text('PROXY TCP4 1.1.1.1 2.2.2.2 1 2\n')],
  ['CR in the line', text('PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\r\n')],
  ['NUL in the line', text('PROXY TCP4 1.1.1.1\0 2.2.2.2 1 2\r\n')],
  ['a line of 108 bytes', text(`PROXY UNKNOWN ${'x'.repeat(92)}\r\n`)],
  ['107 bytes without an end', text(`PROXY UNKNOWN ${'x'.repeat(93)}`)],
  ['empty lines', text('\r\n\r\nGET / HTTP/1.1\r\n\r\n')],
  ['a signature with one wrong byte', hex('0d0a0d0a000d0a515549540b')],
  ['version 1 in the binary form', v2('1111000c', V4_BODY)],
  ['version 3', v2('3111000c', V4_BODY)],
  ['an unknown command', v2('2211000c', V4_BODY)],
  ['UDP', v2('2112000c', V4_BODY)],
  ['an unknown family in the binary form', v2('2141000c', V4_BODY)],
  ['an unknown transport', v2('2113000c', V4_BODY)],
  ['a length below the addresses of IPv4', v2('2111000b', V4_BODY)],
  ['a length below the addresses of IPv6', v2('21210023', V6_BODY)],
  ['a length below the paths of UNIX', v2('213100d7', '2f'.repeat(215))],
  ['a length beyond 4096 bytes', v2('21110ff1')],
  ['the greatest length', v2('2111ffff')],
  ['a LOCAL of the greatest length', v2('2000ffff')],
];

describe('a PROXY protocol header', () => {
  it.each(GOOD)('is read: %s', (_, bytes, addresses) => {
    const header = { kind: 'header', length: bytes.length, addresses };
    expect(readProxyHeader(bytes)).toEqual(header);
    expect(readProxyHeader(Buffer.concat([bytes, text('PROXY GET\r\n')]))).toEqual(header);
  });

  it.each(GOOD)('that is cut anywhere is waited for: %s', (_, bytes) => {
    for (let length = 0; length < bytes.length; length += 1) {
      expect(readProxyHeader(bytes.subarray(0, length))).toEqual({ kind: 'more' });
    }
  });

  it.each(BAD)('is not made of %s', (_, bytes) => {
    expect(readProxyHeader(bytes).kind).toBe('fault');
  });

  it('that goes wrong never becomes one by more bytes, nor asks for more than 4096', () => {
    const start = fc.constantFrom(
      ...[text('PROXY '), text('PROXY TCP4 1.1.1.1 '), v2('2111'), v2('20000'), v2('')],
    );
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 300 }), (head, noise) => {
        const bytes = Buffer.concat([head, noise, Buffer.alloc(4_096)]);
        let settled = '';
        for (let length = 0; length <= bytes.length; length += 1) {
          const { kind } = readProxyHeader(bytes.subarray(0, length));
          if (settled !== '') expect(kind).toBe(settled);
          else if (kind !== 'more') settled = kind;
          if (settled !== '' && length > head.length + noise.length + 20) break;
        }
        expect(settled).not.toBe('');
      }),
      { numRuns: 60 },
    );
  });
});

const port = fc.integer({ min: 0, max: 65_535 });
const addresses = fc
  .tuple(fc.constantFrom(fc.ipV4(), fc.ipV6()), port, port)
  .chain(([ip, sourcePort, destinationPort]) =>
    fc.record({
      source: ip,
      sourcePort: fc.constant(sourcePort),
      destination: ip,
      destinationPort: fc.constant(destinationPort),
    }),
  )
  // Addresses that are IPv4 in the clothes of IPv6 are sent as IPv4.
  .filter(({ source, destination }) => !/\./.test(source + destination) || !/:/.test(source));

const canonical = (ip: string): string =>
  ip.includes(':') ? new URL(`http://[${ip}]`).hostname.slice(1, -1) : ip;

describe('what the writer writes', () => {
  it('is what the reader reads, split anywhere, with anything after it', () => {
    fc.assert(
      fc.property(
        addresses,
        fc.constantFrom(1 as const, 2 as const),
        fc.uint8Array({ maxLength: 40 }),
        (ends, version, rest) => {
          const header = writeProxyHeader(version, ends);
          const bytes = Buffer.concat([header, rest]);
          for (let length = 0; length < header.length; length += 1) {
            expect(readProxyHeader(bytes.subarray(0, length)).kind).toBe('more');
          }
          const reading = readProxyHeader(bytes);
          if (reading.kind !== 'header' || reading.addresses === null) throw new Error('unread');
          expect(reading.length).toBe(header.length);
          const { source, destination, sourcePort, destinationPort } = reading.addresses;
          expect([canonical(source), canonical(destination)]).toEqual(
            [ends.source, ends.destination].map(canonical),
          );
          expect([sourcePort, destinationPort]).toEqual([ends.sourcePort, ends.destinationPort]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is byte for byte as the specification has it', () => {
    expect(writeProxyHeader(1, V4).toString('latin1')).toBe(V4_LINE);
    expect(writeProxyHeader(2, V4)).toEqual(v2('2111000c', V4_BODY));
    expect(writeProxyHeader(2, V6)).toEqual(v2('21210024', V6_BODY));
    expect(writeProxyHeader(1, null).toString('latin1')).toBe('PROXY UNKNOWN\r\n');
    expect(writeProxyHeader(2, null)).toEqual(v2('21000000'));
  });

  it.each([
    ['::ffff:203.0.113.7', '::ffff:10.0.0.1', 'PROXY TCP4 203.0.113.7 10.0.0.1 1 2\r\n'],
    ['203.0.113.7', '::1', 'PROXY TCP6 ::ffff:203.0.113.7 ::1 1 2\r\n'],
    ['fe80::1%eth0', 'fe80::2%eth0', 'PROXY TCP6 fe80::1 fe80::2 1 2\r\n'],
    ['', '10.0.0.1', 'PROXY UNKNOWN\r\n'],
    ['@', 'nowhere', 'PROXY UNKNOWN\r\n'],
  ])('has both ends in one family: %s and %s', (source, destination, line) => {
    const ends = { source, destination, sourcePort: 1, destinationPort: 2 };
    expect(writeProxyHeader(1, ends).toString('latin1')).toBe(line);
    expect(readProxyHeader(writeProxyHeader(2, ends)).kind).toBe('header');
  });
});
