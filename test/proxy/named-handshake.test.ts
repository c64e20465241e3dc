import { describe, expect, it } from 'vitest';
import { makeSelfSigned } from '../../src/options/self-signed.ts';
import type { BelowTls } from '../../src/proxy/below-tls.ts';
import { readFacts } from '../../src/proxy/certificates.ts';
import { Clock } from '../../src/proxy/clock.ts';
import { NO_CREDENTIALS } from '../../src/proxy/credentials.ts';
import { Greeting, type Greets, type Named, type Shaking } from '../../src/proxy/greeting.ts';
import { NamedGreetings } from '../../src/proxy/named-greetings.ts';
import { NamedHandshake } from '../../src/proxy/named-handshake.ts';
import { tlsTermsOf } from '../../src/proxy/tls.ts';
import { listener, PLAIN_TLS } from './plans.ts';

const pem = makeSelfSigned();
const spec = listener('https', 443, { byName: [{ hosts: ['a.test'], tls: PLAIN_TLS }] });
const credentials = { ...NO_CREDENTIALS, shared: [pem] };
const outsiders = new Greeting(
  tlsTermsOf(spec, credentials, [...readFacts([pem], new Map()).values()]),
);

/** What a handshake begins with that starts like this; null = with nothing. */
function greetingAfter(bytes: string): Greets | null {
  let chosen: Greets | null = null;
  const below: BelowTls = {
    listen() {},
    destroy() {},
    shake(greeting) {
      chosen = greeting;
      return { addresses: null, rosterPlace: -1, closeIfIdle() {}, cut: () => false };
    },
  };
  const owner = { secured() {}, failed() {} };
  const names = new NamedGreetings(spec, credentials);
  const clock = new Clock();
  new NamedHandshake(names, outsiders, below, null, owner, clock).begin(1e9, [
    Buffer.from(bytes, 'latin1'),
  ]);
  return chosen;
}

const HELLO = [
  '\x16\x03\x01\x00\x3e\x01\x00\x00\x3a\x03\x03',
  'r'.repeat(32),
  '\x00\x00\x02\x13\x01\x01\x00\x00\x0f\x00\x00\x00\x0b\x00\x09\x00\x00\x06a.test',
].join('');

/** As OpenSSL would have it: nothing is wrong with the client. */
function shaken(name: string, isResumed = false): Shaking & Named {
  return {
    servername: name,
    setVerifyMode() {},
    setALPNProtocols() {},
    verifyError: () => null,
    getPeerX509Certificate: () => ({}),
    isSessionReused: () => isResumed,
  };
}

function faultAfter(bytes: string, handle: Shaking & Named): string | null {
  const greeting = greetingAfter(bytes);
  if (greeting === null) throw new Error('no handshake began');
  return greeting.faultOf(handle, handle);
}

describe('a handshake by name', () => {
  it('lets nobody in who did not begin with TLS, whatever OpenSSL thinks of it', () => {
    expect(outsiders.faultOf(shaken('a.test'))).toBeNull();
    expect(faultAfter('GET / HTTP/1.1\r\n', shaken('a.test'))).not.toBeNull();
  });

  it.each<[string, boolean, boolean]>([
    ['a.test', false, true],
    ['A.test', false, true],
    ['', false, false],
    ['b.test', false, false],
    ['', true, true],
    ['a.test', true, true],
    ['b.test', true, false],
  ])(
    "lets in who has asked OpenSSL for the same name ('%s', resumed: %s)",
    (name, resumed, isIn) => {
      const handle = shaken(name, resumed);
      expect(faultAfter(HELLO, handle) === null).toBe(isIn);
      if (isIn) expect(handle.servername).toBe('a.test');
    },
  );

  it.each(['\x80\x2e\x01\x03\x01', '\x16\x03\x01\x00\x00'])('does not begin with %j', (bytes) => {
    expect(greetingAfter(bytes)).toBeNull();
  });
});
