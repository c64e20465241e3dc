#!/usr/bin/env node
// argv and environment in, exit code out. Nothing else reads process.argv, process.env or exits.

import { CHECK_HELP, check } from './cli/check.ts';
import { DEPLOY_EXIT_HELP, DEPLOY_HELP, deploy } from './cli/commands/deploy.ts';
import { LOOK_EXIT_HELP, LOOK_HELP, look } from './cli/commands/look.ts';
import { ORDER_EXIT_HELP, ORDER_HELP, order } from './cli/commands/order.ts';
import { ZDD_EXIT_HELP, ZDD_HELP, zdd } from './cli/commands/zdd.ts';
import { demo } from './cli/demo.ts';
import { dryRun } from './cli/dry-run.ts';
import { longHelp } from './cli/long-help.ts';
import { serve } from './cli/serve.ts';
import { StartError } from './cli/start-error.ts';
import { readVersion } from './cli/version.ts';
import { helpOf } from './options/command-line.ts';
import { readDemoOptions } from './options/demo-options.ts';
import { DEPLOY_FLAGS, readDeployOptions } from './options/deploy-command.ts';
import { DEMO_FLAGS, SERVE_FLAGS } from './options/flags.ts';
import { LOOK_FLAGS, readLookOptions } from './options/look-command.ts';
import { ORDER_FLAGS, readOrderOptions } from './options/order-command.ts';
import { readServeOptions } from './options/serve-options.ts';
import { UsageError } from './options/usage-error.ts';
import { readZddOptions, ZDD_FLAGS } from './options/zdd-command.ts';

/** Could not start · wrong usage · a bug. */
const EXIT = { start: 1, usage: 2, bug: 70 } as const;

const HELP = `teal: an edge load balancer for Marathon, with blue-green cut-overs

  teal demo            a whole small cluster on this machine, with the blue-green tutorial
  teal sse  [flags]    in front of a Marathon, following its event stream
  teal poll [flags]    in front of a Marathon, asking every POLL_INTERVAL seconds (60)
  teal check FILE…     what becomes of every label of an app definition
  teal --version

  teal cutover | rollback | split | release | drain | server SERVICE …, freeze, unfreeze
                       orders to running balancers (teal cutover --help)
  teal status | history | explain URL
                       what running balancers do, and why (teal status --help)
  teal deploy FILE     a new colour, its cut-over and the end of the old one (teal deploy --help)
  teal zdd             the same as zdd.py does it, with its flags (teal zdd --help)

teal sse, teal poll
${helpOf(SERVE_FLAGS)}

teal demo
${helpOf(DEMO_FLAGS)}

teal check
${CHECK_HELP}
`;

const ORDERS_HELP = `${ORDER_HELP}

${helpOf(ORDER_FLAGS)}

${ORDER_EXIT_HELP}
`;

const LOOKS_HELP = `${LOOK_HELP}

${helpOf(LOOK_FLAGS)}

${LOOK_EXIT_HELP}
`;

const DEPLOYMENT_HELP = `${DEPLOY_HELP}

${helpOf(DEPLOY_FLAGS)}

${DEPLOY_EXIT_HELP}
`;

const ZDD_WHOLE_HELP = `${ZDD_HELP}

${helpOf(ZDD_FLAGS)}

${ZDD_EXIT_HELP}
`;

const COMMANDS_HELP = `Commands for running balancers; each lists its flags and exit codes with --help

${[ORDER_HELP, LOOK_HELP, DEPLOY_HELP, ZDD_HELP].join('\n\n')}
`;

async function run(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  switch (command) {
    case 'sse':
    case 'poll': {
      const options = readServeOptions(command, rest, process.env);
      if (options === 'help') return say(HELP);
      if (options === 'longhelp') return say(longHelp(`${HELP}\n${COMMANDS_HELP}`));
      return options.dry ? dryRun(options, process.stdout, process.stderr) : serve(options);
    }
    case 'demo': {
      const options = readDemoOptions(rest);
      return options === 'help' ? say(HELP) : demo(options);
    }
    case 'cutover':
    case 'rollback':
    case 'split':
    case 'release':
    case 'drain':
    case 'server':
    case 'freeze':
    case 'unfreeze': {
      const options = readOrderOptions(command, rest, process.env);
      return options === 'help' ? say(ORDERS_HELP) : order(options, process);
    }
    case 'status':
    case 'history':
    case 'explain': {
      const options = readLookOptions(command, rest, process.env);
      return options === 'help' ? say(LOOKS_HELP) : look(options, process);
    }
    case 'deploy': {
      const options = readDeployOptions(rest, process.env);
      return options === 'help' ? say(DEPLOYMENT_HELP) : deploy(options, process);
    }
    case 'zdd': {
      const options = readZddOptions(rest, process.env);
      return options === 'help' ? say(ZDD_WHOLE_HELP) : zdd(options, process);
    }
    case 'check':
      return check(rest, process);
    case '--version':
      return say(`${readVersion()}\n`);
    case undefined:
      process.stderr.write(HELP);
      return EXIT.usage;
    case '--help':
    case '-h':
    case 'help':
      return say(HELP);
    default:
      throw new UsageError(`unknown command '${command}'`);
  }
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`teal: ${error.message} (teal --help lists the flags)\n`);
    return error.exitCode;
  }
  if (error instanceof StartError) {
    process.stderr.write(`teal: ${error.message}\n`);
    return EXIT.start;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`teal: this is a bug: ${text}\n`);
  return EXIT.bug;
}

process.on('uncaughtException', (error) => process.exit(exitCodeOf(error)));
process.on('unhandledRejection', (error) => process.exit(exitCodeOf(error)));
run(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => process.exit(exitCodeOf(error)),
);
