import { describe, expect, it } from 'vitest';
import { MAX_PASSWORD_BYTES, verifyCrypt } from '../../../src/proxy/policy/crypt/verify.ts';

/** Passwords and salts of SHA-crypt.txt by Ulrich Drepper, and others; hashes by glibc's crypt(3). */
const VECTORS: readonly (readonly [string, string])[] = [
  [
    'Hello world!',
    '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  ],
  [
    'Hello world!',
    '$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.',
  ],
  [
    'we have a short salt string but not a short password',
    '$6$rounds=77777$short$WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlcGZelFl5CxtgfiAc0',
  ],
  [
    'the minimum number is still observed',
    '$6$rounds=1000$roundstoolow$kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUNGc0dqbpBYYBaHHrsX.',
  ],
  ['Hello world!', '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'],
  ['Hello world!', '$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA'],
  [
    'a very much longer text to encrypt.  This one even stretches over morethan one line.',
    '$5$rounds=1400$anotherlongsalts$Rx.j8H.h8HjEDGomFU8bDkXm3XIUnzyxf12oP84Bnq1',
  ],
  ['password', 'abJnggxhB/yWI'],
  ['pw', '$1$salt$IXp9zPHZ94CMcVBXaZFPN/'],
  [
    'password',
    '$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.',
  ],
  ['pw', '$5$salt$Oo0nc86Ktkc05wTAggFOZIQJhfxhAZY1mlIogZJN.i.'],
];

describe('verifyCrypt', () => {
  it.each(VECTORS)('%j has the hash %s, and no other password has', (password, hash) => {
    expect(verifyCrypt(Buffer.from(password), hash)).toBe(true);
    for (const other of ['', `${password.slice(0, -1)}?`, `X${password.slice(1)}`]) {
      expect(verifyCrypt(Buffer.from(other), hash)).toBe(false);
    }
  });

  it('counts eight characters of a password for DES, as crypt(3) does', () => {
    expect(verifyCrypt(Buffer.from('password and more'), 'abJnggxhB/yWI')).toBe(true);
  });

  it.each([
    '',
    '*',
    '!',
    'password',
    '$6$',
    '$6$salt',
    '$6$salt$',
    '$2y$10$abcdefghijklmnopqrstuv',
    '$7$salt$x',
    '$6$rounds=999999999$salt$x',
    '$6$rounds=99999999999999999999999$salt$x',
    '::::::::::::.',
    'a\u0000Jnggxhb/yWI',
    `$1$${'s'.repeat(10_000)}$x`,
  ])('lets nobody in by %j', (hash) => {
    for (const password of ['', 'password', hash]) {
      expect(verifyCrypt(Buffer.from(password), hash)).toBe(false);
    }
  });

  it('does not even try very long passwords, nor those with a zero byte', () => {
    const [password, hash] = ['pw', '$1$salt$IXp9zPHZ94CMcVBXaZFPN/'];
    expect(verifyCrypt(Buffer.from(`${password}\0`), hash)).toBe(false);
    expect(verifyCrypt(Buffer.alloc(MAX_PASSWORD_BYTES + 1, 'x'), hash)).toBe(false);
  });
});
