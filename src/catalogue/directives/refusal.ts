// How a reader says that it does not understand a directive: it throws, and the one loop over all lines
// catches. No Refusal leaves this folder.

export class Refusal extends Error {}

export function refuse(reason: string): never {
  throw new Refusal(reason);
}
