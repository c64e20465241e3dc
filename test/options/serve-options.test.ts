import { describe, expect, it } from 'vitest';
import { helpOf } from '../../src/options/command-line.ts';
import { readDemoOptions } from '../../src/options/demo-options.ts';
import { SERVE_FLAGS } from '../../src/options/flags.ts';
import { readServeOptions, type ServeOptions } from '../../src/options/serve-options.ts';

const read = (text: string, env: Record<string, string> = {}): ServeOptions => {
  const options = readServeOptions('sse', text.split(' ').filter(Boolean), env);
  if (typeof options === 'string') throw new Error('help was not asked for');
  return options;
};

describe('the flags of teal sse', () => {
  it("have Marathon-LB's defaults", () => {
    expect(read('--group external')).toMatchObject({
      marathon: ['http://master.mesos:8080'],
      stream: true,
      groups: ['external'],
      healthCheck: false,
      httpPort: 80,
      httpsPort: 443,
      appidPort: 9091,
      statsPort: 9090,
      acceptProxy: false,
      bindAddress: '*',
      notices: [],
    });
  });

  it('join several Marathons, given in one list or by repeating the flag', () => {
    const { marathon } = read(
      '-m http://a:8080/ http://b:8080 --group x --marathon https://c/service/marathon/',
    );
    expect(marathon).toEqual(['http://a:8080', 'http://b:8080', 'https://c/service/marathon']);
  });

  it('take all that the README shows', () => {
    const text =
      '--marathon http://h:8080 --group external --health-check --http-port 81 --https-port 444 --appid-port 9092 --stats-port 9093 --bind 0.0.0.0 --workers 2';
    expect(read(text)).toMatchObject({
      healthCheck: true,
      httpPort: 81,
      workers: 2,
      bindAddress: '0.0.0.0',
    });
  });

  it('open no listeners for virtual hosts with --dont-bind-http-https', () => {
    expect(read('--group x --dont-bind-http-https')).toMatchObject({
      httpPort: 0,
      httpsPort: 0,
      appidPort: 9091,
    });
  });

  it("set the data plane's timeouts and limits, and leave the rest alone", () => {
    expect(read('--group x --server-timeout-ms 60000 --retries 0').relay).toEqual({
      serverTimeoutMs: 60_000,
      connectRetries: 0,
    });
    expect(read('--group x').relay).toEqual({});
    expect(() => read('--group x --connect-timeout-ms 0')).toThrow(
      /expected a whole number from 1/,
    );
  });

  it('say what takes the place of those that make no sense without HAProxy', () => {
    const { notices } = read(
      '--group x --skip-validation --command reload -c x --max-reload-retries -1',
    );
    expect(notices).toHaveLength(3);
    expect(notices.join('\n')).toContain(
      '--skip-validation has no effect: every app is checked by itself',
    );
  });

  const refused: readonly [string, RegExp][] = [
    ['', /--group is required/],
    ['--group x --helth-check', /unknown flag --helth-check; did you mean --health-check\?/],
    ['--group x --frobnicate', /unknown flag --frobnicate$/],
    ['--group x --http-port', /--http-port needs a value/],
    ['--group x --http-port --bind *', /--http-port needs a value/],
    ['--group x --http-port 0', /--http-port '0': expected a whole number from 1 to 65535/],
    ['--group x --http-port 80x', /--http-port '80x'/],
    ['--group x --workers 0', /--workers '0'/],
    ['--group x --bind localhost', /--bind 'localhost': expected an IP address/],
    ['--group x --marathon master:8080', /--marathon 'master:8080': expected http/],
    ['--group x --marathon nonsense', /--marathon 'nonsense': expected a URL/],
    ['--group x --marathon http://u:p@h http://h', /the same user and password in every URL/],
    ['--group x --marathon http://u:p@h --marathon http://u:q@h', /the same user and password/],
    ['--group x --log-level loud', /--log-level 'loud'/],
    ['--group x --health-check=yes', /--health-check takes no value/],
    ['stray --group x', /'stray' is not expected here/],
  ];
  it.each(refused)('refuse %j in one line', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  it.each([
    ['NOTSET', 'debug'],
    ['debug', 'debug'],
    ['WARNING', 'warn'],
    ['critical', 'error'],
  ])("take the level %s of Python's logging", (given, logLevel) => {
    expect(read(`--group x --log-level ${given}`)).toMatchObject({ logLevel });
  });

  it('poll takes its interval from POLL_INTERVAL', () => {
    const options = readServeOptions('poll', ['--group', 'x'], { POLL_INTERVAL: '7' });
    expect(options).toMatchObject({ stream: false, resyncIntervalMs: 7_000 });
    expect(() => readServeOptions('poll', ['--group', 'x'], { POLL_INTERVAL: 'soon' })).toThrow(
      /POLL_INTERVAL 'soon'/,
    );
  });

  it('are listed by --help, a line each', () => {
    expect(readServeOptions('sse', ['--help'], {})).toBe('help');
    expect(helpOf(SERVE_FLAGS)).toMatch(/ {2}-m, --marathon URL +Marathon/);
  });
});

describe('the flags of teal demo', () => {
  it('move every port', () => {
    const options = readDemoOptions([
      '--marathon-port',
      '18080',
      '--dns-port',
      '1053',
      '--http-port',
      '1880',
    ]);
    expect(options).toMatchObject({
      marathonPort: 18_080,
      dnsPort: 1_053,
      dnsHttpPort: 8_123,
      serve: { marathon: ['http://127.0.0.1:18080'], httpPort: 1_880, bindAddress: '127.0.0.1' },
    });
  });
});
