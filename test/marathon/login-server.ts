// A DC/OS login endpoint on port 0 that checks what it is sent as the real one does, and sells tokens
// that are good as long as the test says.

import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

export const PRIVATE_KEY = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
export const UID = 'teal-principal';

export class LoginServer {
  /** Seconds a token is good for. */
  lifeSeconds = 3_600;
  /** Where the token stands. */
  sells: 'cookie' | 'json' | 'nothing' = 'cookie';
  /** Answers with this instead, when not 0. */
  status = 0;
  readonly sold: string[] = [];
  /** What was wrong with a request: empty is good. */
  readonly faults: string[] = [];
  asked = 0;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<LoginServer> {
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      request.on('end', () => {
        login.asked += 1;
        const fault =
          request.method === 'POST' && request.headers['content-type'] === 'application/json'
            ? faultOf(body)
            : 'expected POST of JSON';
        if (fault !== '') login.faults.push(fault);
        if (login.status !== 0 || fault !== '') {
          response.writeHead(login.status || 401).end('{}');
          return;
        }
        const exp = Math.floor(Date.now() / 1_000) + login.lifeSeconds;
        const claim = Buffer.from(JSON.stringify({ uid: UID, exp, n: login.asked }));
        const token = `e30.${claim.toString('base64url')}.c2ln`;
        login.sold.push(token);
        response.setHeader('content-type', 'application/json');
        if (login.sells === 'cookie') {
          response.setHeader('set-cookie', [
            'other=1',
            `dcos-acs-auth-cookie=${token}; Path=/; HttpOnly`,
          ]);
        }
        response.end(JSON.stringify(login.sells === 'json' ? { token } : {}));
      });
    });
    const login = new LoginServer(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return login;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/acs/api/v1/auth/login`;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

function faultOf(body: string): string {
  const { uid, token, exp } = JSON.parse(body) as { uid: string; token: string; exp: number };
  const [head = '', claim = '', signature = ''] = token.split('.');
  const good = verify(
    'RSA-SHA256',
    Buffer.from(`${head}.${claim}`),
    createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })),
    Buffer.from(signature, 'base64url'),
  );
  const nowSeconds = Date.now() / 1_000;
  const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg: string };
  const claimed = JSON.parse(Buffer.from(claim, 'base64url').toString()) as {
    uid: string;
    exp: number;
  };
  if (!good || header.alg !== 'RS256') return 'bad signature';
  if (uid !== UID || claimed.uid !== UID) return 'bad uid';
  if (Math.abs(claimed.exp - nowSeconds - 60) > 10) return `claim good until ${claimed.exp}`;
  return Math.abs(exp - nowSeconds - 3_600) > 10 ? `token wanted until ${exp}` : '';
}
