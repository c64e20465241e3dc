// What a route and a policy do with one exchange: whether its request may go on to a server, is
// answered here, or has to wait until a password is verified; and what becomes of the response.
// Redirects come first, as nobody is to send a password in plain; then the networks, the passwords and
// the rules, so that an outsider costs nothing.

import type { AuthSpec } from '../plan/plan.ts';
import { answerableFor } from './aim.ts';
import type { ExchangeClient } from './exchange-client.ts';
import type { ExchangeRequest } from './exchange-request.ts';
import { basicOf } from './policy/basic-auth.ts';
import { type Algorithm, compress } from './policy/compression.ts';
import { HeadText } from './policy/head-text.ts';
import type { Asker, Verdict } from './policy/passwords.ts';
import type { Policy } from './policy/policy.ts';
import { challenge, denial, type Reply, redirection } from './policy/reply.ts';
import type { RequestProgram } from './policy/request-rules.ts';
import { Subject } from './policy/subject.ts';
import type { Runtime } from './runtime.ts';
import { type Colour, serviceAt, type Way } from './table.ts';

export interface ScreeningOwner {
  /** The request may go on (null), or is answered with this. */
  screened(reply: Reply | null): void;
  /** There was no finding out whether the password is right. */
  unscreened(): void;
}

const FORBIDDEN = denial(403);
/** It is to be sent to https, and does not say to which host. */
const NOWHERE = denial(400);

export class Screening implements Asker {
  readonly #runtime: Runtime;
  readonly #client: ExchangeClient;
  readonly #asked: ExchangeRequest;
  readonly #owner: ScreeningOwner;
  #way: Way | null = null;
  #policy: Policy | null = null;
  #subject: Subject | null = null;
  /** Stands for the password that is being verified; empty = none is. */
  #key = '';

  constructor(
    runtime: Runtime,
    client: ExchangeClient,
    asked: ExchangeRequest,
    owner: ScreeningOwner,
  ) {
    this.#runtime = runtime;
    this.#client = client;
    this.#asked = asked;
    this.#owner = owner;
  }

  /** Tells its owner at once, or later. The caller must `end` it once. */
  start(way: Way): void {
    this.#way = way;
    this.#screen(way);
  }

  get address(): string {
    return this.#client.address;
  }

  judged(verdict: Verdict): void {
    const way = this.#way;
    this.#key = '';
    if (way === null) return;
    // By the table of this moment: the colour that is live may be another one now.
    if (verdict === 'busy') this.#owner.unscreened();
    else this.#screen(way);
  }

  /** The response's head as the client is to get it; null = it is refused. */
  edit(text: string, status: number, server: string): string | null {
    const program = this.#policy?.response ?? null;
    const subject = this.#subject;
    if (subject === null) return text;
    subject.status = status;
    if (program === null) return text;
    const head = new HeadText(text);
    subject.response = head;
    subject.server = server;
    return program(subject, head) ? head.toString() : null;
  }

  /** How the response with this head is to be compressed, and its head then; null = it goes as it is. */
  compress(text: string): { readonly text: string; readonly algorithm: Algorithm } | null {
    const spec = this.#policy?.spec.compression ?? null;
    const subject = this.#subject;
    if (spec === null || subject === null) return null;
    const head = new HeadText(text);
    const algorithm = compress(spec, subject, head);
    return algorithm === null ? null : { text: head.toString(), algorithm };
  }

  /** A final status is answered, by a server or in its place. */
  answered(status: number): void {
    this.#subject?.answered(status);
  }

  end(): void {
    if (this.#key !== '') this.#runtime.passwords.forget(this.#key, this);
    this.#subject?.over();
    this.#way = null;
    this.#policy = null;
    this.#subject = null;
    this.#key = '';
  }

  #screen(way: Way): void {
    const reply = this.#replyTo(way);
    if (reply !== 'later') this.#owner.screened(reply);
  }

  #replyTo(way: Way): Reply | 'later' | null {
    if (way.redirectsToHttps && !this.#client.isEncrypted) return this.#toHttps();
    const service = serviceAt(this.#runtime.table, way);
    const colour = answerableFor(service, this.#asked.aim);
    if (colour === null) return null;
    const { policy } = colour;
    if (policy?.networks?.has(this.address) === false) return FORBIDDEN;
    for (const auth of [way.auth, policy?.spec.auth ?? null]) {
      const reply = auth === null ? null : this.#authenticate(auth);
      if (reply !== null) return reply;
    }
    return policy === null ? null : this.#apply(policy, colour);
  }

  #toHttps(): Reply {
    const { text } = this.#asked;
    const host = new HeadText(text).first('host') ?? '';
    const target = text.slice(text.indexOf(' ') + 1, text.indexOf(' HTTP/1.'));
    // `*` is no path of anything.
    return host === '' || target === '*' ? NOWHERE : redirection(301, `https://${host}${target}`);
  }

  #authenticate({ realm, user, hash }: AuthSpec): Reply | 'later' | null {
    const basic = basicOf(new HeadText(this.#asked.text));
    if (basic === null || basic.user !== user || hash === '') return challenge(realm);
    const { passwords } = this.#runtime;
    const key = passwords.keyOf(basic.password, hash);
    const known = passwords.known(key);
    if (known !== null) return known ? null : challenge(realm);
    this.#key = key;
    if (passwords.ask(key, { password: basic.password, hash }, this)) return 'later';
    this.#key = '';
    return denial(503);
  }

  #apply(policy: Policy, colour: Colour): Reply | null {
    const asked = this.#asked;
    this.#policy = policy;
    const subject = new Subject(this.#client, colour, asked.text, asked.isHttp11);
    this.#subject = subject;
    const program = policy.request[this.#client.door];
    const isRead = program !== null || policy.spec.forwardedFor !== null;
    const reply = isRead ? this.#run(program, policy, subject) : null;
    if (reply === null && policy.spec.closesServers) asked.closeServer();
    return reply;
  }

  /**
   * HAProxy adds to X-Forwarded-For after all rules: they see what the client sent, and none of them
   * takes the client's own address away.
   */
  #run(program: RequestProgram | null, policy: Policy, subject: Subject): Reply | null {
    const { head } = subject.request;
    const received = head.first('x-forwarded-for') ?? '';
    head.remove('x-forwarded-for');
    const others = received.slice(0, -this.address.length - 2);
    if (others !== '') head.add('X-Forwarded-For', others);
    const reply = program?.(subject) ?? null;
    if (reply !== null) return reply;
    policy.introduce(this.address, head);
    this.#asked.rewrite(subject.request.toString(), subject.request.method);
    return null;
  }
}
