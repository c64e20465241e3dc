import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../src/options/command-line.ts';
import { LOG_FLAGS, readLogOptions } from '../../src/options/log-flags.ts';

const read = (text: string) =>
  readLogOptions(readCommandLine(text.split(' ').filter(Boolean), LOG_FLAGS));

describe('the flags of the access log', () => {
  it('write nothing but what labels ask for, in the form of HAProxy, unless one is given', () => {
    expect(read('')).toEqual({
      accessLog: { format: 'httplog', to: { kind: 'stdout' }, captures: [] },
      accessWish: { which: 'none', share: 1 },
    });
  });

  it('write every request once a form is given', () => {
    expect(read('--access-log json --access-log-header User-Agent Referer')).toEqual({
      accessLog: { format: 'json', to: { kind: 'stdout' }, captures: ['user-agent', 'referer'] },
      accessWish: { which: 'all', share: 1 },
    });
  });

  it.each([
    ['errors', { which: 'errors', share: 1 }],
    ['sample:0.01', { which: 'all', share: 0.01 }],
    ['sample:1', { which: 'all', share: 1 }],
    ['off', { which: 'none', share: 1 }],
  ])('write %s of those', (which, wish) => {
    expect(read(`--access-log httplog --access-log-which ${which}`).accessWish).toEqual(wish);
  });

  it.each([
    ['/var/log/teal.log', { kind: 'file', path: '/var/log/teal.log' }],
    ['syslog://10.0.0.1', { kind: 'syslog', host: '10.0.0.1', port: 514, header: 'rfc3164' }],
    [
      'syslog://logs.example.com:5514?rfc5424',
      { kind: 'syslog', host: 'logs.example.com', port: 5514, header: 'rfc5424' },
    ],
    ['syslog://[::1]:514', { kind: 'syslog', host: '::1', port: 514, header: 'rfc3164' }],
  ])('send it to %s', (text, to) => {
    expect(read(`--access-log-to ${text}`).accessLog.to).toEqual(to);
  });

  it.each([
    '--access-log apache',
    '--access-log httplog --access-log-which sample:0',
    '--access-log httplog --access-log-which sample:2',
    '--access-log httplog --access-log-which some',
    '--access-log-to http://10.0.0.1',
    '--access-log-to syslog://',
    '--access-log-to syslog://10.0.0.1?rfc1',
    '--access-log-to syslog://10.0.0.1/x',
    '--access-log-header a:b',
  ])('refuse %s in one line', (text) => {
    expect(() => read(text)).toThrow(/^--access-log\S*:? '?[^\n]*expected [^\n]*$/);
  });
});
