// `teal status`, `history`, `explain`: what every balancer says, one after the other, and whether they
// agree.

import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceFacts } from '../../admin/api/service-facts.ts';
import type { StatusFacts } from '../../admin/api/status-facts.ts';
import type { LookOptions } from '../../options/look-command.ts';
import type { Explanation } from '../../plan/explanation.ts';
import type { CutOver } from '../../stats/view.ts';
import { AdminClient, type Failure, oneLine } from './admin-client.ts';
import { findInstances } from './instances.ts';
import { explainLines, historyLines, type Ordered, statusLines } from './look-text.ts';
import { type Paint, paintFor, type Terminal, write } from './terminal.ts';

export const LOOK_HELP = `teal status [SERVICE]     what is live on every balancer, since when and why
teal history [SERVICE]    cut-overs and orders, newest first
teal explain URL          which service, colour and servers a request gets, and why no other`;

export const LOOK_EXIT_HELP = `Exit code 0: all answered; 1: refused, or the balancers disagree about what is live; 2: wrong
usage; 3: a balancer does not answer.`;

const EXIT = { refused: 1, disagree: 1, silent: 3 } as const;
const WATCH_EVERY_MS = 1_000;
/** To the top left, and everything below is erased. */
const REDRAW = '\u001b[H\u001b[J';

interface Said {
  readonly instance: string;
  /** By API path. */
  readonly answers: Readonly<Record<string, object>>;
}

/** Resolves with the exit code. */
export async function look(options: LookOptions, terminal: Terminal): Promise<number> {
  const found = await findInstances(options.admin.lbs);
  if ('error' in found) {
    await write(terminal.stderr, `teal: ${found.error}\n`);
    return EXIT.silent;
  }
  const client = new AdminClient(options.admin.token);
  try {
    for (;;) {
      const code = await lookOnce(options, client, found.instances, terminal);
      if (!options.watch || !terminal.stdout.writable) return code;
      await pause(WATCH_EVERY_MS);
    }
  } finally {
    await client.close();
  }
}

async function lookOnce(
  options: LookOptions,
  client: AdminClient,
  instances: readonly string[],
  { stdout, stderr, env }: Terminal,
): Promise<number> {
  const paths = pathsOf(options);
  const replies = await Promise.all(instances.map((instance) => ask(client, instance, paths)));
  const said = replies.flatMap((reply) => ('error' in reply ? [] : [reply]));
  const failures = replies.flatMap((reply) => ('error' in reply ? [reply] : []));
  const apart = options.look === 'status' ? disagreements(options, said) : [];
  const paint = paintFor({ stdout, stderr, env });
  const text = options.json
    ? `${JSON.stringify({ balancers: said, failures, disagreements: apart }, null, 2)}\n`
    : said.map((one) => `${linesOf(options, one, paint).join('\n')}\n`).join('');
  await write(stdout, options.watch && stdout.isTTY === true ? REDRAW + text : text);
  if (!options.json) {
    const errors = [...failures.map(({ error }) => error), ...apart];
    await write(stderr, errors.map((error) => `teal: ${oneLine(error)}\n`).join(''));
  }
  if (failures.some(({ kind }) => kind === 'silent')) return EXIT.silent;
  if (failures.length > 0) return EXIT.refused;
  return apart.length > 0 ? EXIT.disagree : 0;
}

function pathsOf({ look: kind, subject, headers }: LookOptions): readonly string[] {
  if (kind === 'status') return ['/_teal/status', '/_teal/services', '/_teal/orders'];
  if (kind === 'history') return ['/_teal/history'];
  const query = new URLSearchParams([
    ['url', subject],
    ...headers.map((header): [string, string] => ['header', header]),
  ]);
  return [`/_teal/explain?${query}`];
}

async function ask(
  client: AdminClient,
  instance: string,
  paths: readonly string[],
): Promise<Said | Failure> {
  const answers: Record<string, object> = {};
  for (const path of paths) {
    const read = await client.read(instance, path);
    if ('error' in read) return read;
    answers[path.replace(/^\/_teal\/|\?.*/g, '')] = read.answer;
  }
  return { instance, answers };
}

function linesOf(options: LookOptions, { instance, ...said }: Said, paint: Paint): string[] {
  const answers = cleaned(said.answers);
  if (options.look === 'explain') {
    return explainLines(instance, answers['explain'] as Explanation, paint);
  }
  if (options.look === 'history') {
    const { history } = answers['history'] as { history: readonly CutOver[] };
    const { subject } = options;
    const own = history.filter(({ service }) => subject === '' || isNamed(service, subject));
    return historyLines(instance, own, paint);
  }
  const status = answers['status'] as StatusFacts;
  const ordered = answers['orders'] as unknown as Ordered;
  return statusLines(instance, status, servicesIn(options, answers), ordered, paint);
}

function servicesIn({ subject }: LookOptions, answers: Said['answers']): readonly ServiceFacts[] {
  const { services } = answers['services'] as { services: readonly ServiceFacts[] };
  return services.filter(
    ({ key, appIds, colours }) =>
      subject === '' ||
      isNamed(key, subject) ||
      appIds.includes(subject) ||
      colours.some(({ appId }) => appId === subject || appId === `/${subject}`),
  );
}

/** By key or port. */
function isNamed(key: string, subject: string): boolean {
  return key === subject || key.endsWith(`:${subject.replace(/^:/, '')}`);
}

/** A line for every service that is not the same colour's everywhere. */
function disagreements(options: LookOptions, said: readonly Said[]): string[] {
  const lives = new Map<string, Set<string>>();
  for (const { answers } of said) {
    for (const { servicePort, live } of servicesIn(options, answers)) {
      const port = String(servicePort);
      lives.set(port, (lives.get(port) ?? new Set()).add(live ?? 'nothing'));
    }
  }
  return [...lives]
    .filter(([, colours]) => colours.size > 1)
    .map(
      ([port, colours]) => `the balancers disagree about port ${port}: ${[...colours].join(', ')}`,
    );
}

/** What balancers pass on of labels must not steer the terminal. */
function cleaned(answers: Said['answers']): Said['answers'] {
  return JSON.parse(JSON.stringify(answers), (_, value: unknown) =>
    typeof value === 'string' ? oneLine(value) : value,
  );
}
