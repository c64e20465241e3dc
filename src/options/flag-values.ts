// Values of flags → typed values within their limits. Throws UsageError in one line. Pure.

import { isIP } from 'node:net';
import type { LogLevel } from '../log/logger.ts';
import type { Given } from './command-line.ts';
import { UsageError } from './usage-error.ts';

export function portOf(given: Given, name: string, fallback: number, least = 1): number {
  return numberOf(given, name, fallback, least, 65_535);
}

/** Both ends are allowed. */
export function numberOf(
  given: Given,
  name: string,
  fallback: number,
  least: number,
  most: number,
): number {
  const text = given.get(name)?.[0];
  if (text === undefined) return fallback;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new UsageError(`--${name} '${text}': expected a whole number from ${least} to ${most}`);
  }
  return value;
}

export function bindOf(given: Given, fallback: string): string {
  const text = given.get('bind')?.[0] ?? fallback;
  if (text !== '*' && isIP(text) === 0) {
    throw new UsageError(`--bind '${text}': expected an IP address of this machine, or *`);
  }
  return text;
}

/** A base URL without a trailing slash; its user and password are read by `marathonLoginIn`. */
export function marathonUrl(text: string): string {
  if (!URL.canParse(text))
    throw new UsageError(`--marathon '${text}': expected a URL such as http://host:8080`);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new UsageError(`--marathon '${text}': expected http:// or https://`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/** What stands before the `@` of all URLs, as `user:password`; empty = nothing. */
export function marathonLoginIn(texts: readonly string[]): string {
  const logins = texts
    .filter((text) => URL.canParse(text))
    .map((text) => {
      const { username, password } = new URL(text);
      return username === '' && password === '' ? '' : `${decoded(username)}:${decoded(password)}`;
    });
  const [login = '', ...others] = new Set(logins);
  if (others.length > 0) {
    throw new UsageError(
      '--marathon: expected the same user and password in every URL, or in none',
    );
  }
  return login;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Python's names, as Marathon-LB takes them, and pino's. */
const LEVELS: Readonly<Record<string, LogLevel>> = {
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  warn: 'warn',
  error: 'error',
  critical: 'error',
  notset: 'debug',
  silent: 'silent',
};

export function logLevelOf(given: Given): LogLevel {
  const text = given.get('log-level')?.[0] ?? 'info';
  const level = Object.hasOwn(LEVELS, text.toLowerCase()) ? LEVELS[text.toLowerCase()] : undefined;
  if (level === undefined) {
    throw new UsageError(`--log-level '${text}': expected ${Object.keys(LEVELS).join(', ')}`);
  }
  return level;
}
