import { describe, expect, it } from 'vitest';
import { readPeerPath } from '../../src/admin/peers/peer-path.ts';

const P = '/_teal/peers';

describe('what is asked of a peer', () => {
  it.each([
    ['GET', '/metrics?scope=global', 'read'],
    ['GET', '/_teal', 'read'],
    ['GET', '/_teal/', 'read'],
    ['GET', '/_teal/status', 'read'],
    ['GET', '/_teal/services/%2Fzdd%2Fblue', 'read'],
    ['GET', '/_teal/services/*:10080', 'read'],
    ['GET', '/_teal/services/10080/drained?timeout=30', 'wait'],
    ['GET', '/_teal/explain?url=http://a.example/../x&header=A:%20b', 'read'],
    ['GET', '/_teal/events', 'stream'],
    ['GET', '/_teal/page/main.js', 'read'],
    ['GET', '/teal.css?0123456789ab', 'read'],
    ['GET', '/_teal/peers', 'read'],
    ['GET', '/_haproxy_getconfig', 'read'],
    ['GET', '/_teal/orders', 'read'],
    ['POST', '/_teal/orders', 'order'],
    ['POST', '/haproxy?stats', 'order'],
    ['POST', '/haproxy?stats;up', 'order'],
  ])('%s %s is passed on as it stands', (method, target, kind) => {
    expect(readPeerPath(method, `${P}/edge-2${target}`)).toMatchObject({
      peer: 'edge-2',
      target,
      kind,
    });
  });

  it.each([
    ['GET', '/haproxy?stats', 'read'],
    ['HEAD', '/haproxy?stats;csv;scope=blue', 'read'],
    ['GET', '/_teal/events?stats;scope=blue', 'stream'],
  ])('%s %s tells the page that it is seen through another instance', (method, target, kind) => {
    expect(readPeerPath(method, `${P}/edge-2${target}`)).toMatchObject({
      target: `${target};through`,
      kind,
    });
  });

  it('waits for a drain as long as the question says', () => {
    const asked = readPeerPath('GET', `${P}/a/_teal/services/10080/drained?timeout=600`);
    expect(asked).toMatchObject({ kind: 'wait', waitMs: 600_000 });
  });

  it.each([
    '/',
    '/haproxy?stats',
    '/_teal/peers',
    '/_teal/peers?x',
    '/_teal/peersx/a/b',
    '/metrics',
  ])('%s is of this instance itself', (target) => {
    expect(readPeerPath('GET', target)).toBeNull();
  });

  it.each(['', '/'])('shows the page for the bare name and %j', (rest) => {
    expect(readPeerPath('GET', `${P}/edge-2${rest}`)).toMatchObject({
      status: 302,
      headers: { location: `${P}/edge-2/haproxy?stats` },
    });
  });

  it.each([
    // Signals are carried out for a GET: nobody gives them from afar.
    ['GET', '/_mlb_signal/hup', 404],
    ['GET', '/_mlb_signal/usr1', 404],
    ['GET', '/nowhere', 404],
    ['GET', '/_teal/nowhere', 404],
    ['GET', '/_tealx', 404],
    ['GET', '/haproxy', 404],
    ['GET', '/haproxy?statsx'.slice(0, 13), 404],
    ['GET', '//haproxy?stats', 404],
    ['GET', '/http://elsewhere/', 404],
    ['GET', '/_teal/services/', 404],
    ['GET', '/_teal/services//drained', 404],
    ['GET', '/_teal/page/../status', 400],
    ['GET', '/_teal/page/MAIN.js', 404],
    ['GET', '/../_mlb_signal/hup', 400],
    ['GET', '/./haproxy?stats', 400],
    ['GET', '/%2e%2e/_mlb_signal/hup', 400],
    ['GET', '/_teal/services/..%2f..%2f_mlb_signal%2fhup', 400],
    ['GET', '/_teal/services/%2E%2E%5c_mlb_signal', 400],
    ['GET', '/_teal/services/%', 400],
    ['GET', '/_teal/services/%ff', 400],
    ['GET', '/_teal/services/a\\..\\b', 400],
    ['GET', '/_teal/status#x', 400],
    ['GET', '/_teal/status\u0000', 400],
    ['GET', '/_teal/status\r\nHost: x', 400],
    ['GET', '/_teal/status ', 400],
    ['GET', '/_teal/stat\u00fcs', 400],
    ['PUT', '/_teal/orders', 405],
    ['DELETE', '/_teal/status', 405],
    ['OPTIONS', '/_teal/status', 405],
    ['TRACE', '/haproxy?stats', 405],
    ['CONNECT', '/haproxy?stats', 405],
    [undefined, '/haproxy?stats', 405],
    ['POST', '/_teal/status', 405],
    ['POST', '/metrics', 405],
    ['POST', '/_teal/orders/', 404],
    ['get', '/haproxy?stats', 405],
  ])('%s %j is not passed on', (method, target, status) => {
    expect(readPeerPath(method, `${P}/edge-2${target}`)).toMatchObject({ status });
  });

  it.each([`${P}/`, `${P}//haproxy?stats`, `${P}/?x`])('%s names no peer', (target) => {
    expect(readPeerPath('GET', target)).toMatchObject({ status: 404 });
  });

  it.each(['\r', '\n', '\u0000', '\u00e9', ' '])('a name with %j in it is no name', (character) => {
    expect(readPeerPath('GET', `${P}/a${character}b`)).toMatchObject({ status: 400 });
  });

  it('asks a peer of a peer from here, never through a chain', () => {
    const target = `${P}/a${P}/b${P}/a/haproxy?stats`;
    expect(readPeerPath('GET', target)).toMatchObject({
      status: 302,
      headers: { location: `${P}/b${P}/a/haproxy?stats` },
    });
    expect(readPeerPath('POST', `${P}/a${P}/b/_teal/orders`)).toMatchObject({ status: 405 });
  });
});
