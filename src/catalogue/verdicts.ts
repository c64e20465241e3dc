// What is made of every label of an app, whoever is to serve it: for its owner, before it is deployed.
// Labels are read by the same code as when they are served. Pure.

import type { MarathonApp } from '../marathon/app.ts';
import type { LabelOptions } from './catalogue-options.ts';
import { readDeployment } from './deployment-labels.ts';
import { kindOfLabel } from './known-labels.ts';
import { LabelNotes, type LabelVerdict } from './label-notes.ts';
import { LabelReader } from './labels.ts';
import { PortLabels } from './port-labels.ts';
import { judgeGroups } from './visibility.ts';

export type { LabelVerdict, Verdict } from './label-notes.ts';

/** One verdict for each label of the app, by name. */
export function verdictsOf(app: MarathonApp, options: LabelOptions): readonly LabelVerdict[] {
  const notes = new LabelNotes(app);
  const reader = new LabelReader(app, options, notes);
  for (const portIndex of app.servicePorts.keys()) {
    const labels = new PortLabels(app, portIndex, notes);
    judgeGroups(labels, labels.haproxy('GROUP'));
    labels.flag(labels.haproxy('ENABLED'), !options.strictMode);
    reader.readPort(portIndex);
  }
  reader.reportUnused([...app.servicePorts.keys()]);
  judgeApp(app, notes);
  return notes.verdicts();
}

/** Labels that are of no port. */
function judgeApp(app: MarathonApp, notes: LabelNotes): void {
  judgeGroups(new PortLabels(app, 0, notes), 'HAPROXY_GROUP');
  for (const { where, message } of readDeployment(app).problems) notes.wrong(where, message);
  for (const label of Object.keys(app.labels)) {
    const { kind } = kindOfLabel(label);
    if (kind === 'foreign') notes.passedOver(label, 'no label of the balancer');
    if (kind === 'app-wide') notes.honoured(label);
  }
}
