// The TLS handles that Node's own `tls` is made of: TLS over a TCP handle, without the four streams of
// a TLSSocket. Rules of theirs that are kept where they are used:
// - a second write before the first is done aborts the process, and so does an empty one twice;
// - a FIN asked for while a write is under way overtakes the close_notify;
// - `destroySSL` must not be called from within a callback of OpenSSL's: it comes after the close;
// - they are collected as garbage unless something alive refers to them.
// test/proxy/tls-wires.test.ts holds the Node at hand to what is used here. Where they are missing or
// closed (`--permission`), Teal speaks TLS over sockets of Node's.

import type { SecureContext } from 'node:tls';
import type { Shaking, TlsFault } from './greeting.ts';
import {
  NATIVE_TCP,
  type NativeTcp,
  type ShutdownRequest,
  type TcpHandle,
  WIRE,
  type WriteRequest,
} from './native-tcp.ts';

/** A TLS connection's handle. Every number returned is 0, or a negative error. */
export interface TlsHandle extends Shaking {
  [WIRE]?: unknown;
  onread: (this: TlsHandle) => void;
  onerror: (this: TlsHandle, error: TlsFault) => void;
  onhandshakedone: (this: TlsHandle) => void;
  /** Set by the handle once the client has said which name it wants. */
  servername?: string;
  /** Bytes encrypted that have not gone out, or of which it has not taken notice yet. */
  readonly writeQueueSize: number;
  useUserBuffer(buffer: Uint8Array): void;
  readStart(): number;
  readStop(): number;
  writeLatin1String(request: WriteRequest, text: string): number;
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  writev(request: WriteRequest, pieces: readonly Uint8Array[], areBuffers: true): number;
  shutdown(request: ShutdownRequest): number;
  receive(bytes: Uint8Array): void;
  destroySSL(): void;
}

interface TlsBinding {
  readonly TLSWrap: { readonly prototype: object };
  wrap(handle: TcpHandle, context: unknown, isServer: true, hasWrites: false): TlsHandle;
}

export interface NativeTls extends NativeTcp {
  readonly tls: TlsBinding;
}

interface WithBinding {
  binding(name: string): unknown;
}

function load(tcp: NativeTcp | null): NativeTls | null {
  if (tcp === null) return null;
  try {
    const { binding } = process as unknown as WithBinding;
    const tls = binding.call(process, 'tls_wrap') as TlsBinding;
    return offersAll(tls) ? { ...tcp, tls } : null;
  } catch {
    return null;
  }
}

const METHODS = [
  'useUserBuffer',
  'readStart',
  'readStop',
  'writeLatin1String',
  'writeBuffer',
  'writev',
  'shutdown',
  'receive',
  'setVerifyMode',
  'setALPNProtocols',
  'verifyError',
  'getPeerX509Certificate',
  'isSessionReused',
  'destroySSL',
] as const;

function offersAll({ TLSWrap, wrap }: TlsBinding): boolean {
  const prototype = TLSWrap.prototype as Record<string, unknown>;
  return (
    typeof wrap === 'function' && METHODS.every((name) => typeof prototype[name] === 'function')
  );
}

/** Null where this Node does not offer them. */
export const NATIVE_TLS: NativeTls | null = load(NATIVE_TCP);

/** The server's side of TLS over an accepted connection. */
export function wrapTls(native: NativeTls, tcp: TcpHandle, context: SecureContext): TlsHandle {
  return native.tls.wrap(tcp, context.context, true, false);
}
