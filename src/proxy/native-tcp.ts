// The TCP handles that Node's own `net` is made of. A net.Socket around one costs more than all the
// rest of the relay for a short connection, and as much as two system calls per request on a long
// one. Node has handed these bindings to packages since 0.x by `process.binding`, deprecated in the
// documentation only; test/proxy/wires.test.ts holds the Node at hand to what is used here.
// Where they are missing or closed (`--permission`), Teal relays over net.Socket.

import type { ProxyAddresses } from './proxy-protocol/header.ts';

/** Where a handle and its requests keep the wire they belong to. */
export const WIRE = Symbol('wire');

interface OfWire {
  [WIRE]?: unknown;
}

export interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest;
  readonly ShutdownWrap: new () => ShutdownRequest;
  /** Place in `streamBaseState` of what a read brought: a length, or a negative error. */
  readonly kReadBytesOrError: number;
  /** Place in `streamBaseState`: 0 if the write last made is done. */
  readonly kLastWriteWasAsync: number;
  readonly streamBaseState: ArrayLike<number>;
}

/** Node's own names for what belongs to a request (`bytes`, `buffer`, `async`) are its own. */
export interface WriteRequest extends OfWire {
  oncomplete: (this: WriteRequest, status: number) => void;
  lateBytes?: number;
  /** Kept alive until it is written. */
  kept?: Buffer;
  /** The same, and then used again. */
  lent?: Buffer;
}

export interface ShutdownRequest extends OfWire {
  oncomplete: (this: ShutdownRequest, status: number) => void;
}

export interface ConnectRequest extends OfWire {
  oncomplete: (this: ConnectRequest, status: number) => void;
}

/** One end of a connection, filled in by the handle. */
interface EndName {
  address?: string;
  port?: number;
}

/** A connection's handle. Every number returned is 0, or a negative error. */
export interface TcpHandle extends OfWire {
  onread: (this: TcpHandle) => void;
  readonly writeQueueSize: number;
  useUserBuffer(buffer: Uint8Array): void;
  readStart(): number;
  readStop(): number;
  writeLatin1String(request: WriteRequest, text: string): number;
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  shutdown(request: ShutdownRequest): number;
  setNoDelay(on: boolean): number;
  connect(request: ConnectRequest, address: string, port: number): number;
  connect6(request: ConnectRequest, address: string, port: number): number;
  getpeername(out: EndName): number;
  getsockname(out: EndName): number;
  /** Calls back once it is closed, never before it has returned. */
  close(closed: (this: TcpHandle) => void): void;
  /** Closes it with RST. It must not be shutting down. */
  reset(closed: (this: TcpHandle) => void): number;
}

interface TcpBinding {
  readonly TCP: new (type: number) => TcpHandle;
  readonly TCPConnectWrap: new () => ConnectRequest;
  readonly constants: { readonly SOCKET: number };
}

export interface NativeTcp {
  readonly stream: StreamBinding;
  readonly tcp: TcpBinding;
}

interface WithBinding {
  binding(name: string): unknown;
}

function load(): NativeTcp | null {
  try {
    const { binding } = process as unknown as WithBinding;
    const stream = binding.call(process, 'stream_wrap') as StreamBinding;
    const tcp = binding.call(process, 'tcp_wrap') as TcpBinding;
    return offersAll(stream, tcp) ? { stream, tcp } : null;
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
  'shutdown',
  'setNoDelay',
  'connect',
  'connect6',
  'getpeername',
  'getsockname',
  'close',
  'reset',
] as const;

function offersAll(stream: StreamBinding, tcp: TcpBinding): boolean {
  const { kReadBytesOrError, kLastWriteWasAsync, streamBaseState } = stream;
  const prototype = tcp.TCP.prototype as Record<string, unknown>;
  return (
    typeof streamBaseState[kReadBytesOrError] === 'number' &&
    typeof streamBaseState[kLastWriteWasAsync] === 'number' &&
    typeof stream.WriteWrap === 'function' &&
    typeof stream.ShutdownWrap === 'function' &&
    typeof tcp.TCPConnectWrap === 'function' &&
    typeof tcp.constants.SOCKET === 'number' &&
    METHODS.every((name) => typeof prototype[name] === 'function')
  );
}

/** Null where this Node does not offer them. */
export const NATIVE_TCP: NativeTcp | null = load();

/** All connections of a worker are read into it, one read at a time: as much as libuv takes at once. */
export const READ_BUFFER = Buffer.allocUnsafeSlow(65_536);
/** libuv's code for a FIN, on every system. */
export const EOF = -4_095;

const STATE = NATIVE_TCP?.stream.streamBaseState ?? [];
const READ_BYTES = NATIVE_TCP?.stream.kReadBytesOrError ?? 0;

/** What the read that is being told of has brought: a length, or a negative error. */
export function lastRead(): number {
  return STATE[READ_BYTES] as number;
}

/** Address of the peer; 0.0.0.0 when it is gone already. */
export function peerOf(handle: TcpHandle): string {
  const name: EndName = {};
  const address = handle.getpeername(name) === 0 ? name.address : undefined;
  return address ?? '0.0.0.0';
}

/** Both ends; null when it is gone already. */
export function endsOf(handle: TcpHandle): ProxyAddresses | null {
  const peer: EndName = {};
  const own: EndName = {};
  if (handle.getpeername(peer) !== 0 || handle.getsockname(own) !== 0) return null;
  return {
    source: peer.address ?? '',
    sourcePort: peer.port ?? 0,
    destination: own.address ?? '',
    destinationPort: own.port ?? 0,
  };
}
