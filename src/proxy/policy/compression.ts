// Whether a response is compressed for its client, by HAProxy's conditions (haproxy.md §2.8), and what
// its head then says.

import type { CompressionSpec } from '../../plan/plan.ts';
import { type HeadText, trimmedParts } from './head-text.ts';
import type { Subject } from './subject.ts';

export type Algorithm = CompressionSpec['algorithms'][number];

const ETAG = /^(?:W\/)?"[^"]*"$/;

/** The algorithm, `head` saying so; null = it goes as it is. The body must have a length or chunks. */
export function compress(
  { algorithms, types }: CompressionSpec,
  { request, status }: Subject,
  head: HeadText,
): Algorithm | null {
  if (request.method === 'HEAD' || status < 200 || status > 203) return null;
  const algorithm = acceptedOf(algorithms, request.head.values('accept-encoding'));
  if (algorithm === null || !isCompressible(head, types)) return null;
  const etag = head.first('etag') ?? '';
  // The same entity in another form is not the same bytes.
  if (etag !== '' && !etag.startsWith('W/')) head.rewrite('etag', () => `W/${etag}`);
  for (const name of ['content-length', 'transfer-encoding', 'trailer']) head.remove(name);
  head.add('Content-Encoding', algorithm);
  head.add('Transfer-Encoding', 'chunked');
  head.add('Vary', 'Accept-Encoding');
  return algorithm;
}

function isCompressible(head: HeadText, types: readonly string[]): boolean {
  if (head.first('content-encoding') !== null) return false;
  const control = head.values('cache-control').flatMap((value) => trimmedParts(value, ','));
  if (control.some((directive) => directive.toLowerCase() === 'no-transform')) return false;
  const etags = head.values('etag');
  if (etags.length > 1 || !etags.every((etag) => ETAG.test(etag))) return false;
  const type = (head.first('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type.startsWith('multipart/')) return false;
  return types.length === 0 || types.includes(type);
}

/** The one the client likes best; at equal liking the first of `algorithms`. */
function acceptedOf(algorithms: readonly Algorithm[], fields: readonly string[]): Algorithm | null {
  const codings = fields.flatMap((value) => trimmedParts(value, ',')).map(codingOf);
  let best: Algorithm | null = null;
  let most = 0;
  for (const algorithm of algorithms) {
    const named = codings.find(({ name }) => name === algorithm);
    const { quality } = named ?? codings.find(({ name }) => name === '*') ?? { quality: 0 };
    if (quality > most) {
      most = quality;
      best = algorithm;
    }
  }
  return best;
}

function codingOf(text: string): { readonly name: string; readonly quality: number } {
  const [name = '', ...parameters] = trimmedParts(text, ';');
  const weight = parameters.find((one) => /^q=/i.test(one));
  const quality = weight === undefined ? 1 : Number(weight.slice(2));
  // A weight that is none is no wish.
  return { name: name.toLowerCase(), quality: quality >= 0 && quality <= 1 ? quality : 0 };
}
