// What a listener shows to whom, where virtual hosts are spoken to each in its own way. Chosen before
// the handshake begins: once OpenSSL knows the name, it has settled version, cipher of TLS 1.3 and the
// session to resume, and would change over to other certificates only.

import type { SecureContext } from 'node:tls';
import type { ListenerSpec, TlsSpec } from '../plan/plan.ts';
import { certificatesByName, readFacts } from './certificates.ts';
import { type Credentials, NO_CREDENTIALS } from './credentials.ts';
import { Greeting, type Greets, type Named, nameIn, type Shaking } from './greeting.ts';
import { tlsTermsOf } from './tls.ts';

/** Hosts that are spoken to alike. */
interface Entry {
  readonly tls: TlsSpec;
  /** Two entries with the same are alike. */
  readonly terms: string;
  /** Made when it is first asked for: of thousands of names few are in use. A text is why it cannot be. */
  greeting: Greeting | string | null;
}

export class NamedGreetings {
  #listener: ListenerSpec;
  #credentials: Credentials = NO_CREDENTIALS;
  /** By host, `*.` in front included. */
  #byHost: ReadonlyMap<string, Entry> = new Map();

  constructor(listener: ListenerSpec, credentials: Credentials) {
    this.#listener = listener;
    this.update(listener, credentials);
  }

  /** From now on new handshakes are by these; those under way go on if their names' terms are the same. */
  update(listener: ListenerSpec, credentials: Credentials): void {
    const isSame = credentials === this.#credentials && listener.mode === this.#listener.mode;
    const known = new Map<string, Entry>();
    if (isSame) for (const entry of this.#byHost.values()) known.set(entry.terms, entry);
    const byHost = new Map<string, Entry>();
    for (const { hosts, tls } of listener.byName) {
      const terms = JSON.stringify(tls);
      const entry = known.get(terms) ?? { tls, terms, greeting: null };
      for (const host of hosts) byHost.set(host, entry);
    }
    this.#listener = listener;
    this.#credentials = credentials;
    this.#byHost = byHost;
  }

  /** For a client that asks for this name (lower-cased; empty = none); a text is why there is none. */
  greetingFor(name: string): Greets | string {
    const entry = this.#find(name);
    if (entry === undefined) {
      return name === '' ? 'it asks for no name' : `it asks for ${name}, which is no virtual host`;
    }
    entry.greeting ??= this.#make(entry);
    if (typeof entry.greeting === 'string') return entry.greeting;
    const { terms } = entry;
    return new GreetingByName(entry.greeting, name, (one) => this.#find(one)?.terms === terms);
  }

  /** The very host, else the nearest wildcard: as routes are found (plan/named-tls.ts relies on it). */
  #find(name: string): Entry | undefined {
    const byHost = this.#byHost;
    let found = byHost.get(name);
    for (let dot = name.indexOf('.'); found === undefined && dot !== -1; ) {
      found = byHost.get(`*${name.slice(dot)}`);
      dot = name.indexOf('.', dot + 1);
    }
    return found;
  }

  #make({ tls }: Entry): Greeting | string {
    const credentials = this.#credentials;
    try {
      const facts = [...readFacts(certificatesByName(tls, credentials), new Map()).values()];
      return new Greeting(tlsTermsOf({ ...this.#listener, tls }, credentials, facts));
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

/** As another one, but for who is let in. */
abstract class Selective implements Greets {
  protected readonly greeting: Greeting;

  constructor(greeting: Greeting) {
    this.greeting = greeting;
  }

  get context(): SecureContext {
    return this.greeting.context;
  }

  prepare(handle: Shaking, named: Named, failed: (error: Error) => void): void {
    this.greeting.prepare(handle, named, failed);
  }

  abstract faultOf(handle: Shaking, named: Named): string | null;
}

/** For those who do not speak TLS: OpenSSL tells them so. */
export class GreetingOfNobody extends Selective {
  faultOf(): string {
    return 'it was greeted by no name';
  }
}

/** One handshake with a client that asks for a name: what was chosen by it is for nobody else. */
class GreetingByName extends Selective {
  readonly #name: string;
  readonly #isAlike: (name: string) => boolean;

  constructor(greeting: Greeting, name: string, isAlike: (name: string) => boolean) {
    super(greeting);
    this.#name = name;
    this.#isAlike = isAlike;
  }

  faultOf(handle: Shaking, named: Named): string | null {
    // As OpenSSL has read it; of a session of TLS 1.2 that is resumed it says the first one's, or none.
    const heard = nameIn(named).toLowerCase();
    const isSame = handle.isSessionReused()
      ? heard === '' || this.#isAlike(heard)
      : heard === this.#name;
    // The plan may have changed meanwhile.
    if (!isSame || !this.#isAlike(this.#name)) return 'it was greeted by another name';
    named.servername = this.#name;
    return this.greeting.faultOf(handle);
  }
}
