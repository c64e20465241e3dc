// What an app's labels ask for on each of its service ports. A bad value costs that label only, and is
// told with the value and what was expected. Pure.

import type { MarathonApp } from '../marathon/app.ts';
import type { LabelOptions } from './catalogue-options.ts';
import { kindOfLabel, type PortKind } from './known-labels.ts';
import { isSecret, LabelNotes } from './label-notes.ts';
import { readServicePort } from './port-and-mode.ts';
import { PortLabels } from './port-labels.ts';
import { type PortWish, readPortWish } from './port-wish.ts';
import type { Problem } from './problem.ts';
import { isShown } from './visibility.ts';

export type { PortWish } from './port-wish.ts';

/** What is told of labels that Marathon-LB knows, but that are no settings; empty = nothing. */
const WITHOUT_EFFECT: Readonly<Record<PortKind, string>> = {
  setting: '',
  template: '',
  inert: 'expected a label that Marathon-LB reads, it only documents this one; it is ignored',
  global: 'expected it in the environment of the balancer, it is not one of apps; it is ignored',
};

export class LabelReader {
  readonly #app: MarathonApp;
  readonly #options: LabelOptions;
  readonly #notes: LabelNotes;
  readonly #ports: readonly PortLabels[];

  constructor(app: MarathonApp, options: LabelOptions, notes = new LabelNotes(app)) {
    this.#app = app;
    this.#options = options;
    this.#notes = notes;
    this.#ports = app.servicePorts.map((_, index) => new PortLabels(app, index, this.#notes));
  }

  get problems(): readonly Problem[] {
    return this.#notes.problems;
  }

  /** Port indexes that `groups` may see and that are enabled. */
  visiblePorts(groups: readonly string[]): readonly number[] {
    return this.#ports
      .filter((labels) => isShown(labels, groups, this.#options.strictMode))
      .map((labels) => labels.portIndex);
  }

  /** Reads one port's labels; null when it has no service port. */
  readPort(portIndex: number): PortWish | null {
    const labels = this.#ports[portIndex];
    const servicePort = labels === undefined ? 0 : readServicePort(labels);
    if (labels === undefined || servicePort === 0) {
      const message =
        'expected a service port from 1 to 65535, by this label or from Marathon; the port is not served';
      this.#notes.wrong(`HAPROXY_${portIndex}_PORT`, message);
      return null;
    }
    return readPortWish(labels, servicePort, this.#options);
  }

  /** Reports labels that nothing is made of; those of ports that are not shown here are not ours. */
  reportUnused(visible: readonly number[]): void {
    const ports = this.#app.servicePorts.length;
    for (const [label, value] of Object.entries(this.#app.labels)) {
      const is = kindOfLabel(label);
      if (is.kind === 'unknown') {
        this.#tellOfUnknown(label, value, is.nearest);
      } else if ('portIndex' in is && is.portIndex >= ports) {
        this.#notes.wrong(label, beyond(ports));
      } else if ('portIndex' in is && visible.includes(is.portIndex)) {
        const message = WITHOUT_EFFECT[is.kind];
        if (message !== '') this.#notes.ignored(label, message);
      }
    }
  }

  #tellOfUnknown(label: string, value: string, nearest: string): void {
    if (nearest === '') {
      this.#notes.ignored(label, 'expected a label that Marathon-LB or Teal knows; it is ignored');
      return;
    }
    const message = `expected a label that Marathon-LB or Teal knows, perhaps ${nearest}; it is ignored`;
    const shown = isSecret(nearest) || isSecret(label) ? '…' : value;
    this.#notes.wrong(label, message, { suggestion: `${nearest}=${shown}` });
  }
}

function beyond(ports: number): string {
  return ports === 0
    ? 'expected a service port in the definition of the app; it is ignored'
    : `expected a port index below ${ports}, as the app has so many service ports; it is ignored`;
}
