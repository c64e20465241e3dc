// The value of a PATH label → prefixes of paths. Marathon-LB pastes it behind HAProxy's `path_beg`: flags,
// then words, one of which has to match. A word that no path can begin with is told, never widened. Pure.

export interface PathPrefixes {
  readonly paths: readonly string[];
  readonly ignoresCase: boolean;
  /** Words that match nothing. `meant` is empty when nothing can be guessed. */
  readonly refused: readonly { readonly value: string; readonly meant: string }[];
  /** The label as it should be; empty if nothing is left of it. */
  readonly mended: string;
}

/** What a path on the wire is made of: no blanks, quotes, `#`, `?`, `<`, `>` and backslashes. */
const PATH = /^\/[\x21\x24-\x3b\x3d\x40-\x5b\x5d-\x7e]*$/;
/** Of a longer word it is no use to say what it probably means. */
const MAX_GUESS_LENGTH = 200;

export function readPathPrefixes(label: string): PathPrefixes {
  const words = label.split(/\s+/).filter(Boolean);
  let ignoresCase = false;
  let at = 0;
  for (; words[at]?.startsWith('-'); at += 1) {
    const flag = words[at];
    if (flag !== '-i' && flag !== '--') break;
    if (flag === '-i') ignoresCase = true;
  }
  const paths = new Set<string>();
  const mended = new Set<string>();
  const refused: { value: string; meant: string }[] = [];
  for (const word of words.slice(at)) {
    if (isPath(word)) {
      paths.add(word);
      mended.add(word);
      continue;
    }
    const meant = meantBy(word);
    refused.push({ value: word, meant });
    if (meant !== '') mended.add(meant);
  }
  const flag = ignoresCase && mended.size > 0 ? '-i ' : '';
  return { paths: [...paths], ignoresCase, refused, mended: flag + [...mended].join(' ') };
}

/** True for what the path of a request can begin with. */
export function isPath(text: string): boolean {
  return PATH.test(text);
}

/** Without scheme and host, query and fragment, and as it is written on the wire; empty if that is no path. */
export function meantBy(word: string): string {
  if (word.startsWith('-') || word.length > MAX_GUESS_LENGTH) return '';
  const local = word.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '').replace(/[?#].*$/s, '');
  const url = `http://a.test/${local.replace(/^\/+/, '')}`;
  const path = URL.canParse(url) ? new URL(url).pathname : '';
  return path !== '/' && isPath(path) ? path : '';
}
