// The query of `/_teal/explain` → a question: `url` once, `header` (`Name: value`) any number of times.

import type { Explanation, Question } from '../../plan/explanation.ts';
import type { View } from '../../stats/view.ts';

export type Explain = (plan: View['plan'], question: Question) => Explanation;

const MAX_HEADERS = 100;
const USAGE = 'url=http://host:port/path, as it would be asked for';

export function readQuestion(query: URLSearchParams): Question | { readonly fault: string } {
  const text = query.get('url') ?? '';
  if (text === '') return { fault: `expected ${USAGE}` };
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return { fault: `'${text.slice(0, 200)}' is no http or https URL; expected ${USAGE}` };
  }
  const headers = new Map<string, string>();
  for (const line of query.getAll('header').slice(0, MAX_HEADERS)) {
    const parts = /^([!#$%&'*+.^_`|~0-9a-z-]+):[ \t]*(.*)$/i.exec(line);
    if (parts === null) {
      return { fault: `header '${line.slice(0, 200)}': expected 'Name: value'` };
    }
    const [, name = '', value = ''] = parts;
    headers.set(name.toLowerCase(), value.trim());
  }
  const isEncrypted = url.protocol === 'https:';
  return {
    isEncrypted,
    host: url.hostname.replaceAll(/[[\]]/g, ''),
    port: Number(url.port) || (isEncrypted ? 443 : 80),
    target: `${url.pathname}${url.search}`,
    headers,
  };
}
