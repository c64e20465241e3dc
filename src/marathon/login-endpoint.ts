// The login of a DC/OS service account: a claim signed with its key (JWT, RS256) buys a token. Neither
// key nor token is ever part of a message.

import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { type Agent, type Dispatcher, request } from 'undici';
import type { ServiceAccount, Trust } from './access.ts';
import { openAgent, reasonOf } from './http.ts';
import { SourceError } from './source-error.ts';

/** The signed claim is good for a minute, the token it buys for an hour, as Marathon-LB asks. */
const CLAIM_SECONDS = 60;
const TOKEN_SECONDS = 3_600;
const TIMEOUT_MS = 46_000;
const COOKIE = 'dcos-acs-auth-cookie';
const MAX_ANSWER_BYTES = 65_536;

export interface Ticket {
  /** Value of the Authorization header. */
  readonly authorization: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

export interface TicketOffice {
  /** Rejects with SourceError. */
  logIn(): Promise<Ticket>;
  close(): Promise<void>;
}

export class LoginEndpoint implements TicketOffice {
  readonly #account: ServiceAccount;
  readonly #key: KeyObject;
  readonly #agent: Agent;

  constructor(account: ServiceAccount, trust: Trust) {
    this.#account = account;
    this.#key = createPrivateKey(account.privateKey);
    this.#agent = openAgent(TIMEOUT_MS, trust);
  }

  async logIn(): Promise<Ticket> {
    const { uid, loginEndpoint } = this.#account;
    const issuedAtMs = Date.now();
    const nowSeconds = Math.floor(issuedAtMs / 1_000);
    const exp = nowSeconds + TOKEN_SECONDS;
    const token = this.#claim({ uid, exp: nowSeconds + CLAIM_SECONDS });
    try {
      // Redirects are not followed: a claim is for this endpoint alone.
      const reply = await request(loginEndpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({ uid, token, exp }),
        dispatcher: this.#agent,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const bought = await tokenOf(reply);
      const expiresAtMs = Math.min(exp, expiryIn(bought)) * 1_000;
      return { authorization: `token=${bought}`, issuedAtMs, expiresAtMs };
    } catch (error) {
      const fault = error instanceof SourceError ? error.message : reasonOf(error);
      throw new SourceError(`login of ${uid} at ${loginEndpoint}: ${fault}`);
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  #claim(claim: object): string {
    const signed = `${encoded({ alg: 'RS256', typ: 'JWT' })}.${encoded(claim)}`;
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), this.#key).toString('base64url')}`;
  }
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** From the cookie, as Marathon-LB takes it, or from the body, which has it as well. */
async function tokenOf({ statusCode, headers, body: answer }: Dispatcher.ResponseData) {
  const body = await textOf(answer);
  if (statusCode !== 200) throw new SourceError(`expected status 200, got ${statusCode}`);
  const cookies = [headers['set-cookie'] ?? []].flat().map((line) => line.split(';', 1)[0] ?? '');
  const cookie = cookies.find((one) => one.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
  const token = cookie || tokenIn(body);
  // Anything else would be a header line of its own.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new SourceError(`expected a token in the cookie ${COOKIE} or in JSON, got none`);
  }
  return token;
}

async function textOf(answer: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new SourceError('expected a short answer, it is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function tokenIn(body: string): string {
  return String(member(body, 'token') ?? '');
}

/** Seconds since 1970 that a JWT says of itself; Infinity where it says nothing that can be read. */
function expiryIn(token: string): number {
  const exp = member(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'), 'exp');
  return typeof exp === 'number' ? exp : Number.POSITIVE_INFINITY;
}

function member(json: string, name: string): unknown {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  } catch {
    return undefined;
  }
}
