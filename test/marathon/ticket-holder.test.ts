import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ServiceAccount } from '../../src/marathon/access.ts';
import { credentialsFor } from '../../src/marathon/credentials.ts';
import { SourceError } from '../../src/marathon/source-error.ts';

const ACCOUNT: ServiceAccount = {
  kind: 'service-account',
  uid: 'u',
  privateKey: '',
  loginEndpoint: 'https://master.mesos/login',
};

/** Sells tickets for an hour; says no while `closed`. */
class Endpoint {
  asked = 0;
  closed = false;

  async logIn() {
    this.asked += 1;
    if (this.closed) throw new SourceError('closed');
    const issuedAtMs = Date.now();
    return {
      authorization: `token=${this.asked}`,
      issuedAtMs,
      expiresAtMs: issuedAtMs + 3_600_000,
    };
  }

  async close() {}
}

let endpoint: Endpoint;
const never = new AbortController().signal;
const open = () => credentialsFor(ACCOUNT, () => endpoint);

beforeEach(() => {
  vi.useFakeTimers();
  endpoint = new Endpoint();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the ticket of a service account', () => {
  it('is asked for once by all who wait, and kept until ten seconds before its end', async () => {
    const holder = open();
    const both = await Promise.all([holder.authorization(never), holder.authorization(never)]);
    expect(both).toEqual(['token=1', 'token=1']);
    vi.advanceTimersByTime(3_589_000);
    expect(await holder.authorization(never)).toBe('token=1');
    vi.advanceTimersByTime(1_000);
    expect(await holder.authorization(never)).toBe('token=2');
  });

  it('is renewed when it is refused, unless it is brand new', async () => {
    const holder = open();
    const first = await holder.authorization(never);
    expect(holder.renew(first)).toBe(false);
    vi.advanceTimersByTime(5_000);
    expect(holder.renew(first)).toBe(true);
    const second = await holder.authorization(never);
    expect(second).toBe('token=2');
    // Who was refused with the first one while the second was bought.
    expect(holder.renew(first)).toBe(true);
    expect(await holder.authorization(never)).toBe('token=2');
  });

  it('that cannot be had is not asked for again at once', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const holder = open();
    endpoint.closed = true;
    for (let n = 0; n < 5; n += 1) {
      await expect(holder.authorization(never)).rejects.toThrow('closed');
    }
    expect(endpoint.asked).toBe(1);
    vi.advanceTimersByTime(501);
    endpoint.closed = false;
    expect(await holder.authorization(never)).toBe('token=2');
    random.mockRestore();
  });

  it('is not waited for by who has been called off', async () => {
    const abort = new AbortController();
    endpoint.logIn = () => new Promise(() => {});
    const waiting = open().authorization(abort.signal);
    abort.abort();
    await expect(waiting).rejects.toThrow('the login was called off');
  });
});
