// Prometheus' text exposition format 0.0.4: families with HELP and TYPE once, then their samples.
// Written as it is made: a large cluster has hundreds of thousands of samples.

/** `{proxy="a",server="b"}` as it stands behind a name; empty when there are no labels. */
export type LabelText = string;

export class Exposition {
  readonly #parts: string[] = [];
  #name = '';
  /** Written before the first sample; a family without any is left out. */
  #head = '';

  /** Samples that follow are of this family. */
  family(name: string, type: 'gauge' | 'counter', help: string): this {
    this.#name = name;
    this.#head = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
    return this;
  }

  sample(labels: LabelText, value: number): this {
    if (this.#head !== '') {
      this.#parts.push(this.#head);
      this.#head = '';
    }
    this.#parts.push(`${this.#name}${labels} ${writeValue(value)}\n`);
    return this;
  }

  get text(): string {
    return this.#parts.join('');
  }
}

export function labelText(labels: Readonly<Record<string, string>>): LabelText {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** `labels` with one more, whose value needs no escape. */
export function withLabel(labels: LabelText, name: string, value: string): LabelText {
  return `${labels.slice(0, -1)},${name}="${value}"}`;
}

function escaped(value: string): string {
  return /["\\\n]/.test(value)
    ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
    : value;
}

function writeValue(value: number): string {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}
