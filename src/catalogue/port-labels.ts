// The labels of one service port: their names, their values, and the readings that many of them share.
// Whatever is looked at counts as honoured until something else is said of it.

import type { MarathonApp } from '../marathon/app.ts';
import type { LabelNotes } from './label-notes.ts';

/** Marathon-LB's booleans: nothing else is true. */
const TRUE = /^(?:true|t|yes|y)$/i;
const FALSE = /^(?:false|f|no|n)$/i;

export class PortLabels {
  readonly app: MarathonApp;
  readonly portIndex: number;
  readonly notes: LabelNotes;

  constructor(app: MarathonApp, portIndex: number, notes: LabelNotes) {
    this.app = app;
    this.portIndex = portIndex;
    this.notes = notes;
  }

  /** `HAPROXY_{n}_<name>`. */
  haproxy(name: string): string {
    return `HAPROXY_${this.portIndex}_${name}`;
  }

  /** `TEAL_{n}_<name>`: what Marathon-LB has no label for. */
  teal(name: string): string {
    return `TEAL_${this.portIndex}_${name}`;
  }

  /** The value as it stands there. */
  text(label: string): string | undefined {
    const value = this.app.labels[label];
    if (value !== undefined) this.notes.honoured(label);
    return value;
  }

  flag(label: string, byDefault = false): boolean {
    const value = this.text(label);
    if (value === undefined) return byDefault;
    if (TRUE.test(value)) return true;
    if (!FALSE.test(value)) {
      const suggestion = /^(?:1|on|enabled?)$/i.test(value.trim()) ? `${label}=true` : '';
      this.notes.wrong(
        label,
        'expected true or false; anything else counts as false, as in Marathon-LB',
        { suggestion },
      );
    }
    return false;
  }

  /** True if a switch is on; nothing is said of it. */
  isOn(label: string): boolean {
    return TRUE.test(this.app.labels[label] ?? '');
  }

  /** A whole number of a range; `otherwise` where there is none, and what is said then. */
  integer(label: string, least: number, most: number, otherwise: number, instead: string): number {
    const text = this.text(label)?.trim();
    if (text === undefined) return otherwise;
    const number = /^[+-]?\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    // Never -0: it is another number to those who compare plans.
    if (number >= least && number <= most) return number === 0 ? 0 : number;
    this.notes.wrong(label, `expected a whole number from ${least} to ${most}; ${instead}`);
    return otherwise;
  }
}
