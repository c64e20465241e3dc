// §1.2, §1.3, §1.4: the environment of Marathon-LB and of its container, and what the DC/OS package makes
// of its options.

import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCertificateText } from '../../src/options/certificates.ts';
import { type ContainerEnvironment, readEnvironment } from '../../src/options/environment.ts';
import { openAccess } from '../../src/options/marathon-access.ts';
import { makeSelfSigned } from '../../src/options/self-signed.ts';
import { readServeOptions, type ServeOptions } from '../../src/options/serve-options.ts';
import { readTemplates } from '../../src/options/template-files.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'teal-environment-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Variables = Record<string, string>;

function read(command: 'sse' | 'poll', text: string, env: Variables): ServeOptions {
  const options = readServeOptions(command, text.split(' ').filter(Boolean), env);
  if (typeof options === 'string') throw new Error(`${options} was not asked for`);
  return options;
}

describe('§1.2 the environment of marathon_lb.py', () => {
  it('templates come from variables, their literal line ends made real', () => {
    const { templates, notices } = readEnvironment({
      HAPROXY_HEAD: 'global\\n  maxconn 5\n',
      HAPROXY_BACKEND_HTTP_OPTIONS: 'option forwardfor',
      PATH: '/bin',
    });
    expect(Object.fromEntries(templates)).toEqual({
      HEAD: 'global\n  maxconn 5\n',
      BACKEND_HTTP_OPTIONS: 'option forwardfor',
    });
    expect(notices).toEqual([]);
  });

  it('a variable that is no template is told, with the nearest that is one', () => {
    expect(readEnvironment({ HAPROXY_BACKEND_HEAT: 'x' }).notices).toEqual([
      'HAPROXY_BACKEND_HEAT has no effect: expected the name of a template; did you mean HAPROXY_BACKEND_HEAD?',
    ]);
  });

  it('files are read, the sandbox wins over the working directory, a variable over both', () => {
    const [own, sandbox] = [join(folder, 'templates'), join(folder, 'sandbox')];
    mkdirSync(own);
    mkdirSync(sandbox);
    writeFileSync(join(own, 'HAPROXY_HEAD'), 'own');
    writeFileSync(join(own, 'HAPROXY_BACKEND_HEAD'), 'own');
    writeFileSync(join(own, 'HAPROXY_FRONTEND_HEAD'), 'own \\n');
    writeFileSync(join(own, 'README'), 'no template');
    writeFileSync(join(sandbox, 'HAPROXY_BACKEND_HEAD'), 'sandbox');
    writeFileSync(join(sandbox, 'HAPROXY_HEAD'), 'sandbox');
    const { texts, notices } = readTemplates(
      [own, sandbox, join(folder, 'nowhere')],
      new Map([['HEAD', 'variable']]),
    );
    expect(Object.fromEntries(texts)).toEqual({
      HEAD: 'variable',
      BACKEND_HEAD: 'sandbox',
      FRONTEND_HEAD: 'own \\n',
    });
    expect(notices).toEqual([]);
  });

  it('a file that cannot be a template is left out and told', () => {
    mkdirSync(join(folder, 'HAPROXY_HEAD'));
    writeFileSync(join(folder, 'HAPROXY_BACKEND_HEAD'), 'x'.repeat(70_000));
    const { texts, notices } = readTemplates([folder], new Map());
    expect([texts.size, notices.length]).toEqual([0, 2]);
    expect(notices.join()).toMatch(/longer than 65536 bytes.*is not a file/);
  });

  it.each([
    ['redispatch,http-server-close,dontlognull', []],
    ['dontlognull,redispatch', []],
    [
      'redispatch,httplog,forceclose,httplog',
      [
        'HAPROXY_GLOBAL_DEFAULT_OPTIONS: forceclose, httplog without effect; Teal retries elsewhere, keeps connections alive and logs no empty ones; --access-log httplog writes a line per request',
      ],
    ],
  ])('HAPROXY_GLOBAL_DEFAULT_OPTIONS %s', (value, said) => {
    expect(readEnvironment({ HAPROXY_GLOBAL_DEFAULT_OPTIONS: value }).notices).toEqual(said);
  });
});

describe('§1.3 the environment of the container', () => {
  const rows: readonly [string, Variables, Partial<ContainerEnvironment>][] = [
    ['PORTS', { PORTS: '80,443' }, { ports: '80,443', notices: [] }],
    ['no PORTS', {}, { ports: '', notices: [] }],
    ['POLL_INTERVAL', { POLL_INTERVAL: '5' }, { pollIntervalMs: 5_000 }],
    ['no POLL_INTERVAL', {}, { pollIntervalMs: 60_000 }],
    ['FRAMEWORK_NAME', { FRAMEWORK_NAME: 'marathon-lb' }, { ownAppName: 'marathon-lb' }],
    ['FRAMEWORK_NAME in a group', { FRAMEWORK_NAME: '/edge/lb' }, { ownAppName: 'edge/lb' }],
    [
      'MESOS_SANDBOX',
      { MESOS_SANDBOX: '/mnt/sandbox' },
      { templateFolders: ['templates', '/mnt/sandbox/templates'] },
    ],
    [
      'HAPROXY_SYSCTL_PARAMS',
      {
        HAPROXY_SYSCTL_PARAMS: 'net.ipv4.tcp_tw_reuse=1  net.core.somaxconn=10000',
        HAPROXY_SYSCTL_NONSTRICT: '1',
      },
      { sysctls: ['net.ipv4.tcp_tw_reuse=1', 'net.core.somaxconn=10000'], notices: [] },
    ],
    [
      'HAPROXY_SYSLOGD',
      { HAPROXY_SYSLOGD: 'true' },
      { notices: ['HAPROXY_SYSLOGD has no effect: the log goes to standard output anyway'] },
    ],
    [
      'SYSLOG_SOCKET',
      { SYSLOG_SOCKET: '/dev/log' },
      { notices: ['SYSLOG_SOCKET has no effect: the log goes to standard output'] },
    ],
    ['SYSLOG_SOCKET off', { SYSLOG_SOCKET: '/dev/null' }, { notices: [] }],
    [
      'MARATHON_USER',
      { MARATHON_USER: 'joe', MARATHON_PASSWORD: 'pass:word' },
      { marathonLogin: 'joe:pass:word', notices: [] },
    ],
    [
      'MARATHON_PASSWORD alone',
      { MARATHON_PASSWORD: 'x' },
      {
        marathonLogin: null,
        notices: ['MARATHON_PASSWORD has no effect: expected MARATHON_USER beside it'],
      },
    ],
    [
      'VAULT_*',
      { VAULT_TOKEN: 'x', VAULT_HOST: 'h' },
      {
        notices: ['VAULT_* have no effect: certificates come from --ssl-certs or HAPROXY_SSL_CERT'],
      },
    ],
    ['TINI_SUBREAPER', { TINI_SUBREAPER: '1' }, { notices: [] }],
    [
      'HAPROXY_SSL_CERT0 alone',
      { HAPROXY_SSL_CERT0: 'x' },
      {
        certificates: [],
        notices: [
          'HAPROXY_SSL_CERT0 and the like have no effect: they count only beside HAPROXY_SSL_CERT',
        ],
      },
    ],
    [
      'HAPROXY_SSL_CERT',
      {
        HAPROXY_SSL_CERT10: 'c',
        HAPROXY_SSL_CERT2: 'b',
        HAPROXY_SSL_CERT: 'a\\nx',
        HAPROXY_SSL_CERT101: 'd',
      },
      {
        certificates: [
          { name: 'HAPROXY_SSL_CERT', text: 'a\nx' },
          { name: 'HAPROXY_SSL_CERT2', text: 'b' },
          { name: 'HAPROXY_SSL_CERT10', text: 'c' },
        ],
      },
    ],
  ];
  it.each(rows)('%s', (_title, env, expected) => {
    expect(readEnvironment(env)).toMatchObject(expected);
  });

  it.each(['real', 'literal'])(
    'a certificate with %s line ends is read as a file would be',
    (kind) => {
      const pem = makeSelfSigned();
      const text = kind === 'real' ? pem : pem.replaceAll('\n', '\\n');
      const [certificate] = readEnvironment({ HAPROXY_SSL_CERT: text }).certificates;
      expect(readCertificateText(certificate?.text ?? '')).toContain('BEGIN PRIVATE KEY');
      expect(() => readCertificateText('nonsense')).toThrow(/no certificate in it/);
    },
  );

  it('poll looks every POLL_INTERVAL, sse does not mind it', () => {
    const env = { POLL_INTERVAL: '7' };
    expect(read('poll', '--group x', env)).toMatchObject({
      stream: false,
      resyncIntervalMs: 7_000,
    });
    expect(read('sse', '--group x', env)).toMatchObject({ stream: true, resyncIntervalMs: 60_000 });
    expect(() => read('poll', '--group x', { POLL_INTERVAL: '0' })).toThrow(/POLL_INTERVAL '0'/);
  });
});

describe('§1.1, §1.2 credentials for Marathon', () => {
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  });
  const account = JSON.stringify({
    uid: 'u',
    private_key: key,
    login_endpoint: 'https://master.mesos/acs/api/v1/auth/login',
    scheme: 'RS256',
  });
  const loginOf = (args: readonly string[], env: Variables = {}) => {
    const options = readServeOptions('sse', ['--group', 'x', ...args], env);
    if (typeof options === 'string') throw new Error(options);
    return openAccess(options.marathonAccess).login;
  };
  const file = (text: string): string => {
    const path = join(folder, 'credentials');
    writeFileSync(path, text);
    return path;
  };

  it('a file wins over user and password, those over a service account, flags over variables', () => {
    const path = file('in:file\r\nsecond line\n');
    const pair = ['--auth-credentials', 'in:flag'];
    const dcos = ['--dcos-auth-credentials', account];
    const env = {
      MARATHON_USER: 'in',
      MARATHON_PASSWORD: 'env',
      DCOS_SERVICE_ACCOUNT_CREDENTIAL: account,
    };
    const all = ['--marathon-auth-credential-file', path, ...pair, ...dcos];
    expect(loginOf(all, env)).toEqual({ kind: 'basic', userAndPassword: 'in:file' });
    expect(loginOf([...pair, ...dcos], env)).toEqual({ kind: 'basic', userAndPassword: 'in:flag' });
    expect(loginOf(dcos, env)).toEqual({ kind: 'basic', userAndPassword: 'in:env' });
    expect(loginOf(dcos)).toMatchObject({ kind: 'service-account', uid: 'u' });
    expect(loginOf([], { DCOS_SERVICE_ACCOUNT_CREDENTIAL: account })).toMatchObject({
      loginEndpoint: 'https://master.mesos/acs/api/v1/auth/login',
    });
    expect(loginOf([])).toEqual({ kind: 'nobody' });
  });

  it('user and password of the URLs count where nothing else is given, and are not part of them', () => {
    const urls = ['--marathon', 'http://in:u%40rl@a:8080', 'http://in:u%40rl@b:8080/'];
    expect(loginOf(urls)).toEqual({ kind: 'basic', userAndPassword: 'in:u@rl' });
    expect(loginOf([...urls, '--auth-credentials', 'in:flag'])).toEqual({
      kind: 'basic',
      userAndPassword: 'in:flag',
    });
    const options = readServeOptions('sse', ['--group', 'x', ...urls], {});
    expect(options).toMatchObject({ marathon: ['http://a:8080', 'http://b:8080'] });
  });

  it.each([
    ['\n', { kind: 'nobody' }],
    ['a:b', { kind: 'basic', userAndPassword: 'a:b' }],
  ])('a credential file %j', (text, login) => {
    expect(loginOf(['--marathon-auth-credential-file', file(text)])).toEqual(login);
  });

  it.each(['secret', 'sec:ret:s', 'secret\na:b'])(
    'a credential file %j is refused without its text',
    (text) => {
      const flags = ['--marathon-auth-credential-file', file(text)];
      expect(() => loginOf(flags)).toThrow(/exactly one colon/);
      expect(() => loginOf(flags)).not.toThrow(/sec/);
    },
  );

  it('a file that is not there, or no authority, is refused in one line', () => {
    expect(() => loginOf(['--marathon-auth-credential-file', '/nowhere'])).toThrow(
      /--marathon-auth-credential-file \/nowhere: does not exist/,
    );
    expect(() => loginOf(['--marathon-ca-cert', file('no pem')])).toThrow(
      /--marathon-ca-cert .*: no certificate in it/,
    );
  });

  it('certificates are verified by a CA file, by the system where asked, else not', () => {
    const trustOf = (args: string[]) => {
      const options = readServeOptions('sse', ['--group', 'x', ...args], {});
      if (typeof options === 'string') throw new Error(options);
      return openAccess(options.marathonAccess).trust;
    };
    const ca = file(makeSelfSigned());
    chmodSync(ca, 0o600);
    expect(trustOf([])).toEqual({ verifies: false, authorities: [] });
    expect(trustOf(['--marathon-ca-cert', ca])).toMatchObject({
      verifies: true,
      authorities: [expect.stringMatching(/^-----BEGIN CERTIFICATE/)],
    });
    expect(trustOf(['--marathon-tls-verify'])).toMatchObject({ verifies: true });
    expect(trustOf(['--marathon-tls-verify']).authorities.length).toBeGreaterThan(50);
  });
});

describe('§1.4 the options of the DC/OS package, as its template writes them', () => {
  const PACKAGE_ENV = {
    HAPROXY_GLOBAL_DEFAULT_OPTIONS: 'redispatch,http-server-close,dontlognull',
    HAPROXY_SYSCTL_PARAMS:
      'net.ipv4.tcp_tw_reuse=1 net.ipv4.tcp_fin_timeout=30 net.ipv4.tcp_max_syn_backlog=10240 net.ipv4.tcp_max_tw_buckets=400000 net.ipv4.tcp_max_orphans=60000 net.core.somaxconn=10000',
    FRAMEWORK_NAME: 'marathon-lb',
    PORTS: '80,443,9090,9091,10000',
  };
  const DEFAULTS =
    '--health-check --group external -m http://marathon.mesos:8080 --max-reload-retries 10 --reload-interval 10';

  const rows: readonly [string, string, Variables, Partial<ServeOptions>][] = [
    [
      'all defaults',
      '--haproxy-map',
      {},
      { groups: ['external'], healthCheck: true, hostMap: true, stream: true },
    ],
    ['haproxy-map false', '', {}, { hostMap: false }],
    ['bind-http-https false', '--dont-bind-http-https', {}, { httpPort: 0, httpsPort: 0 }],
    [
      'auto-assign-service-ports',
      '--min-serv-port-ip-per-task 10101 --max-serv-port-ip-per-task 10150',
      {},
      { autoServicePorts: { min: 10_101, max: 10_150 } },
    ],
    ['strict-mode', '--strict-mode', {}, { strictMode: true }],
  ];
  it.each(rows)('%s', (_title, flags, env, expected) => {
    const options = read('sse', `${DEFAULTS} ${flags}`, { ...PACKAGE_ENV, ...env });
    expect(options).toMatchObject({ ...expected, marathon: ['http://marathon.mesos:8080'] });
    expect(options.environment).toMatchObject({ ownAppName: 'marathon-lb' });
    expect(options.environment.sysctls).toHaveLength(6);
    expect(options.notices.map((line) => line.split(' ')[0])).toEqual([
      '--max-reload-retries',
      '--reload-interval',
    ]);
  });

  it('container-syslogd is one line', () => {
    const { notices } = read('sse', DEFAULTS, { ...PACKAGE_ENV, HAPROXY_SYSLOGD: 'true' });
    expect(notices.at(-1)).toContain('HAPROXY_SYSLOGD');
  });
});
