import { describe, expect, it } from 'vitest';
import { apiReply } from '../../../src/embedded/mesosdns/http-api.ts';
import { makeRecords } from '../../../src/embedded/mesosdns/records.ts';
import { CAPTURED_ZONE, capturedTasks, fixture } from './captured.ts';

const records = makeRecords(capturedTasks(), CAPTURED_ZONE, 1_795_391_410);
const state = { records, zone: CAPTURED_ZONE, dnsPort: 18_053, httpPort: 18_123 };
const get = (target: string, accept?: string) => apiReply({ method: 'GET', target, accept }, state);

interface Captured {
  target: string;
  accept: string | undefined;
  status: number;
  contentType: string;
  body: string;
}

function captured(): Captured[] {
  const blocks = fixture('http.txt').split('##### GET ').slice(1);
  return blocks.map((block) => {
    const [title = ''] = block.split('\n', 1);
    const head = block.slice(0, block.indexOf('\n\n'));
    const length = Number(/Content-Length: (\d+)/.exec(head)?.[1]);
    return {
      target: title.split(' ', 1)[0] ?? '',
      accept: /\(Accept: (.*)\)/.exec(title)?.[1],
      status: Number(/HTTP\/1\.1 (\d+)/.exec(head)?.[1]),
      contentType: /Content-Type: (.*)/.exec(head)?.[1] ?? '',
      body: block.slice(head.length + 2, head.length + 2 + length),
    };
  });
}

describe('the HTTP API', () => {
  const replies = captured();
  const own = ['/v1/version', '/v1/config'];
  const same = replies.filter(({ target }) => target !== '/v1/hosts' && !own.includes(target));

  it('is captured with every path', () => {
    expect(same.length).toBe(10);
  });

  it.each(same)('answers $target as the real one', ({ target, status, contentType, body }) => {
    const reply = get(target);
    expect([reply.status, reply.contentType]).toEqual([status, contentType]);
    // Go's maps come in any order: compared are the octets of the sorted list.
    expect(sortedList(reply.body)).toBe(sortedList(body));
    expect(Buffer.byteLength(reply.body)).toBe(Buffer.byteLength(body));
  });

  it('refuses whoever does not take JSON, as the real one', () => {
    const refusal = replies.find(({ accept }) => accept !== undefined);
    const reply = get('/v1/axfr', refusal?.accept);
    expect([reply.status, reply.body.trim()]).toEqual([406, refusal?.body.trim()]);
    expect(get('/v1/nope', 'text/plain').status).toBe(404);
  });

  it.each(['*/*', 'application/json', 'application/*;q=0.5', 'text/html, application/json', ' '])(
    'answers JSON to Accept: %s',
    (accept) => {
      expect(get('/v1/version', accept).status).toBe(200);
    },
  );

  it('shows its configuration under the real names', () => {
    const real = JSON.parse(replies.find(({ target }) => target === '/v1/config')?.body ?? '');
    const config = JSON.parse(get('/v1/config').body);
    expect(Object.keys(config)).toEqual(Object.keys(real));
    const differing = ['RefreshSeconds', 'Resolvers', 'File'];
    const rest = (all: object) =>
      Object.fromEntries(Object.entries(all).filter(([key]) => !differing.includes(key)));
    expect(rest(config)).toEqual(rest(real));
  });

  it('says that it is a Mesos-DNS and which', () => {
    expect(JSON.parse(get('/v1/version').body)).toEqual({
      Service: 'Mesos-DNS',
      URL: 'https://github.com/mesosphere/mesos-dns',
      Version: 'embedded in Teal',
    });
  });

  it.each([
    ['/v1/hosts/', 404],
    ['/v1/hosts/%', 404],
    ['/v1/hosts/%2e%2e%2f', 404],
    ['/v1/hosts/a/b', 404],
    ['/', 404],
    ['', 404],
    ['http://elsewhere/v1/axfr', 404],
    ['/v1/axfr?x=1', 200],
    [`/v1/services/${'x'.repeat(5_000)}`, 200],
    ['/v1/hosts/__proto__', 200],
  ])('answers %j with %i', (target, status) => {
    expect(get(target).status).toBe(status);
  });

  it('refuses other methods', () => {
    expect(apiReply({ method: 'POST', target: '/v1/axfr', accept: undefined }, state).status).toBe(
      405,
    );
  });

  it('writes what could be markup as Go does', () => {
    const tasks = [
      {
        id: '<b>&',
        name: 'x',
        slaveId: 's-S0',
        agentAddress: '127.0.0.1',
        address: '127.0.0.1',
        ports: [],
      },
    ];
    const { body } = apiReply(
      { method: 'GET', target: '/v1/enumerate', accept: undefined },
      { ...state, records: makeRecords(tasks, CAPTURED_ZONE, 1) },
    );
    expect(body).toContain('\\u003cb\\u003e\\u0026');
    expect(JSON.parse(body).frameworks[0].tasks[0].id).toBe('<b>&');
  });
});

function sortedList(body: string): string {
  if (!body.startsWith('[')) return body;
  const items = JSON.parse(body) as object[];
  return items
    .map((item) => JSON.stringify(item))
    .sort()
    .join('\n');
}
