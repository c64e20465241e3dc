// Paths of apps and groups: `/zdd/blue`. Every id inside the embedded Marathon is absolute.

const SEGMENT = /^(([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])\.)*([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])$/;
// They end the paths of sub-resources, so an app of that name could not be addressed.
const RESERVED: readonly string[] = ['restart', 'tasks', 'versions', '.', '..'];

/** Makes an id absolute: relative ones are taken below `base`, doubled and trailing slashes go. */
export function absoluteId(text: string, base = '/'): string {
  const full = text.startsWith('/') ? text : `${base}/${text}`;
  return `/${full.split('/').filter(Boolean).join('/')}`;
}

/** Why an absolute id cannot name an app or group; null when it can. */
export function idProblem(id: string): string | null {
  const segments = id.split('/').filter(Boolean);
  if (segments.length === 0) return 'must not be the root path';
  if (!segments.every((segment) => SEGMENT.test(segment))) {
    return `must fully match regular expression '${SEGMENT.source}'`;
  }
  const last = segments.at(-1) ?? '';
  return RESERVED.includes(last) ? `must not end with one of ${RESERVED.join(', ')}` : null;
}

/** `/zdd` for `/zdd/blue`, `/` for `/blue`. */
export function parentOf(id: string): string {
  return id.slice(0, id.lastIndexOf('/')) || '/';
}

/** True for everything below `group`, and for the app whose id equals it. */
export function isWithin(id: string, group: string): boolean {
  return group === '/' || id === group || id.startsWith(`${group}/`);
}

/** `zdd_blue`: how instance and task ids begin. */
export function safeId(id: string): string {
  return id.slice(1).replaceAll('/', '_');
}

/** `blue.zdd`: the task's name in Mesos and so in DNS. */
export function discoveryName(id: string): string {
  return id.split('/').filter(Boolean).reverse().join('.');
}
