// The flags that Teal has beside Marathon-LB's.

import type { Flag } from './flags.ts';

export const TEAL_FLAGS: readonly Flag[] = [
  { name: 'http-port', takes: 'value', hint: 'PORT', help: 'virtual hosts over http (80)' },
  { name: 'https-port', takes: 'value', hint: 'PORT', help: 'virtual hosts over https (443)' },
  { name: 'appid-port', takes: 'value', hint: 'PORT', help: 'apps by X-Marathon-App-Id (9091)' },
  { name: 'stats-port', takes: 'value', hint: 'PORT', help: 'stats page and admin (9090)' },
  {
    name: 'bind',
    takes: 'value',
    hint: 'ADDRESS',
    help: 'address of all listeners; * = all of both families (*)',
  },
  { name: 'workers', takes: 'value', hint: 'N', help: 'worker processes (one per core)' },
  {
    name: 'accept-proxy',
    takes: 'nothing',
    help: 'http and https: every connection begins with a PROXY protocol header',
  },
  {
    name: 'no-own-checks',
    takes: 'nothing',
    help: "do not run the apps' health checks from here, rely on Marathon alone",
  },
  {
    name: 'marathon-tls-verify',
    takes: 'nothing',
    help: "verify Marathon's certificate by the system's authorities",
  },
  {
    name: 'max-removal-percent',
    takes: 'value',
    hint: 'N',
    help: 'an answer that loses more of all tasks at once is looked at twice; 100 = never (50)',
  },
  {
    name: 'drain-seconds',
    takes: 'value',
    hint: 'SECONDS',
    help: 'SIGTERM: how long exchanges may take to end (30)',
  },
];
