import { describe, expect, it } from 'vitest';
import { readServeOptions } from '../../src/options/serve-options.ts';

const read = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const options = readServeOptions('sse', ['--group', 'external', ...args], env);
  if (typeof options === 'string') throw new Error('expected options');
  return options.peers;
};

describe('--peer', () => {
  it('names one instance, or all addresses of a name; the port is the stats port', () => {
    expect(
      read(['--peer', 'edge-2=http://10.0.6.2:9090', '--peer', 'http://edges.example/']),
    ).toEqual([
      { name: 'edge-2', url: 'http://10.0.6.2:9090' },
      { name: '', url: 'http://edges.example:9090' },
    ]);
  });

  it('is TEAL_PEERS where it is not given', () => {
    const env = { TEAL_PEERS: 'a=http://a:1, http://b:2\n  c=http://[fd00::1]:80' };
    expect(read([], env)).toEqual([
      { name: 'a', url: 'http://a:1' },
      { name: '', url: 'http://b:2' },
      { name: 'c', url: 'http://[fd00::1]:80' },
    ]);
    expect(read(['--peer', 'x=http://x:3'], env)).toEqual([{ name: 'x', url: 'http://x:3' }]);
    expect(read([])).toEqual([]);
  });

  it.each([
    [['--peer', 'edge-2'], /--peer 'edge-2': expected a URL/],
    [['--peer', 'https://a:1'], /expected a URL such as http:/],
    [['--peer', 'http://user:secret@a:1'], /expected a URL/],
    [['--peer', 'http://a:1/path'], /expected a URL/],
    [['--peer', '=http://a:1'], /expected a name of letters/],
    [['--peer', '../x=http://a:1'], /expected a URL/],
    [['--peer', 'a b=http://a:1'], /expected a name of letters/],
    [['--peer', '.a=http://a:1'], /expected a name of letters/],
    [['--peer', `${'a'.repeat(101)}=http://a:1`], /expected a name of letters/],
    [['--peer', 'a=http://a:1', '--peer', 'a=http://b:1'], /the name is given twice/],
  ])('%j is wrong', (args, message) => {
    expect(() => read(args)).toThrow(message);
  });

  it('says which variable is wrong', () => {
    expect(() => read([], { TEAL_PEERS: 'nowhere' })).toThrow(/^TEAL_PEERS 'nowhere': expected/);
  });
});
