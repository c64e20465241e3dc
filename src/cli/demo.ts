// `teal demo`: an embedded Marathon and Mesos-DNS, the tutorial's blue app, and Teal in front, until
// Ctrl-C ends all of it.

import { readFileSync } from 'node:fs';
import { type EmbeddedMarathon, startEmbeddedMarathon } from '../embedded/marathon/marathon.ts';
import { type EmbeddedMesosDns, startEmbeddedMesosDns } from '../embedded/mesosdns/mesos-dns.ts';
import { createLogger } from '../log/logger.ts';
import { OPEN_ACCESS } from '../marathon/access.ts';
import type { DemoOptions } from '../options/demo-options.ts';
import { makeSelfSigned } from '../options/self-signed.ts';

import { Balancer } from './balancer.ts';
import { checkPorts } from './demo-ports.ts';
import { DemoTerminal } from './demo-terminal.ts';
import { deployTutorial } from './demo-tutorial.ts';
import { catchSignals } from './signals.ts';
import { StartError } from './start-error.ts';
import { readVersion } from './version.ts';

/** Runs until SIGINT or SIGTERM; resolves with the exit code. Throws StartError. */
export async function demo(options: DemoOptions): Promise<number> {
  const stopping = catchSignals();
  await checkPorts(options);
  const terminal = new DemoTerminal(options, process.stdout);
  const log = options.verbose ? createLogger(options.serve.logLevel) : terminal.logger();
  const version = readVersion();
  terminal.greet(version);
  const parts: Parts = { dns: null, marathon: null, balancer: null };
  try {
    const dns = await listening(
      startEmbeddedMesosDns({ dnsPort: options.dnsPort, httpPort: options.dnsHttpPort, log }),
    );
    parts.dns = dns;
    const marathon = await listening(
      startEmbeddedMarathon({
        port: options.marathonPort,
        log,
        onTasks: (tasks) => dns.update(tasks),
      }),
    );
    parts.marathon = marathon;
    const balancer = new Balancer({
      options: options.serve,
      files: {
        certificates: { paths: [], fromFiles: [], fixed: [makeSelfSigned()] },
        access: OPEN_ACCESS,
        templates: new Map(),
        adminToken: '',
        previewSecret: '',
        services: [],
      },
      version,
      log,
    });
    parts.balancer = balancer;
    balancer.events.on('cut-over', (cutOver) => terminal.cutOver(cutOver));
    await balancer.start();
    await deployTutorial(`http://127.0.0.1:${marathon.port}`, readBlue());
    balancer.events.on('applied', (plan) => terminal.progress(plan));
    await stopping.first;
    terminal.say('\nStopping: ending every task and listener this started …');
    return 0;
  } finally {
    await Promise.race([stop(parts, options.serve.drainDeadlineMs), stopping.second]);
    // A second signal must leave no process behind either.
    await parts.marathon?.stop();
    terminal.say('Stopped.');
  }
}

interface Parts {
  dns: EmbeddedMesosDns | null;
  marathon: EmbeddedMarathon | null;
  balancer: Balancer | null;
}

/** A port lost since it was checked is no bug. */
async function listening<T>(starting: Promise<T>): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw new StartError(error.message);
    throw error;
  }
}

async function stop(parts: Parts, drainDeadlineMs: number): Promise<void> {
  await parts.balancer?.drain(drainDeadlineMs);
  await Promise.all([parts.balancer?.stop(), parts.marathon?.stop(), parts.dns?.stop()]);
}

function readBlue(): string {
  return readFileSync(new URL('../embedded/tutorial/blue.json', import.meta.url), 'utf8');
}
