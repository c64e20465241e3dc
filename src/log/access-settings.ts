// Where the access log goes and in which form. Plain data: it is sent to workers.

/** What a syslog server is sent: one datagram per line (RFC 5426), with an old or a new header. */
export type SyslogHeader = 'rfc3164' | 'rfc5424';

export type AccessTarget =
  | { readonly kind: 'stdout' }
  /** Appended to; opened again when it was moved away. */
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'syslog';
      readonly host: string;
      readonly port: number;
      readonly header: SyslogHeader;
    };

export interface AccessLogSettings {
  readonly format: 'httplog' | 'json';
  readonly to: AccessTarget;
  /** Request headers that are captured, lower-cased: each line has their values. */
  readonly captures: readonly string[];
}

export const DEFAULT_ACCESS_LOG: AccessLogSettings = Object.freeze({
  format: 'httplog',
  to: Object.freeze({ kind: 'stdout' as const }),
  captures: Object.freeze([]),
});
