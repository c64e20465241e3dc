// The files of a run: configurations, a certificate. They are removed with it.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export const scratch = mkdtempSync(path.join(os.tmpdir(), 'teal-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

/** Path of a file with this text. */
export function written(name, text) {
  const file = path.join(scratch, name);
  writeFileSync(file, text);
  return file;
}

let pem = null;

/** File with a certificate and its key. */
export function certificate() {
  if (pem !== null) return pem;
  const key = path.join(scratch, 'key.pem');
  const subject = ['-nodes', '-days', '2', '-subj', '/CN=127.0.0.1', '-keyout', key];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const stdio = ['ignore', 'pipe', 'ignore'];
  const chain = execFileSync('openssl', ['req', '-x509', ...kind, ...subject], { stdio });
  pem = written('both.pem', `${chain}${readFileSync(key)}`);
  return pem;
}
