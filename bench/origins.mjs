// The origins of a bench, each started when it is first wanted.

import { fileURLToPath } from 'node:url';
import { cheapOrigin } from './haproxy.mjs';
import { freePort, isInstalled, start } from './processes.mjs';

const BODY = '{"id":42,"name":"blue","version":"2026-01-01","healthy":true,"tags":[12]}';
const COMMANDS = {
  /** 73 bytes of JSON. */
  small: (port) => (isInstalled('haproxy') ? cheapOrigin(port, BODY) : ofBodies(port)),
  /** As much as is asked for. */
  bodies: ofBodies,
  /** WebSocket messages are sent back. */
  echo: (port) => [process.execPath, program('web-socket-origin.mjs'), String(port)],
};
const ports = new Map();

/** Port of the origin of this kind on this core; null = on any. */
export async function originPort(kind, core) {
  const key = `${kind} ${core}`;
  if (!ports.has(key)) {
    const port = await freePort();
    await start(core, COMMANDS[kind](port), port);
    ports.set(key, port);
  }
  return ports.get(key);
}

function ofBodies(port) {
  return [process.execPath, program('origin.mjs'), String(port), BODY];
}

function program(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}
