// A small faithful Marathon in this process: its REST API and event stream, deploying apps as local processes.
// It listens on loopback only, because whoever can talk to it can run commands.

import type { Logger } from '../../log/logger.ts';
import type { MesosTask } from '../mesos-task.ts';
import { AGENT_ADDRESS, createAgent } from './agent.ts';
import type { Api } from './api.ts';
import { Cluster } from './cluster.ts';
import { Deployments } from './deployments.ts';
import { mesosTask } from './discovery.ts';
import { EventBus } from './event-bus.ts';
import { EventStreams } from './event-stream.ts';
import { HealthChecks } from './health-checks.ts';
import { HostPorts } from './host-ports.ts';
import { HttpServer } from './http-server.ts';
import { Instances } from './instances.ts';
import { appRoutes } from './routes-apps.ts';
import { deploymentRoutes } from './routes-deployments.ts';
import { groupRoutes } from './routes-groups.ts';
import { infoRoutes } from './routes-info.ts';
import { taskRoutes } from './routes-tasks.ts';
import { Runner } from './runner.ts';
import { TaskEvents } from './task-events.ts';

export interface EmbeddedMarathonOptions {
  /** 0 = any free port. The address is always 127.0.0.1. */
  readonly port: number;
  /** The agent's host as Marathon says it; 127.0.0.1 when absent. */
  readonly hostname?: string;
  /** From SIGTERM to SIGKILL when the app says nothing; 3000, Mesos' own, when absent. */
  readonly killGraceMs?: number;
  /** First and last host port for tasks; Mesos' own 31000 to 32000 when absent. */
  readonly hostPorts?: readonly [number, number];
  readonly log: Logger;
  /** Called after every change of the RUNNING tasks, with all of them. */
  readonly onTasks?: (tasks: readonly MesosTask[]) => void;
  /** Between heartbeats of the event stream; 10000 when absent. */
  readonly heartbeatMs?: number;
}

export interface EmbeddedMarathon {
  readonly port: number;
  /** The RUNNING tasks. */
  tasks(): readonly MesosTask[];
  /**
   * Kills every task (whole process groups), removes the sandboxes, closes the sockets; resolves when nothing is
   * left. May be called more than once.
   */
  stop(): Promise<void>;
}

function tellOfTasks(
  instances: Instances,
  tasks: () => readonly MesosTask[],
  onTasks: (tasks: readonly MesosTask[]) => void,
): void {
  let told = '';
  instances.onChange(() => {
    const now = tasks();
    const ids = now.map((task) => task.id).join(' ');
    if (ids === told) return;
    told = ids;
    onTasks(now);
  });
}

/** Rejects with the error of listen (its `code` says EADDRINUSE); then nothing is left behind either. */
export async function startEmbeddedMarathon(
  options: EmbeddedMarathonOptions,
): Promise<EmbeddedMarathon> {
  const { log } = options;
  const agent = createAgent(options.hostname ?? AGENT_ADDRESS);
  const bus = new EventBus();
  const events = new TaskEvents(bus, agent);
  const runner = new Runner();
  const ports = new HostPorts(options.hostPorts ?? [31_000, 32_000]);
  const instances = new Instances({
    agent,
    runner,
    ports,
    events,
    log,
    killGraceMs: options.killGraceMs ?? 3000,
    definition: (id) => cluster.apps.get(id),
  });
  const tasks = (): readonly MesosTask[] =>
    instances
      .all()
      .flatMap(({ condition, task }) =>
        condition === 'Running' && task ? [mesosTask(task, agent)] : [],
      );
  // First of all listeners: names must lead to a task before a deployment builds on it.
  if (options.onTasks) tellOfTasks(instances, tasks, options.onTasks);
  const health = new HealthChecks({ instances, runner, bus, events, log });
  const deployments = new Deployments({ instances, health, bus, log });
  const cluster = new Cluster(bus, deployments);

  const address = (): string => `${AGENT_ADDRESS}:${server.port}`;
  const api: Api = { cluster, deployments, instances, bus, agent, address };
  const streams = new EventStreams(bus, options.heartbeatMs);
  const routes = [
    ...infoRoutes(api),
    ...taskRoutes(api),
    ...appRoutes(api),
    ...deploymentRoutes(api),
    ...groupRoutes(api),
  ];
  const server = new HttpServer({ port: options.port, routes, streams, log });

  const stopTasks = async (): Promise<void> => {
    instances.stop();
    health.stop();
    await runner.stop();
  };
  try {
    await server.listen();
  } catch (error) {
    streams.stop();
    await stopTasks();
    throw error;
  }

  const { port } = server;
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await server.stop();
    await deployments.stop();
    await stopTasks();
  };
  return {
    port,
    tasks,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}
