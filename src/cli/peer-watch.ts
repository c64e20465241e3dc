// One peer, asked once a second what it says of itself. Whatever comes back, or does not, is a look;
// nothing is thrown, and one question is open at a time, bounded in time and size.

import { type Agent, request } from 'undici';
import { instanceUri, readInstanceFacts } from '../admin/peers/instance-facts.ts';
import type { PeerLook } from '../stats/peers.ts';
import { oneLine, reasonOf } from './commands/admin-client.ts';

const EVERY_MS = 1_000;
/** Ourselves by another name: only to see whether it still is. */
const SELF_EVERY_MS = 30_000;
const ANSWER_TIMEOUT_MS = 2_000;

export class PeerWatch {
  readonly #agent: Agent;
  readonly #ownId: string;
  readonly #changed: (before: PeerLook, now: PeerLook) => void;
  #look: PeerLook;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  /** `changed` is told when the peer falls silent and when it answers again. */
  constructor(
    peer: Pick<PeerLook, 'name' | 'url'>,
    { agent, ownId }: { readonly agent: Agent; readonly ownId: string },
    changed: (before: PeerLook, now: PeerLook) => void,
  ) {
    this.#look = { ...peer, facts: null, answeredAtMs: 0, silentSinceMs: 0, error: '' };
    this.#agent = agent;
    this.#ownId = ownId;
    this.#changed = changed;
    void this.#ask();
  }

  get look(): PeerLook {
    return this.#look;
  }

  /** Asks nothing any more. */
  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    const askedAtMs = Date.now();
    const said = await this.#read();
    if (this.#isClosed) return;
    const before = this.#look;
    this.#look = after(before, said, askedAtMs);
    if (before.error !== this.#look.error) this.#changed(before, this.#look);
    const isSelf = this.#look.facts?.id === this.#ownId;
    this.#timer = setTimeout(() => void this.#ask(), isSelf ? SELF_EVERY_MS : EVERY_MS);
  }

  async #read(): Promise<Said> {
    try {
      const answer = await request(`${this.#look.url}${instanceUri(this.#look.facts)}`, {
        headers: { accept: 'application/json' },
        dispatcher: this.#agent,
        signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      });
      return { status: answer.statusCode, text: await answer.body.text() };
    } catch (error) {
      return { silent: oneLine(reasonOf(error)).slice(0, MAX_REASON) };
    }
  }
}

type Said =
  | { readonly status: number; readonly text: string }
  /** Why nothing came. */
  | { readonly silent: string };

const MAX_REASON = 200;

function after(before: PeerLook, said: Said, askedAtMs: number): PeerLook {
  if ('silent' in said) {
    return { ...before, silentSinceMs: before.silentSinceMs || askedAtMs, error: said.silent };
  }
  const facts = said.status === 200 ? readInstanceFacts(said.text, before.facts) : null;
  const error =
    facts === null ? `what answers is no Teal that knows peers (status ${said.status})` : '';
  return { ...before, facts, answeredAtMs: Date.now(), silentSinceMs: 0, error };
}
