// How much a property test does: the same in every run, unless the environment says otherwise.

/** TEAL_SEED = other inputs, TEAL_RUNS = so many times as many, not fewer. */
export function budget(): { readonly seed: number; readonly runs: (usual: number) => number } {
  const seed = Number(process.env['TEAL_SEED'] ?? 20_261_124);
  const factor = Math.max(1, Number(process.env['TEAL_RUNS'] ?? 1));
  return { seed, runs: (usual) => Math.round(usual * factor) };
}
