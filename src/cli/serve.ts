// `teal sse` and `teal poll`: the balancer in front of a Marathon, until a signal.

import { createLogger } from '../log/logger.ts';
import type { ServeOptions } from '../options/serve-options.ts';
import { Balancer } from './balancer.ts';
import { catchSignals, heedSignals } from './signals.ts';
import { readStartFiles } from './start-files.ts';
import { setSysctls } from './sysctls.ts';
import { readVersion } from './version.ts';

/** Connections were cut at the drain deadline. */
const EXIT_CUT = 3;

/** Runs until SIGTERM or SIGINT; resolves with the exit code. Throws StartError. */
export async function serve(options: ServeOptions): Promise<number> {
  const log = createLogger(options.logLevel);
  const stopping = catchSignals();
  const version = readVersion();
  const { ports, sysctls } = options.environment;
  log.info({ version, node: process.version, pid: process.pid, ports }, 'Teal starts');
  for (const notice of options.notices) log.warn({}, notice);
  setSysctls(sysctls, log);
  const files = readStartFiles(options, log);
  const balancer = new Balancer({ options, files, version, log });
  heedSignals({
    hup: () => {
      log.info({}, 'SIGHUP: all apps are read anew');
      balancer.resync();
    },
    usr1: () => {
      log.info({}, 'SIGUSR1: certificates are read, and the known apps put in force, anew');
      balancer.reapply();
    },
  });
  try {
    await balancer.start();
    const signal = await stopping.first;
    const { drainDeadlineMs } = options;
    log.info(
      { signal, drainDeadlineMs },
      'stopping: accepting no more, exchanges in flight may end',
    );
    const cut = await Promise.race([balancer.drain(drainDeadlineMs), stopping.second]);
    if (cut === 0) log.info({}, 'drained: stopped without cutting a connection');
    else log.warn({ cut }, 'stopped; what was left open has been cut');
    return cut === 0 ? 0 : EXIT_CUT;
  } finally {
    await balancer.stop();
  }
}
