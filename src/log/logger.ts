// The one logger: JSON lines on standard output by pino. Its types stay in this folder.

import { destination, pino } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** What every part of Teal is handed to speak with. Fields first, then one clear sentence. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Writes to standard output, synchronously, so that a crash loses no line. */
export function createLogger(level: LogLevel): Logger {
  return pino(
    {
      name: 'teal',
      level,
      base: { name: 'teal' },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
    },
    destination({ fd: 1, sync: true }),
  );
}

/** Says nothing: for tests and for parts that run without a log. */
export const SILENT: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
};
