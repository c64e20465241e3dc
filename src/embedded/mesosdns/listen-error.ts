// A port of the embedded Mesos-DNS that could not be had.

/** Says which port; `code` is the system's (`EADDRINUSE`, `EACCES` …). */
export class ListenError extends Error {
  readonly code: string;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';

  constructor(what: string, protocol: 'tcp' | 'udp', port: number, cause: unknown) {
    const code = codeOf(cause);
    super(`${what} cannot listen on ${protocol} port ${port} of 127.0.0.1: ${code}`, { cause });
    this.name = 'ListenError';
    this.code = code;
    this.port = port;
    this.protocol = protocol;
  }
}

function codeOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  return typeof code === 'string' ? code : String(cause);
}
