// Prometheus' text exposition format 0.0.4: families with HELP and TYPE once, then their samples.
// A large cluster has hundreds of thousands of samples: those of a family become one text at once.

/** `{proxy="a",server="b"}` as it stands behind a name; empty when there are no labels. */
export type LabelText = string;

export class Exposition {
  /** Families that are whole. */
  readonly #families: string[] = [];
  /** Of the present one. */
  #parts: string[] = [];
  #name = '';
  /** Written before the first sample; a family without any is left out. */
  #head = '';

  /** Samples that follow are of this family. */
  family(name: string, type: 'gauge' | 'counter' | 'histogram', help: string): this {
    this.#end();
    this.#name = name;
    this.#head = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
    return this;
  }

  /** `counts` are of the values up to each of `edges` and above the one before, and of those above all. */
  histogram(
    labels: LabelText,
    edges: readonly number[],
    counts: readonly number[],
    sum: number,
  ): this {
    let count = 0;
    counts.forEach((many, place) => {
      count += many;
      const edge = edges[place];
      const le = edge === undefined ? '+Inf' : String(edge);
      this.#write('_bucket', withLabel(labels, 'le', le), count);
    });
    this.#write('_sum', labels, sum);
    this.#write('_count', labels, count);
    return this;
  }

  sample(labels: LabelText, value: number): this {
    this.#write('', labels, value);
    return this;
  }

  #end(): void {
    if (this.#parts.length > 0) this.#families.push(this.#parts.join(''));
    this.#parts = [];
  }

  #write(suffix: '' | '_bucket' | '_sum' | '_count', labels: LabelText, value: number): void {
    if (this.#head !== '') {
      this.#parts.push(this.#head);
      this.#head = '';
    }
    this.#parts.push(`${this.#name}${suffix}${labels} ${writeValue(value)}\n`);
  }

  get text(): string {
    this.#end();
    return this.#families.join('');
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
