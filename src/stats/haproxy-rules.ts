// Rules of a policy in HAProxy's words, a line each. Made for reading: what HAProxy has no word for is a
// comment. Pure; no value can begin a line of its own.

import type {
  Condition,
  Fetch,
  Format,
  HeaderEdit,
  RequestAction,
  RequestRule,
  ResponseAction,
  ResponseRule,
  Test,
} from '../plan/plan.ts';

/** Name of the sample fetch; `()` stands for its argument. */
const FETCHES: Readonly<Record<Fetch['from'], string>> = {
  'client-address': 'src',
  'client-port': 'src_port',
  'listener-address': 'dst',
  'listener-port': 'dst_port',
  encrypted: 'ssl_fc',
  'server-name-indication': 'ssl_fc_sni',
  method: 'method',
  'http-version': 'req.ver',
  target: 'url',
  path: 'path',
  query: 'query',
  host: 'hdr(host),field(1,:)',
  'request-header': 'req.hdr()',
  cookie: 'req.cook()',
  'url-parameter': 'url_param()',
  status: 'status',
  'response-header': 'res.hdr()',
  backend: 'be_name',
  server: 'srv_name',
  'unique-id': 'uuid',
  now: 'date',
  'usable-servers': 'nbsrv',
  'balancer-host': 'hostname',
};

const CONVERTERS: Readonly<Record<Fetch['converters'][number], string>> = {
  lower: 'lower',
  upper: 'upper',
  'url-decode': 'url_dec',
  base64: 'base64',
};

const METHODS: Readonly<Record<Test['match'], string>> = {
  exact: 'str',
  prefix: 'beg',
  suffix: 'end',
  substring: 'sub',
  directory: 'dir',
  domain: 'dom',
  regex: 'reg',
  network: 'ip',
  range: 'int',
  found: 'found',
  true: 'bool',
};

/** One argument: quoted where HAProxy would read more or less into it. */
export function word(text: string): string {
  // Control characters could begin a line, or hide one.
  const plain = text.replace(/\p{Cc}/gu, '?');
  return /^[\w.:/*@%+,=~^-]+$/.test(plain) ? plain : `'${plain.replaceAll("'", "'\\''")}'`;
}

export function requestLine({ action, when, scope }: RequestRule): string {
  const note = scope === 'everywhere' ? '' : `  # on the ${scope} listener only`;
  return `${requestAction(action)}${condition(when)}${note}`;
}

export function responseLine({ action, when }: ResponseRule): string {
  return `${responseAction(action)}${condition(when)}`;
}

function requestAction(action: RequestAction): string {
  switch (action.do) {
    case 'allow':
      return 'http-request allow';
    case 'deny':
      return `http-request deny deny_status ${action.status}`;
    case 'return':
      return `http-request return status ${action.status} content-type ${word(action.contentType)} string ${word(action.body)}`;
    case 'redirect': {
      const drop = action.dropsQuery ? ' drop-query' : '';
      return `http-request redirect ${action.to} ${format(action.value)} code ${action.status}${drop}`;
    }
    case 'set-method':
    case 'set-path':
    case 'set-query':
      return `http-request ${action.do} ${format(action.value)}`;
    case 'set-target':
      return `http-request set-uri ${format(action.value)}`;
    case 'replace-path':
    case 'replace-target': {
      const name = action.do === 'replace-path' ? 'replace-path' : 'replace-uri';
      const flags = action.ignoresCase ? '(?i)' : '';
      return `http-request ${name} ${word(flags + action.pattern)} ${word(action.value)}`;
    }
    case 'strip-prefix':
      return `# http-request: the path loses its prefix ${word(action.prefix)}`;
    case 'limit':
      return `# http-request deny deny_status ${action.status} above ${action.most} ${action.counts} in ${action.periodMs}ms by ${fetch(action.key)}`;
    default:
      return headerEdit('http-request', action);
  }
}

function responseAction(action: ResponseAction): string {
  switch (action.do) {
    case 'deny':
      return 'http-response deny';
    case 'set-status':
      return `http-response set-status ${action.status}`;
    case 'prefix-location':
      return `# http-response: a Location at ${action.hosts.map(word).join(' ') || 'this host'} is put below ${word(action.prefix)}`;
    default:
      return headerEdit('http-response', action);
  }
}

function headerEdit(rules: string, edit: HeaderEdit): string {
  switch (edit.do) {
    case 'del-header':
      return `${rules} del-header ${word(edit.name)}`;
    case 'replace-header':
    case 'replace-value': {
      const flags = edit.ignoresCase ? '(?i)' : '';
      return `${rules} ${edit.do} ${word(edit.name)} ${word(flags + edit.pattern)} ${format(edit.value)}`;
    }
    default:
      return `${rules} ${edit.do} ${word(edit.name)} ${format(edit.value)}`;
  }
}

function format(pieces: Format): string {
  return word(
    pieces
      .map((piece) =>
        typeof piece === 'string' ? piece.replaceAll('%', '%%') : `%[${fetch(piece)}]`,
      )
      .join(''),
  );
}

function fetch({ from, name, converters }: Fetch): string {
  const sample = FETCHES[from].replace('()', `(${name})`);
  return [sample, ...converters.map((converter) => CONVERTERS[converter])].join(',');
}

function condition(when: Condition | null): string {
  if (when === null) return '';
  const any = when.anyOf.map((all) => all.map(test).join(' '));
  return ` ${when.negated ? 'unless' : 'if'} ${any.join(' or ')}`;
}

function test({ fetch: sample, match, values, ignoresCase, negated }: Test): string {
  const parts = [fetch(sample), '-m', METHODS[match], ...(ignoresCase ? ['-i'] : [])];
  return `${negated ? '!' : ''}{ ${[...parts, ...values.map(word)].join(' ')} }`;
}
