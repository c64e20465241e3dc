// The flags and variables that say how Marathon is asked → who Teal says it is, and whom it trusts. What
// is secret is never part of a message.

import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { Login, MarathonAccess, ServiceAccount } from '../marathon/access.ts';
import { readAuthorities, reasonOf } from './certificates.ts';
import type { Given } from './command-line.ts';
import type { ContainerEnvironment } from './environment.ts';
import { marathonLoginIn } from './flag-values.ts';
import { UsageError } from './usage-error.ts';

/** What was given, files unread. */
export interface AccessOptions {
  /** Its first line is `user:password`; empty = no file. */
  readonly credentialFile: string;
  /** What holds without a file. */
  readonly login: Login;
  /** Authorities of Marathon's certificate; empty = none given. */
  readonly caFile: string;
  /** Verify by the system's authorities. */
  readonly verifies: boolean;
}

/** marathon_lb.py ends with this where credentials make no sense. */
const EXIT_CREDENTIALS = 1;
/** Where distributions keep the authorities they trust. */
const SYSTEM_BUNDLES: readonly string[] = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
];

/** As in Marathon-LB a file wins over user and password, those over a service account, all over a URL's. */
export function accessOptionsOf(given: Given, env: ContainerEnvironment): AccessOptions {
  const credentialFile = given.get('marathon-auth-credential-file')?.[0] ?? '';
  const pair = given.get('auth-credentials')?.[0];
  const account = given.get('dcos-auth-credentials')?.[0];
  const userAndPassword = marathonLoginIn(given.get('marathon') ?? []);
  const inUrl: Login =
    userAndPassword === '' ? { kind: 'nobody' } : { kind: 'basic', userAndPassword };
  return {
    credentialFile,
    login: credentialFile === '' ? (loginOf(pair, account, env) ?? inUrl) : { kind: 'nobody' },
    caFile: given.get('marathon-ca-cert')?.[0] ?? '',
    verifies: given.has('marathon-tls-verify'),
  };
}

function loginOf(
  pair: string | undefined,
  account: string | undefined,
  env: ContainerEnvironment,
): Login | null {
  if (pair) return basic(pair, '--auth-credentials');
  if (env.marathonLogin !== null) return { kind: 'basic', userAndPassword: env.marathonLogin };
  const json = account || env.serviceAccount;
  if (json === '') return null;
  return serviceAccount(
    json,
    account ? '--dcos-auth-credentials' : 'DCOS_SERVICE_ACCOUNT_CREDENTIAL',
  );
}

function basic(text: string, where: string): Login {
  if (text.split(':').length !== 2) {
    throw new UsageError(
      `${where}: expected user:password, with exactly one colon`,
      EXIT_CREDENTIALS,
    );
  }
  return { kind: 'basic', userAndPassword: text };
}

function serviceAccount(json: string, where: string): ServiceAccount {
  const refuse = (what: string): never => {
    throw new UsageError(`${where}: ${what}`, EXIT_CREDENTIALS);
  };
  let account: unknown;
  try {
    account = JSON.parse(json);
  } catch {
    refuse('expected JSON with uid, private_key and login_endpoint');
  }
  const textOf = (key: string): string => {
    const value: unknown =
      typeof account === 'object' && account !== null ? Reflect.get(account, key) : undefined;
    return typeof value === 'string' && value !== '' ? value : refuse(`expected a text '${key}'`);
  };
  const uid = textOf('uid');
  const privateKey = textOf('private_key');
  const loginEndpoint = textOf('login_endpoint');
  if (!/^https?:\/\//i.test(loginEndpoint) || !URL.canParse(loginEndpoint)) {
    refuse("expected 'login_endpoint' to be an http or https URL");
  }
  try {
    if (createPrivateKey(privateKey).asymmetricKeyType !== 'rsa') throw new Error('not RSA');
  } catch {
    refuse("expected 'private_key' to be an RSA key in PEM");
  }
  return { kind: 'service-account', uid, privateKey, loginEndpoint };
}

/** Reads the files. Throws UsageError. */
export function openAccess(options: AccessOptions): MarathonAccess {
  const { credentialFile, caFile, verifies } = options;
  return {
    login: credentialFile === '' ? options.login : loginIn(credentialFile),
    trust: {
      verifies: verifies || caFile !== '',
      authorities: caFile === '' ? systemAuthorities(verifies) : [authoritiesIn(caFile)],
    },
  };
}

/** An empty first line is nobody, as in Marathon-LB. */
function loginIn(path: string): Login {
  const where = `--marathon-auth-credential-file ${path}`;
  const [line = ''] = readText(path, where).split(/\r?\n/, 1);
  return line === '' ? { kind: 'nobody' } : basic(line, where);
}

function readText(path: string, where: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${where}: ${reasonOf(error)}`, EXIT_CREDENTIALS);
  }
}

function authoritiesIn(path: string): string {
  try {
    return readAuthorities(path);
  } catch (error) {
    throw new UsageError(`--marathon-ca-cert ${path}: ${reasonOf(error)}`, EXIT_CREDENTIALS);
  }
}

/** Node brings Mozilla's list; a company's own authorities stand in the system's. */
function systemAuthorities(wanted: boolean): readonly string[] {
  if (!wanted) return [];
  for (const path of SYSTEM_BUNDLES) {
    try {
      return [...rootCertificates, readAuthorities(path)];
    } catch {
      // Another distribution's place.
    }
  }
  return rootCertificates;
}
