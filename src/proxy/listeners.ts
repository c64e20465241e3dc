// The listening sockets of a worker, and the connections that came in by them. An error in accepting
// never ends a listener: the kernel keeps what could not be accepted yet.

import { createServer, type Server as NetServer } from 'node:net';
import type { ListenerSpec } from '../plan/plan.ts';
import { Counters } from '../stats/counters.ts';
import { type Client, Door, type DoorOwner } from './door.ts';
import { acceptNatively } from './native-accept.ts';
import { NATIVE_TCP } from './native-tcp.ts';
import { Roster } from './roster.ts';
import type { Runtime } from './runtime.ts';
import { partOf } from './settings.ts';
import { Hall } from './turnstile.ts';

/** Marathon-LB's `backlog`. The kernel takes no more than net.core.somaxconn. */
const BACKLOG = 10_000;

export class Listeners implements DoorOwner {
  readonly hall: Hall;
  /** Counters of the shared listeners, by key; kept while a listener is closed and opened again. */
  readonly #shared = new Map<string, Counters>();
  readonly #servers = new Map<string, NetServer>();
  readonly #clients = new Roster<Client>();
  readonly #runtime: Runtime;
  #warnedMs = 0;
  #whenEmpty: (() => void) | null = null;

  constructor(runtime: Runtime) {
    const { maxConnections, workers } = runtime.settings;
    this.#runtime = runtime;
    this.hall = new Hall(partOf(maxConnections, workers));
  }

  get clients(): Pick<Roster<Client>, 'size' | 'visit'> {
    return this.#clients;
  }

  entered(client: Client): void {
    this.#clients.add(client);
    this.#runtime.connections = this.#clients.size;
  }

  left(client: Client): void {
    this.#clients.remove(client);
    this.#runtime.connections = this.#clients.size;
    if (this.#clients.size === 0) this.#whenEmpty?.();
  }

  troubled(listener: string, error: string): void {
    this.#warn(listener, error, 'TLS cannot be spoken as the plan asks');
  }

  crowded(listener: string, why: string): void {
    this.#warn(listener, why, 'a connection was turned away');
  }

  /** Counters of a shared listener. */
  countersOf(key: string): Counters {
    let counters = this.#shared.get(key);
    if (counters === undefined) {
      counters = new Counters();
      this.#shared.set(key, counters);
    }
    return counters;
  }

  /** Listens on a bound native handle. */
  open(spec: ListenerSpec, handle: object, onError: (message: string) => void): void {
    this.close(spec.key);
    const server = this.#create(spec);
    let listening = false;
    server.on('listening', () => {
      listening = true;
    });
    server.on('error', (error) => {
      // Out of descriptors, for example: the connection waits, or the client tries again.
      if (listening) {
        this.#warn(spec.key, error.message, 'accept failed');
        return;
      }
      if (this.#servers.get(spec.key) === server) this.#servers.delete(spec.key);
      onError(error.message);
    });
    this.#servers.set(spec.key, server);
    server.listen(handle, BACKLOG);
  }

  close(key: string): void {
    this.#servers.get(key)?.close();
    this.#servers.delete(key);
  }

  closeAll(): void {
    for (const key of [...this.#servers.keys()]) this.close(key);
  }

  /** Resolves when the last connection is gone. */
  emptied(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#clients.size === 0) resolve();
      else this.#whenEmpty = resolve;
    });
  }

  /** One line a second is enough to tell of a flood. */
  #warn(listener: string, error: string, message: string): void {
    const { wallMs } = this.#runtime.clock;
    if (wallMs - this.#warnedMs < 1_000) return;
    this.#warnedMs = wallMs;
    this.#runtime.log.warn({ listener, error }, message);
  }

  #create(spec: ListenerSpec): NetServer {
    const shared = spec.kind === 'service' ? null : this.countersOf(spec.key);
    const door = new Door(this.#runtime, spec, shared, this);
    const options = { allowHalfOpen: true, noDelay: true };
    const server = createServer(options, (socket) => door.admit(socket));
    if (NATIVE_TCP !== null) {
      const native = NATIVE_TCP;
      server.on('listening', () => acceptNatively(server, native, door));
    }
    return server;
  }
}
