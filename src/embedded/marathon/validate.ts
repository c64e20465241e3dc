// What Marathon refuses in an app that has the right shape. The texts are Marathon's own: clients show them.

import type { Violation } from './api-error.ts';
import { type AppRequest, type HealthCheck, servicePorts, wantedPorts } from './app-definition.ts';
import { idProblem } from './app-path.ts';
import { isObject } from './json.ts';

const MARATHON_LEVEL = ['HTTP', 'HTTPS', 'TCP'];

function repeated(values: readonly (string | number)[]): boolean {
  return new Set(values).size < values.length;
}

function* idViolations(app: AppRequest): Iterable<Violation> {
  const problem = idProblem(app.id);
  if (problem !== null) yield { path: '/id', errors: [problem] };
}

function* commandViolations(app: AppRequest): Iterable<Violation> {
  const command = (app.cmd === undefined ? 0 : 1) + (app.args === undefined ? 0 : 1);
  const needed = app.container?.docker === undefined ? command !== 1 : command > 1;
  if (needed) {
    yield {
      path: '/',
      errors: ["AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'."],
    };
  }
}

function* portViolations(app: AppRequest): Iterable<Violation> {
  const ports = wantedPorts(app);
  const place = app.portDefinitions === undefined ? '/container/portMappings' : '/portDefinitions';
  if (repeated(ports.map((port) => port.name).filter((name) => name !== ''))) {
    yield { path: place, errors: ['Port names must be unique.'] };
  }
  if (
    app.portDefinitions !== undefined &&
    repeated(servicePorts(app).filter((port) => port !== 0))
  ) {
    yield { path: place, errors: ['Ports must be unique.'] };
  }
}

function healthCheckErrors(check: HealthCheck, app: AppRequest): readonly string[] {
  const errors: string[] = [];
  if (check.protocol === 'COMMAND') {
    if (check.command === undefined) errors.push('Health check of type COMMAND needs a command.');
    return errors;
  }
  if (check.port !== undefined && check.portIndex !== undefined) {
    errors.push('Health check must specify either a port or a portIndex.');
  }
  const index = check.portIndex;
  const outside = index !== undefined && index >= wantedPorts(app).length;
  const missing = index === undefined && check.port === undefined;
  if ((outside || missing) && MARATHON_LEVEL.includes(check.protocol)) {
    errors.push(
      'Health check port indices must address an element of the ports array or container port mappings.',
    );
  }
  return errors;
}

function* checkViolations(app: AppRequest): Iterable<Violation> {
  const checks = app.healthChecks ?? [];
  for (const [index, check] of checks.entries()) {
    const errors = healthCheckErrors(check, app);
    if (errors.length > 0) yield { path: `/healthChecks(${index})`, errors };
  }
  if (checks.filter((check) => !MARATHON_LEVEL.includes(check.protocol)).length > 1) {
    yield {
      path: '/healthChecks',
      errors: ['AppDefinition can contain at most one Mesos health check'],
    };
  }
  const readiness = app.readinessChecks ?? [];
  if (readiness.length > 1) {
    yield {
      path: '/readinessChecks',
      errors: ['readinessChecks must not contain more than one readiness check'],
    };
  }
  for (const [index, check] of readiness.entries()) {
    const path = `/readinessChecks(${index})`;
    if (check.timeoutSeconds >= check.intervalSeconds) {
      yield { path: `${path}/timeoutSeconds`, errors: ['Timeout must be less than interval'] };
    }
    if (!wantedPorts(app).some((port) => port.name === check.portName)) {
      yield { path: `${path}/portName`, errors: ['portName must be a name of a port of the app'] };
    }
  }
}

function* strategyViolations(app: AppRequest): Iterable<Violation> {
  const strategy = app.upgradeStrategy;
  for (const key of ['maximumOverCapacity', 'minimumHealthCapacity'] as const) {
    const path = `/upgradeStrategy/${key}`;
    if (strategy[key] > 1) yield { path, errors: ['is greater than 1'] };
    if (strategy[key] < 0) yield { path, errors: ['is less than 0'] };
  }
  if (app.labels['MARATHON_SINGLE_INSTANCE_APP'] === 'true') {
    if (app.instances > 1) {
      yield { path: '/instances', errors: ['is greater than 1'] };
    }
    if (strategy.maximumOverCapacity !== 0 || strategy.minimumHealthCapacity !== 0) {
      yield { path: '/upgradeStrategy', errors: ['must be 0 for a single instance app'] };
    }
  }
  const unreachable = app.unreachableStrategy;
  if (isObject(unreachable)) {
    const inactive = Number(unreachable['inactiveAfterSeconds']);
    const expunge = Number(unreachable['expungeAfterSeconds']);
    if (inactive > expunge) {
      const errors = [
        `inactiveAfterSeconds (${inactive}) must be less or equal to expungeAfterSeconds, which is ${expunge}`,
      ];
      yield { path: '/unreachableStrategy', errors };
    }
  }
}

/** Everything in a normalised app that makes no sense; empty when it may be deployed. */
export function semanticViolations(app: AppRequest): readonly Violation[] {
  return [
    ...idViolations(app),
    ...commandViolations(app),
    ...portViolations(app),
    ...checkViolations(app),
    ...strategyViolations(app),
  ];
}
