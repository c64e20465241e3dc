// What a flag is, and the tables of `teal sse` and `teal poll`, and of `teal demo`, as a whole.

import { LOG_FLAGS } from './log-flags.ts';
import { MARATHON_LB_FLAGS } from './marathon-lb-flags.ts';
import { ORDER_FLAGS } from './order-flags.ts';
import { PEER_FLAGS } from './peer-flags.ts';
import { RELAY_FLAGS } from './relay-flags.ts';
import { SOURCE_FLAGS } from './source-flags.ts';
import { TEAL_FLAGS } from './teal-flags.ts';

export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** `list`: one or more values (argparse's nargs=+); `each`: one. Both may be repeated, and are joined. */
  readonly takes: 'nothing' | 'value' | 'list' | 'each';
  readonly hint?: string;
  /** Empty = not listed by `--help`. */
  readonly help: string;
  /** Accepted, with this said in the log: what takes its place. */
  readonly insteadOf?: string;
  /** Not known to Marathon-LB, and not to be abbreviated: what is there abbreviated stays what it is. */
  readonly ours?: true;
}

export const SERVE_FLAGS: readonly Flag[] = [
  ...MARATHON_LB_FLAGS,
  ...TEAL_FLAGS.map(asOurs),
  ...SOURCE_FLAGS.map(asOurs),
  ...ORDER_FLAGS.map(asOurs),
  ...PEER_FLAGS.map(asOurs),
  ...LOG_FLAGS.map(asOurs),
  ...RELAY_FLAGS.map(asOurs),
];

function asOurs(flag: Flag): Flag {
  return { ...flag, ours: true };
}

const port = (name: string, help: string): Flag => ({ name, takes: 'value', hint: 'PORT', help });

export const DEMO_FLAGS: readonly Flag[] = [
  port('marathon-port', 'embedded Marathon (8080)'),
  port('dns-port', 'embedded Mesos-DNS, UDP and TCP (8053)'),
  port('dns-http-port', "embedded Mesos-DNS' HTTP API (8123)"),
  port('http-port', 'virtual hosts over http (8880)'),
  port('https-port', 'virtual hosts over https (8443)'),
  port('appid-port', 'apps by X-Marathon-App-Id (9091)'),
  port('stats-port', 'stats page (9090)'),
  {
    name: 'bind',
    takes: 'value',
    hint: 'ADDRESS',
    help: "address of Teal's own listeners (127.0.0.1)",
  },
  { name: 'workers', takes: 'value', hint: 'N', help: 'worker processes (2)' },
  {
    name: 'verbose',
    short: 'v',
    takes: 'nothing',
    help: "the balancer's whole log instead of the short lines",
  },
  { name: 'help', short: 'h', takes: 'nothing', help: 'this text' },
];
