// One request over TLS, and how the handshake went. Certificates of any name to go with it.

import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import tls from 'node:tls';

export interface Visit {
  /** 0 = it was closed without an answer, be it in the handshake or after it. */
  readonly status: number;
  readonly body: string;
  /** Serial number of the certificate that was shown; empty = none. */
  readonly serial: string;
  /** Null = no handshake. */
  readonly protocol: string | null;
  readonly resumed: boolean;
  /** The last one that was offered; null = none. */
  readonly session: Buffer | null;
}

/** Asks for `/` of `host` and reads until the end. Certificates are not verified. */
export function visit(
  port: number,
  options: tls.ConnectionOptions = {},
  host = 'a.test',
): Promise<Visit> {
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  let answer = '';
  let session: Buffer | null = null;
  let shaken: Pick<Visit, 'serial' | 'protocol' | 'resumed'> | null = null;
  socket.on('session', (one) => {
    session = one;
  });
  socket.on('secureConnect', () => {
    shaken = {
      serial: socket.getPeerX509Certificate()?.serialNumber ?? '',
      protocol: socket.getProtocol(),
      resumed: socket.isSessionReused(),
    };
    socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  });
  socket.on('data', (bytes: Buffer) => {
    answer += bytes.toString('latin1');
  });
  // 'close' follows.
  socket.on('error', () => {});
  return new Promise((resolve) => {
    socket.on('close', () => {
      const [, status = '0'] = /^HTTP\/1\.1 (\d{3}) /.exec(answer) ?? [];
      const [, body = ''] = answer.split('\r\n\r\n');
      const failed = { serial: '', protocol: null, resumed: false };
      resolve({ status: Number(status), body, session, ...(shaken ?? failed) });
    });
  });
}

/** For any use, its own authority; certificate and key in one text. */
export function certificateFor(name: string): string {
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  args.push('-nodes', '-days', '2', '-subj', `/CN=${name}`, '-keyout', '-', '-out', '-');
  return execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
}

export function serialOf(pem: string): string {
  return new X509Certificate(pem).serialNumber;
}
