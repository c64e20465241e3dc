// The listening sockets the primary holds for its workers, by listener key.

import type { ListenerSpec } from '../plan/plan.ts';
import { bindSocket, type SocketHandle } from './socket.ts';

export class Sockets {
  readonly #handles = new Map<string, SocketHandle>();
  readonly #errors = new Map<string, string>();
  /** A list that has a socket for each; null when that is not known. */
  #bound: readonly ListenerSpec[] | null = null;

  /** Why a listener of the plan has no socket; by key. */
  get errors(): ReadonlyMap<string, string> {
    return this.#errors;
  }

  get handles(): ReadonlyMap<string, SocketHandle> {
    return this.#handles;
  }

  /** Binds what is wanted and not bound yet; returns the keys that are new. A failure is kept in `errors`. */
  bind(wanted: readonly ListenerSpec[]): string[] {
    if (wanted === this.#bound) return [];
    const keys = new Set(wanted.map((one) => one.key));
    for (const key of this.#errors.keys()) if (!keys.has(key)) this.#errors.delete(key);
    const added: string[] = [];
    for (const listener of wanted) {
      if (this.#handles.has(listener.key)) continue;
      const bound = bindSocket(listener.address, listener.port);
      if ('error' in bound) {
        this.#errors.set(listener.key, bound.error);
      } else {
        this.#errors.delete(listener.key);
        this.#handles.set(listener.key, bound.handle);
        added.push(listener.key);
      }
    }
    this.#bound = this.#errors.size === 0 ? wanted : null;
    return added;
  }

  /** A worker could not listen on it: the socket is given up and bound anew next time. */
  fail(key: string, error: string): void {
    this.close(key);
    this.#errors.set(key, error);
  }

  /** Unknown keys are ignored. */
  close(key: string): void {
    this.#bound = null;
    this.#handles.get(key)?.close();
    this.#handles.delete(key);
  }

  closeAll(): void {
    for (const key of [...this.#handles.keys()]) this.close(key);
  }
}
