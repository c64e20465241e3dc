// Results that are kept as long as what they were made of is there, unchanged: the work of a look at
// Marathon grows with what changed, not with the cluster. What is made must depend on nothing but the
// inputs it is filed with.

interface Entry<Value> {
  readonly inputs: readonly unknown[];
  readonly value: Value;
}

export class Memo<Value> {
  #before: ReadonlyMap<string, Entry<Value>> = new Map();
  #now = new Map<string, Entry<Value>>();

  /** A new round begins: what nobody asked for in the last one is forgotten. */
  begin(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }

  /** The value of the last round if all inputs are the same objects as then, else a new one. */
  get(key: string, inputs: readonly unknown[], make: () => Value): Value {
    const known = this.#now.get(key) ?? this.#before.get(key);
    const entry =
      known !== undefined && isSameList(known.inputs, inputs) ? known : { inputs, value: make() };
    this.#now.set(key, entry);
    return entry.value;
  }
}

/** True if both hold the same objects in the same places. */
export function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let place = 0; place < a.length; place += 1) if (a[place] !== b[place]) return false;
  return true;
}
