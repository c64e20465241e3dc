// The listening sockets of a worker, and the connections that came in by them. An error in accepting
// never ends a listener: the kernel keeps what could not be accepted yet.

import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { ListenerSpec } from '../plan/plan.ts';
import { Counters } from '../stats/counters.ts';
import { ClientConnection, type Entrance } from './client.ts';
import type { Runtime } from './runtime.ts';
import { TcpClient } from './tcp-client.ts';
import { Certificates } from './tls.ts';

/** Marathon-LB's `backlog`. The kernel takes no more than net.core.somaxconn. */
const BACKLOG = 10_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;

type Client = ClientConnection | TcpClient;

export class Listeners {
  /** Counters of the shared listeners, by key; kept while a listener is closed and opened again. */
  readonly #shared = new Map<string, Counters>();
  readonly #servers = new Map<string, NetServer>();
  readonly #clients = new Set<Client>();
  readonly #runtime: Runtime;
  readonly #whenGone: (client: Client) => void;
  #certificates: Certificates | null = null;
  #warnedMs = 0;
  #whenEmpty: (() => void) | null = null;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.#whenGone = (client) => {
      this.#clients.delete(client);
      if (this.#clients.size === 0) this.#whenEmpty?.();
    };
  }

  get clients(): ReadonlySet<Client> {
    return this.#clients;
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
        this.#warn(spec.key, error.message);
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
  #warn(listener: string, error: string): void {
    const { wallMs } = this.#runtime.clock;
    if (wallMs - this.#warnedMs < 1_000) return;
    this.#warnedMs = wallMs;
    this.#runtime.log.warn({ listener, error }, 'accept failed');
  }

  #create(spec: ListenerSpec): NetServer {
    const shared = spec.kind === 'service' ? null : this.countersOf(spec.key);
    const entrance: Entrance = { key: spec.key, port: spec.port, shared };
    const options = { allowHalfOpen: true, noDelay: true };
    if (spec.kind === 'https') return this.#createTls(entrance, options);
    const { key, mode } = spec;
    return createServer(options, (socket) => {
      const now = this.#runtime.table.listeners.get(key)?.mode ?? mode;
      this.#clients.add(
        now === 'tcp'
          ? new TcpClient(this.#runtime, socket, entrance, this.#whenGone)
          : new ClientConnection(this.#runtime, socket, entrance, this.#whenGone),
      );
    });
  }

  #createTls(entrance: Entrance, options: object): NetServer {
    this.#certificates ??= new Certificates(this.#runtime.settings.certificates);
    const certificates = this.#certificates;
    const [first] = this.#runtime.settings.certificates;
    if (first === undefined) {
      throw new Error('no certificate is configured; expected one for the https listener');
    }
    const server = createTlsServer(
      {
        ...options,
        // For clients that name no server.
        cert: first,
        key: first,
        handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
        ALPNProtocols: ['http/1.1'],
        minVersion: 'TLSv1.2',
        SNICallback: (name, done) => done(null, certificates.contextFor(name)),
      },
      (socket) => {
        this.#clients.add(new ClientConnection(this.#runtime, socket, entrance, this.#whenGone));
      },
    );
    server.on('tlsClientError', (_error, socket: Socket) => {
      if (entrance.shared !== null) entrance.shared.requestErrors += 1;
      socket.destroy();
    });
    return server;
  }
}
