// What the fields of a request head say, each read once and strictly: framing, host, the wishes for
// the connection. Where two fields could be read as one or the other, neither is believed.

import { ConnectionOptions, listMembers } from './connection-options.ts';
import { equalsIgnoringCase, FIELD, Fields, type HeadFault, readLength } from './fields.ts';
import { CHUNKED, NO_BODY } from './framing.ts';

export class RequestFields {
  readonly fields = new Fields();
  readonly connection = new ConnectionOptions();
  /** NO_BODY, a length > 0, or CHUNKED. */
  framing = NO_BODY;
  /** Value of Upgrade, several lines joined; empty when absent. */
  upgrade = '';
  /** Expect says 100-continue. */
  expectsContinue = false;
  /** Value of X-Marathon-App-Id; empty when absent. */
  appId = '';
  /** X-Forwarded-For as received, several lines joined by `, `; empty when absent. */
  forwardedFor = '';
  /** Places among `fields`; -1 = absent. */
  hostAt = -1;
  /** First TE field that asks for trailers. */
  trailersAt = -1;
  #lengthAt = -1;
  #appAt = -1;
  #isHttp11 = true;

  reset(): void {
    this.connection.reset();
    this.framing = NO_BODY;
    this.upgrade = '';
    this.expectsContinue = false;
    this.appId = '';
    this.forwardedFor = '';
    this.hostAt = -1;
    this.trailersAt = -1;
    this.#lengthAt = -1;
    this.#appAt = -1;
  }

  /**
   * Reads the lines of `head`, which begins at `bytes[base]`, from `from` up to its empty line. Returns
   * null when they are sound.
   */
  read(
    head: string,
    bytes: Uint8Array,
    base: number,
    from: number,
    isHttp11: boolean,
    maxFields: number,
  ): HeadFault | null {
    const { fields } = this;
    this.#isHttp11 = isHttp11;
    const fault = fields.read(bytes, base, from, head.length - 2, maxFields);
    if (fault !== null) return fault;
    for (let i = 0; i < fields.count; i += 1) {
      const kind = fields.kinds[i] as number;
      if (kind === FIELD.other) continue;
      const fieldFault = this.#readField(head, i, kind);
      if (fieldFault !== null) return fieldFault;
    }
    return null;
  }

  #readField(head: string, i: number, kind: number): HeadFault | null {
    const { fields } = this;
    switch (kind) {
      case FIELD.host:
        if (this.hostAt !== -1) return 'two-hosts';
        this.hostAt = i;
        return null;
      case FIELD.contentLength:
        return this.#readLength(head, i);
      case FIELD.transferEncoding:
        return this.#readEncoding(fields.value(head, i));
      case FIELD.connection:
        this.connection.add(fields.value(head, i));
        return null;
      case FIELD.upgrade:
        this.upgrade = joined(this.upgrade, fields.value(head, i));
        return null;
      case FIELD.expect:
        return this.#readExpectation(head, i);
      case FIELD.xForwardedFor:
        this.forwardedFor = joined(this.forwardedFor, fields.value(head, i));
        return null;
      case FIELD.marathonAppId:
        // It routes: a server behind us might believe the other one.
        if (this.#appAt !== -1) return 'two-app-ids';
        this.#appAt = i;
        this.appId = fields.value(head, i);
        return null;
      case FIELD.te:
        if (this.trailersAt === -1 && listMembers(fields.value(head, i)).includes('trailers')) {
          this.trailersAt = i;
        }
        return null;
      default:
        return null;
    }
  }

  #readLength(head: string, i: number): HeadFault | null {
    // RFC 9110 §8.6 would let equal ones pass; nobody honest sends two.
    if (this.#lengthAt !== -1) return 'two-lengths';
    if (this.framing === CHUNKED) return 'length-and-encoding';
    const { fields } = this;
    const from = fields.valueStarts[i] as number;
    const length = readLength(head, from, fields.valueEnds[i] as number);
    if (length < 0) return 'bad-length';
    this.#lengthAt = i;
    // A zero length is no body, but it stays in the head: the server is told explicitly (B022).
    this.framing = length;
    return null;
  }

  #readEncoding(value: string): HeadFault | null {
    if (!this.#isHttp11) return 'encoding-in-1.0';
    if (this.framing === CHUNKED) return 'two-encodings';
    if (this.#lengthAt !== -1) return 'length-and-encoding';
    if (value.toLowerCase() !== 'chunked') return 'bad-encoding';
    this.framing = CHUNKED;
    return null;
  }

  #readExpectation(head: string, i: number): HeadFault | null {
    // RFC 9110 §10.1.1: in HTTP/1.0 the field is ignored; it does not go upstream either, where the
    // request is one of 1.1.
    if (!this.#isHttp11) return null;
    const { fields } = this;
    const from = fields.valueStarts[i] as number;
    if (!equalsIgnoringCase(head, from, fields.valueEnds[i] as number, '100-continue')) {
      return 'unknown-expectation';
    }
    this.expectsContinue = true;
    return null;
  }
}

/** Two values of one list field as one. */
function joined(list: string, value: string): string {
  if (list === '') return value;
  return value === '' ? list : `${list}, ${value}`;
}
