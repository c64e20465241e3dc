import { describe, expect, it } from 'vitest';
import { readBind } from '../../src/catalogue/bind-options.ts';
import type { TlsSpec } from '../../src/catalogue/claim.ts';

const TLS: TlsSpec = {
  certificates: ['/a.pem'],
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: '',
  ciphersuites: '',
  clientCertificate: 'unasked',
  authorities: '',
};

describe('SSL_CERT and BIND_OPTIONS', () => {
  it.each<readonly [string, string, Partial<TlsSpec> | null, boolean]>([
    ['', '', null, false],
    ['  ', '  ', null, false],
    ['/a.pem', '', {}, false],
    [' /a.pem ', '', {}, false],
    ['/a.pem crt /b.pem', '', { certificates: ['/a.pem', '/b.pem'] }, false],
    ['/a.pem', 'crt /b.pem crt /a.pem', { certificates: ['/a.pem', '/b.pem'] }, false],
    ['', 'ssl crt /a.pem', {}, false],
    ['', 'crt /a.pem', {}, false],
    ['', 'accept-proxy', null, true],
    ['/a.pem', 'accept-proxy no-sslv3 no-tlsv10 no-tlsv11', {}, true],
    ['/a.pem', 'no-tlsv12', { minVersion: 'TLSv1.3' }, false],
    ['/a.pem', 'no-tlsv13', { maxVersion: 'TLSv1.2' }, false],
    ['/a.pem', 'ssl-min-ver TLSv1.0', { minVersion: 'TLSv1' }, false],
    ['/a.pem', 'ssl-min-ver TLSv1.0 no-tlsv10', { minVersion: 'TLSv1.1' }, false],
    ['/a.pem', 'ssl-min-ver TLSv1.0 no-tlsv11', { minVersion: 'TLSv1.2' }, false],
    ['/a.pem', 'ssl-min-ver TLSv1.3', { minVersion: 'TLSv1.3' }, false],
    ['/a.pem', 'ssl-max-ver TLSv1.2', { maxVersion: 'TLSv1.2' }, false],
    ['/a.pem', 'ciphers ECDHE+AESGCM:!aNULL', { ciphers: 'ECDHE+AESGCM:!aNULL' }, false],
    [
      '/a.pem',
      'ciphersuites TLS_AES_128_GCM_SHA256',
      { ciphersuites: 'TLS_AES_128_GCM_SHA256' },
      false,
    ],
    ['/a.pem', 'force-tlsv12 no-sslv3 no-tlsv10', { maxVersion: 'TLSv1.2' }, false],
    ['/a.pem', 'force-tlsv11', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' }, false],
    ['/a.pem', 'alpn http/1.1', {}, false],
    ['/a.pem', 'verify none', {}, false],
    [
      '/a.pem',
      'verify\trequired   ca-file /ca.pem',
      { clientCertificate: 'required', authorities: '/ca.pem' },
      false,
    ],
  ])("'%s' and '%s' are understood whole", (certificate, options, tls, acceptProxy) => {
    expect(readBind(certificate, options)).toEqual({
      tls: tls === null ? null : { ...TLS, ...tls },
      acceptProxy,
      refused: [],
    });
  });

  it.each<readonly [string, string, string, RegExp, Partial<TlsSpec> | null]>([
    ['/a.pem', 'alpn h2,http/1.1', 'alpn h2,http/1.1', /http\/1\.1; no other/, {}],
    ['/a.pem', 'name x accept-proxy mode 600', 'name x mode 600', /the others are ignored/, {}],
    ['/a.pem', 'constructor toString', 'constructor toString', /the others are ignored/, {}],
    ['/a.pem', 'ciphers', 'ciphers', /expected a value/, {}],
    ['/a.pem', 'ssl-min-ver SSLv3', 'ssl-min-ver SSLv3', /TLSv1\.0/, {}],
    ['/a.pem', 'ssl-max-ver 1.2', 'ssl-max-ver 1.2', /TLSv1\.0/, {}],
    ['/a.pem', 'no-tlsv12 no-tlsv13', '', /a version of TLS that is left/, {}],
    ['/a.pem', 'verify optional', 'verify optional', /not asked/, {}],
    ['/a.pem', 'ca-file /ca.pem', 'ca-file', /no effect/, {}],
    ['', 'ciphers X', 'ciphers', /speaks in plain/, null],
    ['', 'ssl', '', /not served/, { certificates: [] }],
    // What was to be guarded is never open: these are not served.
    [
      '/a.pem',
      'crl-file /l',
      'crl-file /l',
      /not served/,
      { certificates: [], clientCertificate: 'required' },
    ],
    ['/a.pem', 'force-tlsv12 no-tlsv12', '', /a version of TLS that is left/, {}],
    ['/a.pem', 'verify required', 'verify', /not served/, { clientCertificate: 'required' }],
    [
      '',
      'verify required ca-file /c',
      '',
      /certificate by SSL_CERT/,
      { certificates: [], clientCertificate: 'required', authorities: '/c' },
    ],
  ])("of '%s' and '%s', '%s' is told", (certificate, options, value, message, tls) => {
    const wish = readBind(certificate, options);
    expect(wish.refused).toHaveLength(1);
    expect(wish.refused[0]).toMatchObject({ label: 'BIND_OPTIONS', value });
    expect(wish.refused[0]?.message).toMatch(message);
    expect(wish.tls).toEqual(tls === null ? null : { ...TLS, ...tls });
  });

  it.each<[string, Partial<TlsSpec>]>([
    ['no-tlsv12', { minVersion: 'TLSv1.3' }],
    ['ciphers X ssl-min-ver TLSv1.3', { ciphers: 'X', minVersion: 'TLSv1.3' }],
    ['crl-file /l', { clientCertificate: 'required' }],
  ])("'%s' without a certificate are for the hosts alone", (options, tls) => {
    const wish = readBind('', options);
    expect(wish.tls).toBeNull();
    expect(wish.hostTls).toEqual({ ...TLS, certificates: [], ...tls });
  });

  it('a misspelt answer to verify is taken for required', () => {
    const wish = readBind('/a.pem', 'verify requird ca-file /ca.pem');
    expect(wish.tls?.clientCertificate).toBe('required');
    expect(wish.refused.map(({ value }) => value)).toEqual(['verify requird']);
  });

  it('what is wrong with the certificate is told of SSL_CERT', () => {
    expect(readBind('/a.pem what', '').refused).toMatchObject([
      { label: 'SSL_CERT', value: 'what' },
    ]);
  });
});
