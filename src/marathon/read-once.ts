// One look at Marathon, without a source that follows it.

import { MarathonClient, type MarathonClientOptions } from './client.ts';
import { HostAddresses, hostsOf } from './host-addresses.ts';
import type { AppList } from './source.ts';

/** Throws SourceError. */
export async function readOnce(options: MarathonClientOptions): Promise<AppList> {
  const client = new MarathonClient(options);
  const hosts = new HostAddresses(() => {});
  try {
    const { apps, problems } = await client.fetchApps(new AbortController().signal);
    const addresses = await hosts.resolve(hostsOf(apps));
    return { apps, problems, addresses };
  } finally {
    hosts.close();
    await client.close();
  }
}
