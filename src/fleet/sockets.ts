// The listening sockets the primary holds for its workers, by listener key.

import { listChanges } from '../catalogue/list-changes.ts';
import { findSorted } from '../plan/listeners.ts';
import type { ListenerSpec } from '../plan/plan.ts';
import { bindSocket, type SocketHandle } from './socket.ts';

export class Sockets {
  readonly #handles = new Map<string, SocketHandle>();
  readonly #errors = new Map<string, string>();
  /** Without a socket, but for those that are not wanted any more. */
  readonly #missing = new Set<string>();
  #wanted: readonly ListenerSpec[] = [];

  /** Why a listener of the plan has no socket; by key. */
  get errors(): ReadonlyMap<string, string> {
    return this.#errors;
  }

  get handles(): ReadonlyMap<string, SocketHandle> {
    return this.#handles;
  }

  /**
   * Binds what is wanted and not bound yet; returns the keys that are new. A failure is kept in `errors`
   * and tried again with the next call. `wanted` is sorted by key.
   */
  bind(wanted: readonly ListenerSpec[]): string[] {
    for (const { key } of listChanges(this.#wanted, wanted).added) {
      if (!this.#handles.has(key)) this.#missing.add(key);
    }
    this.#wanted = wanted;
    return [...this.#missing].filter((key) => this.#tryToBind(key));
  }

  #tryToBind(key: string): boolean {
    const listener = findSorted(this.#wanted, key);
    const bound = listener && bindSocket(listener.address, listener.port);
    if (bound !== undefined && 'error' in bound) {
      this.#errors.set(key, bound.error);
      return false;
    }
    this.#missing.delete(key);
    this.#errors.delete(key);
    if (bound === undefined) return false;
    this.#handles.set(key, bound.handle);
    return true;
  }

  /** A worker could not listen on it: the socket is given up and bound anew next time. */
  fail(key: string, error: string): void {
    this.close(key);
    this.#errors.set(key, error);
  }

  /** Unknown keys are ignored. */
  close(key: string): void {
    this.#missing.add(key);
    this.#handles.get(key)?.close();
    this.#handles.delete(key);
  }

  closeAll(): void {
    for (const key of [...this.#handles.keys()]) this.close(key);
  }
}
