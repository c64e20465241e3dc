import { expect, it } from 'vitest';
import type { JsonObject } from '../../../src/embedded/marathon/json.ts';
import { normalizeApp } from '../../../src/embedded/marathon/normalize.ts';
import { taskEnvironment } from '../../../src/embedded/marathon/task-environment.ts';

const VERSION = '2026-01-01T00:00:00.000Z';

function environment(body: JsonObject, ports: readonly number[], inherited = {}) {
  const versionInfo = { lastScalingAt: VERSION, lastConfigChangeAt: VERSION };
  const app = { ...normalizeApp({ id: '/zdd/blue', ...body }), version: VERSION, versionInfo };
  const place = {
    taskId: 'zdd_blue.instance-1._app.1',
    hostname: '127.0.0.1',
    sandbox: '/sandbox',
    slaveId: 's-S0',
    frameworkId: 'f-0000',
    ports,
  };
  return taskEnvironment(app, place, inherited);
}

it('says what the task is and what it may use', () => {
  const body = {
    cpus: 0.1,
    mem: 32,
    container: { docker: { image: 'i', network: 'HOST' } },
    portDefinitions: [],
  };
  expect(environment(body, [])).toEqual({
    MESOS_TASK_ID: 'zdd_blue.instance-1._app.1',
    MESOS_SANDBOX: '/sandbox',
    MESOS_DIRECTORY: '/sandbox',
    MESOS_EXECUTOR_ID: 'zdd_blue.instance-1._app.1',
    MESOS_FRAMEWORK_ID: 'f-0000',
    MESOS_SLAVE_ID: 's-S0',
    MARATHON_APP_ID: '/zdd/blue',
    MARATHON_APP_VERSION: VERSION,
    MARATHON_APP_DOCKER_IMAGE: 'i',
    MARATHON_APP_RESOURCE_CPUS: '0.1',
    MARATHON_APP_RESOURCE_MEM: '32.0',
    MARATHON_APP_RESOURCE_DISK: '0.0',
    MARATHON_APP_RESOURCE_GPUS: '0',
    MARATHON_APP_ENFORCE_GROUP_ROLE: 'FALSE',
    MARATHON_APP_LABELS: '',
    HOST: '127.0.0.1',
  });
});

it('names ports by index, by service port and by name', () => {
  const portDefinitions = [{ port: 10000, name: 'http-api' }, { port: 0 }];
  expect(environment({ cmd: 'x', portDefinitions }, [31007, 31008])).toMatchObject({
    PORT: '31007',
    PORT0: '31007',
    PORT1: '31008',
    PORTS: '31007,31008',
    PORT_10000: '31007',
    'PORT_HTTP-API': '31007',
    PORT_31008: '31008',
  });
});

it('names the ports of a bridged container by their number inside it', () => {
  const container = { portMappings: [{ containerPort: 80 }] };
  const networks = [{ mode: 'container/bridge' }];
  expect(environment({ cmd: 'x', networks, container }, [31007])).toMatchObject({
    PORT0: '31007',
    PORT_80: '31007',
  });
});

it('escapes the names of labels and leaves out those that are too long', () => {
  const labels = { HAPROXY_0_PORT: '10080', 'my.label-x': 'v', long: 'x'.repeat(512) };
  const found = environment({ cmd: 'x', labels }, []);
  expect(found).toMatchObject({
    MARATHON_APP_LABELS: 'HAPROXY_0_PORT MY_LABEL_X',
    MARATHON_APP_LABEL_HAPROXY_0_PORT: '10080',
    MARATHON_APP_LABEL_MY_LABEL_X: 'v',
  });
  expect(found).not.toHaveProperty('MARATHON_APP_LABEL_LONG');
});

it('lets the app have the last word', () => {
  const env = { HOST: 'mine', PORT0: '1', PATH: '/bin', SECRET: { secret: 's' } };
  const found = environment({ cmd: 'x', env }, [31007], { PATH: '/usr/bin', LANG: 'C' });
  expect(found).toMatchObject({ HOST: 'mine', PORT0: '1', PATH: '/bin', LANG: 'C' });
  expect(found).not.toHaveProperty('SECRET');
});
