// Networks and ports of an app in canonical form, whichever of Marathon's three generations of fields asked for them.

import type { Violation } from './api-error.ts';
import type { Network, NetworkMode, PortDefinition, PortMapping } from './app-definition.ts';
import type { JsonObject } from './json.ts';
import { child, items, numeric, objects, present, text, textMap } from './read-json.ts';

export interface Networking {
  readonly networks: readonly Network[];
  readonly portMappings: readonly PortMapping[] | undefined;
  readonly portDefinitions: readonly PortDefinition[] | undefined;
}

const DOCKER_NETWORKS: Readonly<Record<string, NetworkMode>> = {
  BRIDGE: 'container/bridge',
  HOST: 'host',
  USER: 'container',
};

function wantedNetworks(body: JsonObject, found: Violation[]): readonly Network[] {
  const explicit = objects(body, 'networks');
  const ipAddress = child(body, 'ipAddress');
  const dockerNetwork = text(child(child(body, 'container') ?? {}, 'docker') ?? {}, 'network');
  if (explicit !== undefined && explicit.length > 0) {
    if (ipAddress !== undefined) refuse(found, '/', 'must not specify both networks and ipAddress');
    if (dockerNetwork !== undefined) {
      refuse(found, '/', 'must not specify both container.docker.network and networks');
    }
    return explicit.map((network) =>
      present<Network>({
        mode: (text(network, 'mode') ?? 'container') as NetworkMode,
        name: text(network, 'name'),
        labels: child(network, 'labels') && textMap(network, 'labels'),
      }),
    );
  }
  if (dockerNetwork === 'NONE') {
    refuse(found, '/container/docker/network', 'network NONE is not supported');
  }
  const mode = dockerNetwork === undefined ? undefined : DOCKER_NETWORKS[dockerNetwork];
  if (mode === 'container' || (mode === undefined && ipAddress !== undefined)) {
    const name = text(ipAddress ?? {}, 'networkName');
    const labels = child(ipAddress ?? {}, 'labels') && textMap(ipAddress ?? {}, 'labels');
    return [present<Network>({ mode: 'container', name, labels })];
  }
  return [{ mode: mode ?? 'host' }];
}

function refuse(found: Violation[], path: string, error: string): void {
  found.push({ path, errors: [error] });
}

function mapping(from: JsonObject, mode: NetworkMode, servicePort: number): PortMapping {
  const hostPort = numeric(from, 'hostPort') ?? (mode === 'container/bridge' ? 0 : undefined);
  return present<PortMapping>({
    containerPort: numeric(from, 'containerPort') ?? 0,
    hostPort,
    labels: textMap(from, 'labels'),
    name: text(from, 'name'),
    protocol: text(from, 'protocol') ?? 'tcp',
    servicePort: numeric(from, 'servicePort') || servicePort,
  });
}

function portMappings(
  body: JsonObject,
  mode: NetworkMode,
  found: Violation[],
): readonly PortMapping[] {
  const container = child(body, 'container') ?? {};
  const current = objects(container, 'portMappings');
  const old = objects(child(container, 'docker') ?? {}, 'portMappings');
  if (current !== undefined && old !== undefined) {
    refuse(found, '/container', 'cannot specify both portMappings and docker.portMappings');
  }
  const discovery = child(child(body, 'ipAddress') ?? {}, 'discovery') ?? {};
  const discovered = objects(discovery, 'ports')?.map((entry) => ({
    ...entry,
    containerPort: entry['number'],
  }));
  const wanted = [...(current ?? old ?? discovered ?? [])];
  const ports = items(body, 'ports') ?? [];
  if (wanted.length === 0 && ports.length === 0) wanted.push({ containerPort: 0, name: 'default' });
  while (wanted.length < ports.length) wanted.push({ containerPort: 0 });
  return wanted.map((entry, index) => {
    const servicePort = ports[index];
    return mapping(entry, mode, typeof servicePort === 'number' ? servicePort : 0);
  });
}

function portDefinitions(body: JsonObject, found: Violation[]): readonly PortDefinition[] {
  const explicit = objects(body, 'portDefinitions');
  const ports = items(body, 'ports');
  if (explicit === undefined && ports === undefined) {
    return [{ port: 0, name: 'default', protocol: 'tcp' }];
  }
  const definitions = (explicit ?? (ports ?? []).map((port) => ({ port }))).map((entry) => {
    const labels = textMap(entry, 'labels');
    return present<PortDefinition>({
      port: numeric(entry, 'port') ?? 0,
      labels: Object.keys(labels).length > 0 ? labels : undefined,
      name: text(entry, 'name'),
      protocol: text(entry, 'protocol') ?? 'tcp',
    });
  });
  const equivalent = ports?.every((port, index) => port === definitions[index]?.port) ?? true;
  if (!equivalent || (ports !== undefined && ports.length !== definitions.length)) {
    refuse(found, '/', 'cannot specify both ports and port definitions');
  }
  return definitions;
}

/** Reads networks and ports; what contradicts itself is added to `found`. */
export function normalizeNetworking(body: JsonObject, found: Violation[]): Networking {
  const networks = wantedNetworks(body, found);
  const mode = networks[0]?.mode ?? 'host';
  if (new Set(networks.map((network) => network.mode)).size > 1) {
    refuse(found, '/networks', 'must not mix different modes of networks');
  }
  if (mode === 'host') {
    const explicitNetworks = (objects(body, 'networks')?.length ?? 0) > 0;
    const mapped = objects(child(body, 'container') ?? {}, 'portMappings') ?? [];
    // The old API let them stand beside network HOST and never used them.
    if (explicitNetworks && mapped.length > 0) {
      refuse(found, '/container', 'portMappings are not allowed with host-networking');
    }
    const definitions = portDefinitions(body, found);
    return { networks, portMappings: undefined, portDefinitions: definitions };
  }
  if (objects(body, 'portDefinitions') !== undefined) {
    refuse(found, '/portDefinitions', 'portDefinitions are only allowed with host-networking');
  }
  if (mode === 'container' && networks.some((network) => !network.name)) {
    refuse(
      found,
      '/networks',
      'Network name must be specified when container network is selected.',
    );
  }
  return { networks, portMappings: portMappings(body, mode, found), portDefinitions: undefined };
}
