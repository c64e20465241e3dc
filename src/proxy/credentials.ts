// Certificates, keys and authorities as the primary has read them. They come in a message of their
// own, never in a plan: a plan is shown, compared and logged.

/** PEM texts that a path of a TlsSpec leads to. */
export interface PemFiles {
  readonly path: string;
  readonly pems: readonly string[];
}

export interface Credentials {
  /** Certificate chain with its key each, for the https listener; the first is the default. */
  readonly shared: readonly string[];
  /** The same by `TlsSpec.certificates`. */
  readonly certificates: readonly PemFiles[];
  /** By `TlsSpec.authorities`: certificates without keys. */
  readonly authorities: readonly PemFiles[];
  /** Latin1 texts by `PolicySpec.errorFiles`: no secrets, but read and sent the same way. */
  readonly errorFiles: readonly { readonly path: string; readonly text: string }[];
  /** 48 bytes in hex that session tickets are sealed with, equal on all workers; empty = a worker's own. */
  readonly ticketKeys: string;
}

export const NO_CREDENTIALS: Credentials = Object.freeze({
  shared: Object.freeze([]),
  certificates: Object.freeze([]),
  authorities: Object.freeze([]),
  errorFiles: Object.freeze([]),
  ticketKeys: '',
});

/** What is there for these paths, in their order. */
export function pemsOf(files: readonly PemFiles[], paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => files.find((one) => one.path === path)?.pems ?? []);
}
