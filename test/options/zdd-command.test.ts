import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/options/usage-error.ts';
import { readZddOptions, type ZddOptions } from '../../src/options/zdd-command.ts';

const NEEDED = ['-m', 'http://m:8080/', '-l', 'http://lb:9090', '-j', 'app.json'];

function read(...args: readonly string[]): ZddOptions {
  const options = readZddOptions([...NEEDED, ...args], {});
  if (options === 'help') throw new Error('help was not asked for');
  return options;
}

function refusal(args: readonly string[]): UsageError {
  try {
    readZddOptions(args, {});
  } catch (error) {
    if (error instanceof UsageError) return error;
  }
  throw new Error(`${args.join(' ')} is not refused`);
}

describe('the command line of teal zdd', () => {
  it("has zdd.py's defaults", () => {
    expect(read()).toMatchObject({
      json: 'app.json',
      marathon: ['http://m:8080'],
      lbs: ['http://lb:9090'],
      dryRun: false,
      force: false,
      resume: false,
      complete: null,
      stepDelayMs: 5_000,
      maxWaitMs: 300_000,
      initialInstances: 1,
      newInstances: 0,
      linearIncrease: 0,
      preKillHook: '',
      replaced: [],
    });
  });

  it("is read as zdd.py's parser reads it: short, joined, abbreviated, in any order", () => {
    expect(read('-dfr', '-s1', '--max=8', '--init', '2', '-n', '3', '--lin', '1')).toMatchObject({
      dryRun: true,
      force: true,
      resume: true,
      stepDelayMs: 1_000,
      maxWaitMs: 8_000,
      initialInstances: 2,
      newInstances: 3,
      linearIncrease: 1,
    });
    expect(read('-c').complete).toBe('current');
    expect(read('--complete-p').complete).toBe('previous');
    expect(read('--pre', '/bin/hook').preKillHook).toBe('/bin/hook');
  });

  it('says who it is for Marathon in the ways of Marathon-LB', () => {
    expect(read('--marathon-auth', '/file').marathonAccess.credentialFile).toBe('/file');
    expect(read('--auth-credentials', 'me:secret').marathonAccess.login).toEqual({
      kind: 'basic',
      userAndPassword: 'me:secret',
    });
    expect(refusal([...NEEDED, '--dcos-auth-credentials', '{}'])).toMatchObject({ exitCode: 2 });
  });

  it('takes what has no meaning here, and says what takes its place', () => {
    const { replaced } = read('--syslog-socket', '/dev/log', '--log-format', '%s');
    expect(replaced).toEqual([
      '--syslog-socket has no effect: what it does goes to standard error',
      '--log-format has no effect: what it does is told line by line',
    ]);
    expect(read('--syslog-socket', '/dev/null').replaced).toEqual([]);
  });

  it.each<[string, readonly string[], RegExp, number]>([
    ['no Marathon', ['-l', 'http://lb', '-j', 'a'], /--marathon is required/, 2],
    ['no balancer', ['-m', 'http://m', '-j', 'a'], /--marathon-lb is required/, 2],
    ['no definition', ['-m', 'http://m', '-l', 'http://lb'], /--json is required/, 2],
    ['both ways out', [...NEEDED, '-cp'], /not both/, 3],
    ['an unknown flag', [...NEEDED, '--forse'], /did you mean --force\?/, 2],
    ['half a number', [...NEEDED, '-s', '0.5'], /--step-delay '0.5'/, 2],
    ['a balancer without http', [...NEEDED, '-l', 'lb:9090'], /--marathon-lb 'lb:9090'/, 2],
    ['a word too many', [...NEEDED, '-f', 'now'], /'now' is not expected/, 2],
  ])('%s is refused in one line, with its exit code', (_, args, message, exitCode) => {
    const error = refusal(args);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
    expect(error.exitCode).toBe(exitCode);
  });
});
