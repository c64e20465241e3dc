// The signals of the process: SIGTERM and SIGINT, of which the first asks to stop and the second to stop
// now; SIGHUP and SIGUSR1 as Marathon-LB takes them.

export interface Stopping {
  /** Resolves with the signal's name. */
  readonly first: Promise<string>;
  readonly second: Promise<string>;
}

/**
 * A Ctrl-C reaches the whole foreground group, and npm passes it on to us once more: what follows
 * within this time is the same wish.
 */
const SAME_WISH_MS = 300;

/** Installs the handlers; from now on the signals no longer end the process by themselves. */
export function catchSignals(): Stopping {
  let asked = 0;
  const resolvers: ((signal: string) => void)[] = [];
  const next = () => new Promise<string>((resolve) => resolvers.push(resolve));
  const stopping = { first: next(), second: next() };
  let lastTick = Number.NEGATIVE_INFINITY;
  const onSignal = (signal: string): void => {
    const isEcho = performance.now() - lastTick < SAME_WISH_MS;
    lastTick = performance.now();
    if (isEcho) return;
    resolvers[asked]?.(signal);
    asked += 1;
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return stopping;
}

export interface Wishes {
  readonly hup: () => void;
  readonly usr1: () => void;
}

/** From now on SIGHUP and SIGUSR1 do this, and neither ends the process. */
export function heedSignals({ hup, usr1 }: Wishes): void {
  process.on('SIGHUP', hup);
  process.on('SIGUSR1', usr1);
}
