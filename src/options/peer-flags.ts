// Which other instances there are: `--peer` and TEAL_PEERS → names and base URLs. Pure.

import { statsPortUrl } from './admin-flags.ts';
import type { Given } from './command-line.ts';
import type { Flag } from './flags.ts';
import { UsageError } from './usage-error.ts';

export interface PeerOption {
  /** Empty = every address of the URL's host is an instance, called by its address. */
  readonly name: string;
  /** Base URL of the stats port. */
  readonly url: string;
}

export const PEER_FLAGS: readonly Flag[] = [
  {
    name: 'peer',
    takes: 'each',
    hint: '[NAME=]URL',
    help: 'stats port of another instance, or of all of them: every address of a URL without NAME is one; else TEAL_PEERS (none)',
  },
];

/** What a peer is called stands in paths: `/_teal/peers/NAME/`. */
export const PEER_NAME = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/;

/** `fromEnvironment`: the same, separated by blanks or commas; counts when no flag is given. Throws UsageError. */
export function readPeers(given: Given, fromEnvironment: string): readonly PeerOption[] {
  const flags = given.get('peer') ?? [];
  const texts =
    flags.length > 0
      ? flags.map((text) => ['--peer', text] as const)
      : fromEnvironment
          .split(/[\s,]+/)
          .filter(Boolean)
          .map((text) => ['TEAL_PEERS', text] as const);
  const peers = texts.map(([where, text]) => readPeer(where, text));
  const names = peers.flatMap(({ name }) => (name === '' ? [] : name));
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined) {
    throw new UsageError(`--peer ${twice}=…: the name is given twice; expected one peer of a name`);
  }
  return peers;
}

function readPeer(where: string, text: string): PeerOption {
  const [, name, url = ''] = /^(?:([^=/]*)=)?(.*)$/s.exec(text) ?? [];
  if (name !== undefined && !PEER_NAME.test(name)) {
    throw new UsageError(
      `${where} '${text}': expected a name of letters, digits, '.', '_', ':' and '-' before the '='`,
    );
  }
  return { name: name ?? '', url: statsPortUrl(where, url) };
}
