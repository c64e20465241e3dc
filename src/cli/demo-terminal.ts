// What a person sees of the demo: progress while tasks come up, a guide to copy from, and a line for
// every cut-over and problem afterwards.

import { fileURLToPath } from 'node:url';
import type { Logger } from '../log/logger.ts';
import type { DemoOptions } from '../options/demo-options.ts';
import type { ColourSpec, Plan } from '../plan/plan.ts';
import type { CutOver } from '../stats/view.ts';

interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

export class DemoTerminal {
  readonly #options: DemoOptions;
  readonly #out: Output;
  #shown = '';
  #guided = false;

  constructor(options: DemoOptions, out: Output) {
    this.#options = options;
    this.#out = out;
  }

  say(text: string): void {
    this.#out.write(`${text}\n`);
  }

  greet(version: string): void {
    const { marathonPort, dnsPort, dnsHttpPort, serve } = this.#options;
    this.say(`Teal ${version} with a small cluster on this machine

  Marathon   http://127.0.0.1:${marathonPort}/v2/apps       starts tasks as local processes
  Mesos-DNS  127.0.0.1:${dnsPort} (UDP, TCP), http://127.0.0.1:${dnsHttpPort}/v1/enumerate
  Teal       service ports, hosts on ${serve.httpPort} and ${serve.httpsPort}, app ids on ${serve.appidPort}
  Stats      http://127.0.0.1:${serve.statsPort}/haproxy?stats

Deploying /zdd/blue: four instances of version 0.9. Each must pass a health check that takes 1 to 5 s.`);
  }

  /** How far the tasks of the tutorial are; the guide once blue is complete. */
  progress(plan: Plan): void {
    const colours = plan.services.flatMap((service) => service.colours);
    const line = colours.map(standing).join('   ');
    if (line !== '' && line !== this.#shown) this.say(`  ${line}`);
    this.#shown = line;
    const blue = colours.find((colour) => colour.appId === '/zdd/blue');
    if (this.#guided || blue === undefined || !blue.ready) return;
    this.#guided = true;
    this.#guide();
  }

  cutOver({ service, from, to, why, epoch, workers, tookMs }: CutOver): void {
    if (from === null) return;
    this.say(
      `* cut-over ${service}: ${from} -> ${to ?? 'nothing'} (${why}); epoch ${epoch}, acknowledged by ${workers} workers in ${tookMs.toFixed(1)} ms`,
    );
  }

  /** Warnings and errors in one line each; everything else is for --verbose. */
  logger(): Logger {
    return {
      debug() {},
      info() {},
      warn: (_fields, message) => this.say(`! ${message}`),
      error: (fields, message) => this.say(`! ${message} ${JSON.stringify(fields)}`),
    };
  }

  #guide(): void {
    const { marathonPort, dnsPort, serve } = this.#options;
    const apps = `http://127.0.0.1:${marathonPort}/v2/apps`;
    const green = fileURLToPath(new URL('../embedded/tutorial/green.json', import.meta.url));
    const json = "-H 'Content-Type: application/json'";
    this.say(`
Blue is live. To copy into another terminal:

 1. Ask the service, and open the stats page in a browser
      curl http://127.0.0.1:10080/endpoint0
      http://127.0.0.1:${serve.statsPort}/haproxy?stats

 2. Add green: version 1.0, known inside the cluster only; nothing changes for clients
      curl -X POST ${json} ${apps} -d @${green}

 3. See its four tasks in DNS once they are up
      dig @127.0.0.1 -p ${dnsPort} _green-zdd._tcp.marathon.mesos SRV

 4. Cut over when green is healthy: blue's labels for green, and blue scaled away
      curl -X PUT ${json} ${apps}/zdd/green -d '{"labels":${greenLabels()}}'
      curl -X PUT ${json} ${apps}/zdd/blue -d '{"instances":0}'
      curl http://127.0.0.1:10080/endpoint0

 5. Roll back: bring blue up, and when it is healthy scale green away
      curl -X PUT ${json} ${apps}/zdd/blue -d '{"instances":4}'
      curl -X PUT ${json} ${apps}/zdd/green -d '{"instances":0}'
      curl http://127.0.0.1:10080/endpoint0

Ctrl-C ends everything this started.
`);
  }
}

function greenLabels(): string {
  return JSON.stringify({
    HAPROXY_GROUP: 'external',
    HAPROXY_0_PORT: '10080',
    HAPROXY_0_VHOST: 'http://ec2-52-25-126-14.us-west-2.compute.amazonaws.com',
  });
}

function standing(colour: ColourSpec): string {
  const others = new Map<string, number>();
  for (const other of colour.others) {
    others.set(other.standing, (others.get(other.standing) ?? 0) + 1);
  }
  const rest = [...others].map(([name, count]) => `, ${count} ${name}`).join('');
  return `${colour.appId}: ${colour.servers.length} of ${colour.instances} serve${rest}`;
}
