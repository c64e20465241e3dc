// §1.1: every flag of marathon_lb.py as it is read, and what takes the place of those that make no sense
// without HAProxy.

import { describe, expect, it } from 'vitest';
import { kindOfLabel, SETTING_LABELS } from '../../src/catalogue/known-labels.ts';
import { LABEL_LINES, longHelp } from '../../src/cli/long-help.ts';
import { MARATHON_LB_FLAGS } from '../../src/options/marathon-lb-flags.ts';
import { readServeOptions, type ServeOptions } from '../../src/options/serve-options.ts';
import { UsageError } from '../../src/options/usage-error.ts';

/** §1.1, by name. */
const UPSTREAM = [
  ...['help', 'longhelp', 'marathon', 'haproxy-config', 'group', 'command', 'max-reload-retries'],
  ...['reload-interval', 'strict-mode', 'sse', 'archive-versions', 'health-check'],
  ...['lru-cache-capacity', 'haproxy-map', 'dont-bind-http-https', 'group-https-by-vhost'],
  ...['ssl-certs', 'skip-validation', 'skip-config-cleanup', 'dry', 'min-serv-port-ip-per-task'],
  ...['max-serv-port-ip-per-task', 'max-backoff', 'syslog-socket', 'log-format', 'log-level'],
  ...['marathon-auth-credential-file', 'auth-credentials', 'dcos-auth-credentials'],
  'marathon-ca-cert',
];

function read(args: readonly string[], env: Record<string, string> = {}): ServeOptions {
  const options = readServeOptions('sse', args, env);
  if (typeof options === 'string') throw new Error(`${options} was not asked for`);
  return options;
}

const split = (text: string): readonly string[] => text.split(' ').filter(Boolean);
const withGroup = (text: string) => read(split(`--group external ${text}`));

describe('§1.1 the flags of marathon_lb.py', () => {
  it('are all known, by their names and short names', () => {
    expect(MARATHON_LB_FLAGS.map(({ name }) => name).sort()).toEqual([...UPSTREAM].sort());
    const short = MARATHON_LB_FLAGS.filter((flag) => flag.short !== undefined);
    expect(Object.fromEntries(short.map((flag) => [flag.short, flag.name]))).toEqual({
      m: 'marathon',
      c: 'command',
      s: 'sse',
      H: 'health-check',
      d: 'dry',
      h: 'help',
    });
  });

  const honoured: readonly [string, Partial<ServeOptions>][] = [
    ['', { marathon: ['http://master.mesos:8080'], healthCheck: false, strictMode: false }],
    ['-m http://a:1 http://b:2', { marathon: ['http://a:1', 'http://b:2'] }],
    [
      '-m http://a:1 -H -m http://b:2',
      { marathon: ['http://a:1', 'http://b:2'], healthCheck: true },
    ],
    ['--group other', { groups: ['external', 'other'] }],
    ['--group a,b', { groups: ['external', 'a,b'] }],
    ['--group *', { groups: ['external', '*'] }],
    ['--strict-mode', { strictMode: true }],
    ['--haproxy-map', { hostMap: true, notices: [] }],
    ['--dont-bind-http-https', { httpPort: 0, httpsPort: 0, appidPort: 9091 }],
    ['--group-https-by-vhost', { groupHttpsByVhost: true }],
    ['--ssl-certs /a.pem,/b', { certificatePaths: ['/a.pem', '/b'] }],
    ['--dry', { dry: true }],
    ['', { autoServicePorts: { min: 10_050, max: 10_100 } }],
    [
      '--min-serv-port-ip-per-task 10101 --max-serv-port-ip-per-task 10150',
      { autoServicePorts: { min: 10_101, max: 10_150 } },
    ],
    ['--min-serv-port-ip-per-task 10060', { autoServicePorts: { min: 10_060, max: 10_100 } }],
    ['--min-serv-port-ip-per-task 0 --max-serv-port-ip-per-task 0', { autoServicePorts: null }],
    ['--max-backoff 7', { maxBackoffMs: 7_000 }],
    ['--log-level DEBUG', { logLevel: 'debug' }],
    ['--log-level CRITICAL', { logLevel: 'error' }],
  ];
  it.each(honoured)('%j is honoured', (text, expected) => {
    expect(withGroup(text)).toMatchObject(expected);
  });

  const replaced: readonly (readonly [readonly string[], string])[] = [
    [['--haproxy-config', '/etc/haproxy/haproxy.cfg'], '/_haproxy_getconfig'],
    [['--command', '/marathon-lb/reload_haproxy.sh'], 'committed as epochs'],
    [['-c', 'sv reload /service/haproxy'], 'committed as epochs'],
    [['--max-reload-retries', '-1'], 'committed as epochs'],
    [['--reload-interval', '10'], 'committed as epochs'],
    [['--archive-versions', '5'], 'no configuration file is written'],
    [['--lru-cache-capacity', '1000'], 'as large as the cluster'],
    [['--skip-validation'], 'cannot break another'],
    [['--skip-config-cleanup'], 'cannot break another'],
    [['--syslog-socket', '/dev/log'], 'standard output'],
    [['--log-format', '%(asctime)-15s %(name)s: %(message)s'], 'JSON'],
  ];
  it.each(replaced)('%j is accepted, with one line about what takes its place', (args, said) => {
    const { notices } = read(['--group', 'external', ...args]);
    expect(notices).toHaveLength(1);
    expect(notices[0]).toContain('has no effect: ');
    expect(notices[0]).toContain(said);
  });

  it('a syslog that is switched off is nothing to speak of', () => {
    expect(withGroup('--syslog-socket /dev/null').notices).toEqual([]);
  });

  it('the whole command line of the container is taken', () => {
    const options = read(
      split(
        'sse --haproxy-config /marathon-lb/haproxy.cfg --ssl-certs /etc/ssl/cert.pem --command /marathon-lb/reload_haproxy.sh --sse --health-check --group external -m http://marathon.mesos:8080 --haproxy-map --max-reload-retries 10 --reload-interval 10',
      ).slice(1),
    );
    expect(options).toMatchObject({ stream: true, healthCheck: true, hostMap: true });
    expect(options.notices).toHaveLength(4);
  });

  const quirks: readonly [readonly string[], Partial<ServeOptions>][] = [
    [['--group=x', '--max-backoff=9'], { groups: ['x'], maxBackoffMs: 9_000 }],
    [['--group', 'x', '--group-h'], { groupHttpsByVhost: true }],
    [['--group', 'x', '--ssl', '/a.pem'], { certificatePaths: ['/a.pem'] }],
    [['--group', 'x', '--health'], { healthCheck: true }],
    [['--group', 'x', '-mhttp://a:1'], { marathon: ['http://a:1'] }],
    [['--group', 'x', '-m=http://a:1'], { marathon: ['http://a:1'] }],
    [['--group', 'x', '-sH'], { stream: true, healthCheck: true }],
    [
      ['--group', 'x', '-Hm', 'http://a:1', 'http://b:2'],
      { marathon: ['http://a:1', 'http://b:2'] },
    ],
  ];
  it.each(quirks)("argparse's liberty is taken: %j", (args, expected) => {
    expect(read(args)).toMatchObject(expected);
  });

  const refused: readonly [readonly string[], RegExp, number][] = [
    [[], /--group is required/, 2],
    [
      ['--group', 'x', '--helth-check'],
      /unknown flag --helth-check; did you mean --health-check\?/,
      2,
    ],
    [['--group', 'x', '--marathon-a'], /--marathon-auth-credential-file needs a value: FILE/, 2],
    [['--group', 'x', '--s'], /--s could be --strict-mode, --ssl-certs, .*; write it out/, 2],
    [['--group', 'x', '-z'], /unknown flag -z/, 2],
    [['--group', 'x', 'y'], /'y' is not expected here/, 2],
    [['--group', 'x', '--min-serv-port-ip-per-task', '0'], /expected two ports, or both 0/, 2],
    [
      ['--group', 'x', '--min-serv-port-ip-per-task', '10200'],
      /expected the first not to be above/,
      2,
    ],
    [['--group', 'x', '--log-level', 'LOUD'], /--log-level 'LOUD': expected debug, info/, 2],
    [['--group', 'x', '--auth-credentials', 'joe'], /exactly one colon/, 1],
    [['--group', 'x', '--auth-credentials', 'joe:pass:word'], /exactly one colon/, 1],
    [
      ['--group', 'x', '--dcos-auth-credentials', '{"uid":"x"}'],
      /expected a text 'private_key'/,
      1,
    ],
    [['--group', 'x', '--dcos-auth-credentials', 'secret'], /expected JSON with uid/, 1],
    [
      [
        '--group',
        'x',
        '--dcos-auth-credentials',
        '{"uid":"x","private_key":"secret","login_endpoint":"https://h/"}',
      ],
      /RSA key in PEM/,
      1,
    ],
    [
      [
        '--group',
        'x',
        '--dcos-auth-credentials',
        '{"uid":"x","private_key":"secret","login_endpoint":"h"}',
      ],
      /http or https URL/,
      1,
    ],
  ];
  it.each(refused)('%j ends it in one line, nothing secret in it', (args, message, code) => {
    let error: unknown = null;
    try {
      read(args);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(UsageError);
    const { message: said, exitCode } = error as UsageError;
    expect(said).toMatch(message);
    expect(said).not.toMatch(/\n|secret|pass:word/);
    expect(exitCode).toBe(code);
  });

  it('--help and --longhelp are asked for before anything else is looked at', () => {
    expect(readServeOptions('sse', ['--help'], {})).toBe('help');
    expect(readServeOptions('poll', ['-h', '--longhelp'], {})).toBe('longhelp');
  });

  it('--longhelp lists every label and template there is, by a name that is known', () => {
    const text = longHelp('flags');
    for (const name of ['{n}_BACKEND_HTTP_OPTIONS', 'HEAD']) {
      expect(text).toContain(`\n  HAPROXY_${name}\n`);
    }
    expect(LABEL_LINES.map(([label]) => label)).toEqual(
      expect.arrayContaining([...SETTING_LABELS]),
    );
    for (const [label] of LABEL_LINES) {
      expect(text).toContain(label);
      const { kind } = kindOfLabel(label.replace('{n}', '0'));
      expect([label, kind]).toEqual([label, label.includes('{n}') ? 'setting' : 'app-wide']);
    }
  });
});
