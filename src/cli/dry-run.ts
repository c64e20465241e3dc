// `--dry`: one look at Marathon, and what would be served because of it, in HAProxy's words.

import type { Writable } from 'node:stream';
import { makeCatalogue } from '../catalogue/catalogue.ts';
import { joinGroups } from '../colour/deployment-groups.ts';
import { SILENT } from '../log/logger.ts';
import { readOnce } from '../marathon/read-once.ts';
import { SourceError } from '../marathon/source-error.ts';
import type { ServeOptions } from '../options/serve-options.ts';
import { makePlan } from '../plan/make-plan.ts';
import { EMPTY_PLAN } from '../plan/plan.ts';
import { renderConfig } from '../stats/haproxy-config.ts';
import { catalogueRules } from './catalogue-rules.ts';
import { Certificates } from './certificates.ts';
import { configFacts } from './config-facts.ts';
import { FETCH_TIMEOUT_MS } from './marathon-source.ts';
import { lineOf } from './problem-log.ts';
import { StartError } from './start-error.ts';
import { readStartFiles } from './start-files.ts';
import { readVersion } from './version.ts';

/** The plan goes to `out`, problems to `faults`, a line each. Throws StartError without an answer. */
export async function dryRun(
  options: ServeOptions,
  out: Writable,
  faults: Writable,
): Promise<number> {
  const files = readStartFiles(options, SILENT);
  const version = readVersion();
  const list = await readOnce({
    urls: options.marathon,
    access: files.access,
    timeoutMs: FETCH_TIMEOUT_MS,
    userAgent: `teal/${version}`,
  }).catch((error: unknown) => {
    throw error instanceof SourceError ? new StartError(error.message) : error;
  });
  const catalogue = makeCatalogue(list.apps, {
    ...catalogueRules(options, files.templates),
    addresses: list.addresses,
  });
  const grouped = joinGroups(catalogue.claims);
  const guarded = new Certificates(files.certificates, SILENT).guard(
    grouped.claims,
    options.groupHttpsByVhost,
  );
  const { plan, problems } = makePlan(guarded.claims, options, EMPTY_PLAN, Date.now());
  const all = [list, catalogue, grouped, guarded, { problems }].flatMap((one) => one.problems);
  for (const problem of all) faults.write(`${lineOf(problem)}\n`);
  await new Promise<void>((resolve) => {
    out.write(renderConfig(configFacts(options, version, plan)), () => resolve());
  });
  return 0;
}
