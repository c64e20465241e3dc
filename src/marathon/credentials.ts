// The Authorization that Marathon is shown. One value for REST and the event stream; a service account's
// is asked for once however many wait for it, before it runs out, and when it was refused.

import type { Login, ServiceAccount } from './access.ts';
import { Backoff } from './backoff.ts';
import type { Ticket, TicketOffice } from './login-endpoint.ts';
import { SourceError } from './source-error.ts';

/** Marathon-LB's margin. */
const RENEW_BEFORE_MS = 10_000;
const BACKOFF_MIN_MS = 1_000;
const BACKOFF_MAX_MS = 30_000;
/** A refused ticket that is this young is no old one: a new one would be refused as well. */
const YOUNG_MS = 5_000;

export interface Credentials {
  /** Empty = none is needed. Rejects with SourceError; `signal` ends the waiting. */
  authorization(signal: AbortSignal): Promise<string>;
  /** This one was refused; true = another one can be had. */
  renew(refused: string): boolean;
  close(): Promise<void>;
}

/** What `open` gives is asked for the tickets of a service account, and closed with the credentials. */
export function credentialsFor(
  login: Login,
  open: (account: ServiceAccount) => TicketOffice,
): Credentials {
  if (login.kind === 'service-account') return new TicketHolder(open(login));
  const fixed =
    login.kind === 'nobody' ? '' : `Basic ${Buffer.from(login.userAndPassword).toString('base64')}`;
  return {
    authorization: () => Promise.resolve(fixed),
    renew: () => false,
    close: () => Promise.resolve(),
  };
}

class TicketHolder implements Credentials {
  readonly #endpoint: TicketOffice;
  readonly #backoff = new Backoff(BACKOFF_MIN_MS, BACKOFF_MAX_MS);
  #ticket: Ticket | null = null;
  #asking: Promise<Ticket> | null = null;
  #fault: SourceError | null = null;
  /** No login before this. */
  #retryTick = 0;

  constructor(endpoint: TicketOffice) {
    this.#endpoint = endpoint;
  }

  async authorization(signal: AbortSignal): Promise<string> {
    const ticket = this.#ticket;
    if (ticket !== null && Date.now() < ticket.expiresAtMs - RENEW_BEFORE_MS) {
      return ticket.authorization;
    }
    if (this.#fault !== null && performance.now() < this.#retryTick) throw this.#fault;
    this.#asking ??= this.#logIn().finally(() => {
      this.#asking = null;
    });
    return (await unlessAborted(this.#asking, signal)).authorization;
  }

  renew(refused: string): boolean {
    const ticket = this.#ticket;
    if (ticket === null || ticket.authorization !== refused) return true;
    if (Date.now() - ticket.issuedAtMs < YOUNG_MS) return false;
    this.#ticket = null;
    return true;
  }

  async close(): Promise<void> {
    await this.#endpoint.close();
  }

  async #logIn(): Promise<Ticket> {
    try {
      const ticket = await this.#endpoint.logIn();
      this.#ticket = ticket;
      this.#fault = null;
      this.#backoff.reset();
      return ticket;
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      this.#ticket = null;
      this.#fault = error;
      this.#retryTick = performance.now() + this.#backoff.next();
      throw error;
    }
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(new SourceError('the login was called off'));
  return new Promise((resolve, reject) => {
    const give = () => reject(new SourceError('the login was called off'));
    signal.addEventListener('abort', give, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', give));
  });
}
