// Raw requests from the published research, by what they attack. A refused one ends its connection
// and never arrives whole at a server; a served one arrives as one request, to the byte.

import { describe, it } from 'vitest';
import { battery, FORWARDED_FOR } from './battery.ts';
import { REFUSED_CHUNKS } from './tables/chunks.ts';
import { SERVED_ONCE } from './tables/closing.ts';
import { REFUSED_CVES, SERVED_CVES } from './tables/cves.ts';
import { REFUSED_FIELDS, SERVED_FIELDS, SERVED_FORWARDED } from './tables/fields.ts';
import { REFUSED_ENCODINGS, REFUSED_LENGTHS, SERVED_FRAMING } from './tables/framing.ts';
import { REFUSED_HOSTS, REFUSED_LINES, SERVED_LINES } from './tables/lines.ts';

describe.each(['wires', 'sockets'] as const)('by %s:', (by) => {
  const on = battery(by);

  describe('refused before a byte goes upstream: an encoding with', () => {
    it.each(REFUSED_ENCODINGS)('%s', (_what, bytes, status) => on.refuses(bytes, status, true));
  });

  describe('refused before a byte goes upstream: a length with', () => {
    it.each(REFUSED_LENGTHS)('%s', (_what, bytes, status) => on.refuses(bytes, status, true));
  });

  describe('refused before a byte goes upstream: a request line with', () => {
    it.each(REFUSED_LINES)('%s', (_what, bytes, status) => on.refuses(bytes, status, true));
  });

  describe('refused before a byte goes upstream: a Host with', () => {
    it.each(REFUSED_HOSTS)('%s', (_what, bytes, status) => on.refuses(bytes, status, true));
  });

  describe('refused before a byte goes upstream: fields with', () => {
    it.each(REFUSED_FIELDS)('%s', (_what, bytes, status) => on.refuses(bytes, status, true));
  });

  describe('refused before its end: a chunked body with', () => {
    it.each(REFUSED_CHUNKS)('%s', (_what, bytes, status) => on.refuses(bytes, status, false));
  });

  describe('refused as it should have been elsewhere:', () => {
    it.each(REFUSED_CVES)('%s', (_what, bytes, status) => on.refuses(bytes, status, false));
  });

  describe('served as one request, to the byte:', () => {
    it.each([...SERVED_FRAMING, ...SERVED_LINES, ...SERVED_FIELDS, ...SERVED_CVES])(
      '%s',
      (_what, bytes, head, body) => on.serves(bytes, head + FORWARDED_FOR, body),
    );
  });

  describe('served, and what follows is thrown away with the connection:', () => {
    it.each(SERVED_ONCE)('%s', (_what, bytes, head, body) =>
      on.servesOnce(bytes, head + FORWARDED_FOR, body),
    );
  });

  describe('served with X-Forwarded-For as one list:', () => {
    it.each(SERVED_FORWARDED)('%s', (_what, bytes, head, body) => on.serves(bytes, head, body));
  });
});
