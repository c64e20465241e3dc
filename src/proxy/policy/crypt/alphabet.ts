// The 64 characters of crypt(3), and how its schemes write bytes with them: groups of three bytes as
// four characters, least significant bits first.

export const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `count` characters for the bits of `value`, least significant first. */
export function lettersOf(value: number, count: number): string {
  let out = '';
  let rest = value;
  for (let i = 0; i < count; i += 1) {
    out += ALPHABET[rest & 0x3f];
    rest >>>= 6;
  }
  return out;
}

/** The bytes of `digest` at `order`, three by three; the last group may be shorter. */
export function lettersOfBytes(digest: Uint8Array, order: readonly number[]): string {
  let out = '';
  for (let i = 0; i < order.length; i += 3) {
    const places = order.slice(i, i + 3);
    const value = places.reduce((sum, place) => (sum << 8) | (digest[place] as number), 0);
    out += lettersOf(value, places.length + 1);
  }
  return out;
}
