// Service ports: every 0 becomes a number of the range that stays with the app across its updates.

import { ApiError } from './api-error.ts';
import { type AppRequest, servicePorts } from './app-definition.ts';

const FIRST = 10_000;
const LAST = 20_000;

/**
 * Replaces each service port 0. First come the ports the app's previous definition had and the new one does not
 * mention, then the lowest port in no app's use. Ports that were asked for by number are never checked: two colours
 * of one service may well say the same.
 */
export function assignServicePorts<T extends AppRequest>(
  app: T,
  previous: AppRequest | undefined,
  others: Iterable<AppRequest>,
): T {
  const wanted = servicePorts(app);
  if (!wanted.includes(0)) return app;
  const mentioned = new Set(wanted);
  const reusable = (previous ? servicePorts(previous) : []).filter(
    (port) => port !== 0 && !mentioned.has(port),
  );
  const taken = new Set(mentioned);
  for (const other of others) for (const port of servicePorts(other)) taken.add(port);
  for (const port of reusable) taken.add(port);

  let candidate = FIRST;
  const next = (): number => {
    const kept = reusable.shift();
    if (kept !== undefined) return kept;
    while (taken.has(candidate)) candidate += 1;
    if (candidate > LAST) {
      throw new ApiError(500, `All ports in the range [${FIRST}-${LAST}) are already in use`);
    }
    taken.add(candidate);
    return candidate;
  };

  const mappings = app.container?.portMappings ?? [];
  if (app.container !== undefined && mappings.length > 0) {
    const portMappings = mappings.map((mapping) => ({
      ...mapping,
      servicePort: mapping.servicePort || next(),
    }));
    return { ...app, container: { ...app.container, portMappings } };
  }
  const portDefinitions = (app.portDefinitions ?? []).map((definition) => ({
    ...definition,
    port: definition.port || next(),
  }));
  return { ...app, portDefinitions };
}
