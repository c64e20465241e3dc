import { describe, expect, it } from 'vitest';
import { Forwarded } from '../../src/proxy/forwarded.ts';

describe('the forwarded fields', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::1', '::1'],
  ])('show a client at %s as %s', (peer, shown) => {
    expect(new Forwarded(peer, 80, false).lines('')).toBe(
      `X-Forwarded-For: ${shown}\r\nX-Forwarded-Port: 80\r\nX-Forwarded-Proto: http\r\n`,
    );
  });

  it('append to what was received, and name the encrypted port', () => {
    expect(new Forwarded('10.0.0.1', 443, true).lines('1.1.1.1, 2.2.2.2')).toBe(
      'X-Forwarded-For: 1.1.1.1, 2.2.2.2, 10.0.0.1\r\nX-Forwarded-Port: 443\r\nX-Forwarded-Proto: https\r\n',
    );
  });
});
