// What became of every request of a soak: counts by kind, failures one by one.

/** Failures kept; more are only counted as the last one. */
const MOST_KEPT = 1_000;

export class Ledger {
  total = 0;
  /** { kind, why, port, at }: `port` is the client's own. */
  failures = [];
  #counts = new Map();
  #excused = new Set();

  good(kind) {
    this.total += 1;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  bad(kind, why, port) {
    this.total += 1;
    if (this.failures.length < MOST_KEPT) this.failures.push({ kind, why, port, at: Date.now() });
  }

  /** Connections from these ports may fail: their worker was killed. */
  excuse(ports) {
    for (const port of ports) this.#excused.add(port);
  }

  get unexcused() {
    return this.failures.filter(({ port }) => !this.#excused.has(port));
  }

  print() {
    for (const [kind, count] of [...this.#counts].sort())
      console.log(`${kind.padEnd(24)} ${count}`);
    const excused = this.failures.length - this.unexcused.length;
    console.log(`${this.total} requests, ${excused} failed on the killed worker's connections`);
    const reasons = new Map();
    for (const { kind, why } of this.unexcused) {
      const reason = `${kind}: ${why}`;
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    for (const [reason, count] of reasons) console.log(`FAILED ${count} × ${reason}`);
  }
}
