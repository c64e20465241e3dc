import { describe, expect, it } from 'vitest';
import { type Definition, readDefinition } from '../../../src/cli/commands/definition.ts';
import { readDeployOptions } from '../../../src/options/deploy-command.ts';

function definition(app: object): Definition {
  const read = readDefinition(JSON.stringify(app));
  if (typeof read === 'string') throw new Error(read);
  return read;
}

const LABELS = { HAPROXY_0_PORT: '10080' };

describe('the definition of a deployment', () => {
  it.each([
    ['/shop', ['/shop-blue', '/shop-green'], false],
    ['shop', ['/shop-blue', '/shop-green'], false],
    ['/zdd/green', ['/zdd/blue', '/zdd/green'], true],
    ['/shop-blue', ['/shop-blue', '/shop-green'], true],
    ['/evergreen', ['/evergreen-blue', '/evergreen-green'], false],
  ])('%s can be deployed as %j', (id, colours, namesColour) => {
    expect(definition({ id, labels: LABELS })).toMatchObject({ colours, namesColour });
  });

  it.each([
    [{ labels: LABELS, ports: [9000] }, 10_080],
    [{ ports: [9000] }, 9000],
    [{ portDefinitions: [{ port: 9001 }] }, 9001],
    [{ container: { portMappings: [{ servicePort: 9002 }] } }, 9002],
    [{ container: { docker: { portMappings: [{ servicePort: 9003 }] } } }, 9003],
  ])('%j is reached by port %i, which Marathon need not give to both colours', (app, port) => {
    const read = definition({ id: '/shop', ...app });
    expect(read.port).toBe(port);
    expect(read.body).toMatchObject({ labels: { HAPROXY_0_PORT: String(port) } });
    const { labels: _, ...others } = read.body;
    expect(JSON.stringify(others)).not.toMatch(/90\d\d/);
  });

  it('is known again by its content, whatever the order of its keys', () => {
    const digest = (app: object) =>
      Reflect.get(Object(definition(app).body['labels']), 'teal.deployment');
    const a = digest({ id: '/shop', cpus: 1, labels: LABELS });
    expect(a).toMatch(/^[0-9a-f]{16}$/);
    expect(digest({ labels: LABELS, cpus: 1, id: '/shop' })).toBe(a);
    expect(digest({ labels: LABELS, cpus: 2, id: '/shop' })).not.toBe(a);
  });

  it('loses the labels by which zdd.py would share the requests', () => {
    const labels = {
      ...LABELS,
      HAPROXY_DEPLOYMENT_GROUP: 'shop',
      HAPROXY_DEPLOYMENT_ALT_PORT: '1',
    };
    expect(Object.keys(Object(definition({ id: '/shop', labels }).body['labels']))).toEqual([
      'HAPROXY_0_PORT',
      'teal.deployment',
    ]);
  });

  it.each([
    ['{', /expected JSON/],
    ['[]', /'id'/],
    ['{"id":"/Shop"}', /'id'/],
    ['{"id":"/shop"}', /HAPROXY_0_PORT/],
    ['{"id":"/shop","labels":{"HAPROXY_0_PORT":"70000"}}', /HAPROXY_0_PORT/],
    ['{"id":"/shop","instances":0,"labels":{"HAPROXY_0_PORT":"80"}}', /'instances'/],
  ])('%s is none: one line says why', (text, message) => {
    expect(readDefinition(text)).toMatch(message);
  });
});

describe('the command line of a deployment', () => {
  it('has canary steps below 100 only: the last one is the cut-over', () => {
    const canaryOf = (...args: string[]) => {
      const options = readDeployOptions(['app.json', ...args], {});
      return options === 'help' ? null : options.canary;
    };
    expect(canaryOf()).toEqual([]);
    expect(canaryOf('--canary', '5,25,50,100')).toEqual([5, 25, 50]);
  });

  it.each([
    [[], /needs a file/],
    [['a', 'b'], /'b' is not expected/],
    [['a', '--canary', '50,25'], /ascending/],
    [['a', '--canary', '5,x'], /ascending/],
    [['a', '--canary', '5,500'], /ascending/],
    [['a', '--keep-old', '--delete-old'], /not both/],
  ])('%j is refused', (args, message) => {
    expect(() => readDeployOptions(args, {})).toThrow(message);
  });
});
