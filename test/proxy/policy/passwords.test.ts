import { afterEach, describe, expect, it } from 'vitest';
import { SILENT } from '../../../src/log/logger.ts';
import { type Asker, Passwords, type Verdict } from '../../../src/proxy/policy/passwords.ts';
import { PASSWORD_PROGRAM } from '../../contract/edge.ts';

const HASH = '$1$salt$IXp9zPHZ94CMcVBXaZFPN/';
const RIGHT = Buffer.from('pw');
let passwords = new Passwords(PASSWORD_PROGRAM, SILENT);

afterEach(async () => {
  await passwords.close();
  passwords = new Passwords(PASSWORD_PROGRAM, SILENT);
});

/** Asks from an address of its own, if none is given. */
function ask(
  password: Buffer,
  address = password.toString(),
): { asker: Asker; verdict: Promise<Verdict | 'refused'> } {
  let tell: (verdict: Verdict | 'refused') => void = () => {};
  const verdict = new Promise<Verdict | 'refused'>((resolve) => {
    tell = resolve;
  });
  const asker = { address, judged: tell };
  const key = passwords.keyOf(password, HASH);
  if (!passwords.ask(key, { password, hash: HASH }, asker)) tell('refused');
  return { asker, verdict };
}

const known = (password: Buffer) => passwords.known(passwords.keyOf(password, HASH));

describe('passwords', () => {
  it('are verified by a thread, and the verdict is remembered', async () => {
    const wrong = Buffer.from('no');
    expect([known(RIGHT), known(wrong)]).toEqual([null, null]);
    expect(await ask(RIGHT).verdict).toBe('right');
    expect(await ask(wrong).verdict).toBe('wrong');
    expect([known(RIGHT), known(wrong)]).toEqual([true, false]);
    expect(passwords.known(passwords.keyOf(RIGHT, `${HASH}x`))).toBeNull();
  });

  it('are verified once for all who ask at the same time', async () => {
    const all = Array.from({ length: 40 }, () => ask(RIGHT, 'a browser').verdict);
    expect(new Set(await Promise.all(all))).toEqual(new Set(['right']));
  });

  it('of one client wait sixteen at most, of all 64', async () => {
    const greedy = Array.from(
      { length: 18 },
      (_, i) => ask(Buffer.from(`g${i}`), 'greedy').verdict,
    );
    const others = Array.from({ length: 58 }, (_, i) => ask(Buffer.from(`o${i}`)).verdict);
    expect(await Promise.all(greedy)).toEqual([
      ...Array<string>(16).fill('wrong'),
      'refused',
      'refused',
    ]);
    const verdicts = await Promise.all(others);
    expect(verdicts.filter((verdict) => verdict === 'refused')).toHaveLength(10);
    // All places are free again.
    expect(await ask(RIGHT, 'greedy').verdict).toBe('right');
  });

  it('of those who have gone are not verified, and keep no place', async () => {
    const first = ask(Buffer.from('first'));
    for (let i = 0; i < 100; i += 1) {
      const password = Buffer.from(`gone${i}`);
      const { asker } = ask(password, 'one');
      passwords.forget(passwords.keyOf(password, HASH), asker);
    }
    const last = ask(RIGHT, 'one');
    expect(await Promise.all([first.verdict, last.verdict])).toEqual(['wrong', 'right']);
    expect(known(Buffer.from('gone3'))).toBeNull();
  });

  it('that cannot be verified are never right', async () => {
    passwords = new Passwords('/nowhere/thread.js', SILENT);
    expect(await ask(RIGHT).verdict).toBe('busy');
    expect(known(RIGHT)).toBeNull();
    expect(await ask(RIGHT).verdict).toBe('busy');
  });

  it('that are asked for when it ends are told so', async () => {
    const { verdict } = ask(RIGHT);
    await passwords.close();
    expect(await verdict).toBe('busy');
  });
});
