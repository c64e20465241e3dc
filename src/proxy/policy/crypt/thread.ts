// The program of a thread that verifies passwords, one after the other, so that the milliseconds of a
// hash are never those of a request.

import { parentPort } from 'node:worker_threads';
import { verifyCrypt } from './verify.ts';

/** What a thread is asked; it answers each with true or false, in order. */
export interface Question {
  readonly password: Uint8Array;
  readonly hash: string;
}

parentPort?.on('message', ({ password, hash }: Question) => {
  parentPort?.postMessage(verifyCrypt(Buffer.from(password), hash));
});
