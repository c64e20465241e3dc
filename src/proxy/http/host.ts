// Hosts as they stand in Host fields, authorities and labels.

/**
 * `name`, `name:port` or `[v6]:port`; what RFC 3986 allows beyond letters, digits and `-._~%` is not.
 * A port beyond 65535 makes `new URL()` throw in the servers behind.
 */
const HOST =
  /^(?:[a-z0-9._~%-]+|\[[0-9a-f:.]+\])(?::(?:\d{0,4}|[0-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5]))?$/i;

/** True if `text` has the shape of a host with an optional port. */
export function isHostShaped(text: string): boolean {
  return text.length <= 300 && HOST.test(text);
}

/** True if both name the same host and port, `defaultPort` standing for none given. */
export function isSameHost(one: string, other: string, defaultPort: string): boolean {
  return one === other || withoutPort(one, defaultPort) === withoutPort(other, defaultPort);
}

function withoutPort(authority: string, defaultPort: string): string {
  const lower = authority.toLowerCase();
  if (lower.endsWith(`:${defaultPort}`)) return lower.slice(0, -defaultPort.length - 1);
  return lower.endsWith(':') ? lower.slice(0, -1) : lower;
}

/** Lower-cased host name for matching: without port and trailing dot. */
export function hostnameOf(authority: string): string {
  const colon = authority.lastIndexOf(':');
  const bracket = authority.lastIndexOf(']');
  let name = colon > bracket ? authority.slice(0, colon) : authority;
  if (name.endsWith('.')) name = name.slice(0, -1);
  return name.toLowerCase();
}
