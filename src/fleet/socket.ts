// Binds listening sockets in the primary. Bound, not listening: each worker receives the same socket
// and listens on it, so connections waiting in its backlog outlive any one worker.

import net from 'node:net';

/** A native TCP handle, sendable to a child process with a message. */
export interface SocketHandle {
  getsockname(out: object): number;
  close(): void;
}

export type Bound =
  | { readonly handle: SocketHandle; readonly port: number }
  /** One clause: what failed, for example `address already in use (EADDRINUSE)`. */
  | { readonly error: string };

interface WithCreateHandle {
  /** What node:cluster itself binds shared sockets with; there on every Node line from 20 to 26. */
  _createServerHandle(
    address: string | null,
    port: number,
    addressType: 4 | 6,
    fd: undefined,
    flags: number,
  ): SocketHandle | number;
}

const CAUSES: Readonly<Record<number, string>> = {
  [-98]: 'address already in use (EADDRINUSE)',
  [-13]: 'not permitted (EACCES): ports below 1024 need a privilege',
  [-99]: 'not an address of this machine (EADDRNOTAVAIL)',
  [-22]: 'not an IP address (EINVAL)',
};

/**
 * Binds `address:port` for TCP. `*` is all addresses of both families (IPv4 alone where the machine
 * has no IPv6); port 0 is any free port, told in the answer.
 */
export function bindSocket(address: string, port: number): Bound {
  const everywhere = address === '*';
  if (!everywhere && net.isIP(address) === 0) {
    return { error: `'${address}' is not an IP address; expected an IP literal or *` };
  }
  const { _createServerHandle: create } = net as unknown as WithCreateHandle;
  const host = everywhere ? null : address;
  const handle = create(host, port, net.isIP(address) === 6 ? 6 : 4, undefined, 0);
  if (typeof handle === 'number') return { error: cause(handle) };
  // libuv keeps EADDRINUSE back until the socket is asked something.
  const name: { port?: number } = {};
  const status = handle.getsockname(name);
  if (status !== 0 || name.port === undefined) {
    handle.close();
    return { error: cause(status) };
  }
  return { handle, port: name.port };
}

function cause(status: number): string {
  return CAUSES[status] ?? `bind failed with system error ${-status}`;
}
