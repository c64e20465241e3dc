// Metrics of what HAProxy has not: colours, epochs, cut-overs, knowledge and its age.

import type { Family, Series } from './exposition.ts';
import type { View } from './view.ts';

export function tealFamilies(view: View): Family[] {
  const { source, plan } = view;
  return [
    gauge('teal_build_info', 'Build, by labels.', [series(1, { version: view.version })]),
    gauge('teal_epoch', 'Epoch of the plan in force.', [series(view.epoch)]),
    gauge(
      'teal_worker_epoch',
      'Epoch each worker serves by.',
      view.workers.map(({ pid, epoch }) => series(epoch, { pid: String(pid) })),
    ),
    gauge(
      'teal_colour_live',
      '1 for the live colour of a service, 0 for its others.',
      perColour(view, ({ isLive }) => (isLive ? 1 : 0)),
    ),
    gauge(
      'teal_colour_ready',
      '1 when as many servers are usable as instances are asked for, and nothing is being deployed.',
      perColour(view, ({ colour }) => (colour.ready ? 1 : 0)),
    ),
    gauge(
      'teal_colour_instances',
      'Instances Marathon is asked for.',
      perColour(view, ({ colour }) => colour.instances),
    ),
    gauge(
      'teal_colour_usable_servers',
      'Servers that are given requests while the colour is live.',
      perColour(view, ({ colour }) => colour.servers.length),
    ),
    gauge(
      'teal_service_live_since_seconds',
      'When the live colour became live, in seconds since 1970.',
      plan.services.map(({ key, liveSinceMs }) => series(liveSinceMs / 1_000, { service: key })),
    ),
    gauge('teal_problems', 'Problems shown on the stats page.', [series(view.problems.length)]),
    gauge('teal_marathon_streaming', '1 while the event stream is open.', [
      series(source.streaming ? 1 : 0),
    ]),
    gauge('teal_marathon_failing', '1 while Marathon cannot be read.', [
      series(source.error === '' ? 0 : 1),
    ]),
    gauge('teal_marathon_held', '1 while an answer is held back because it would empty pools.', [
      series(source.held ? 1 : 0),
    ]),
    gauge(
      'teal_marathon_last_answer_seconds',
      'Last app list that was accepted, in seconds since 1970; 0 = none yet.',
      [series(source.lastAnswerAtMs / 1_000)],
    ),
    counter('teal_marathon_fetches_total', 'Questions to Marathon.', source.fetches),
    counter('teal_marathon_events_total', 'Events on the stream.', source.events),
    counter(
      'teal_marathon_reconnects_total',
      'Times the stream was opened again.',
      source.reconnects,
    ),
  ];
}

interface Shown {
  readonly colour: View['plan']['services'][number]['colours'][number];
  readonly isLive: boolean;
}

function perColour(view: View, value: (shown: Shown) => number): Series[] {
  return view.plan.services.flatMap((service) =>
    service.colours.map((colour) =>
      series(value({ colour, isLive: colour.appId === service.live }), {
        service: service.key,
        app: colour.appId,
        proxy: colour.name,
      }),
    ),
  );
}

function gauge(name: string, help: string, all: readonly Series[]): Family {
  return { name, type: 'gauge', help, series: all };
}

function counter(name: string, help: string, value: number): Family {
  return { name, type: 'counter', help, series: [series(value)] };
}

function series(value: number, labels: Series['labels'] = {}): Series {
  return { labels, value };
}
