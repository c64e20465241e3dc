// Orders by button: a dialog says what will happen and asks who, why and (where one is set) the token,
// sends the order and says what came of it. Only JSON with the page's own origin is sent, which no
// foreign page can make a browser do.

import { notice } from './notice.ts';
import { askOrder, type Filled } from './order-dialog.ts';

/** Beside the page, which may stand below a prefix. */
const ORDERS = '_teal/orders';

export interface Order {
  readonly order: 'cutover' | 'rollback' | 'split' | 'release' | 'drain' | 'server';
  readonly service: string;
  /** App id; empty for a split or release. */
  readonly colour: string;
  readonly live: string;
  /** Percent of each app id a split may be set between. */
  readonly shares: ReadonlyMap<string, number>;
  /** State that servers are set to, by name; of an order on servers only. */
  readonly servers: Readonly<Record<string, string>>;
}

interface Answer {
  readonly epoch?: number;
  readonly tookMs?: number;
  readonly workers?: readonly unknown[];
  readonly error?: string;
}

export function takeOrders(): void {
  document.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest('button[data-order]') : null;
    if (button instanceof HTMLButtonElement) void askOrder(readOrder(button), sendOrder);
  });
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.matches('.server-orders')) return;
    event.preventDefault();
    const order = readServers(form);
    if (Object.keys(order.servers).length === 0) notice('Check the servers first', 'bad');
    else void askOrder(order, sendOrder);
  });
}

function readServers(form: HTMLFormElement): Order {
  const data = new FormData(form);
  const state = String(data.get('action') ?? '');
  return {
    order: 'server',
    service: form.dataset['service'] ?? '',
    colour: form.dataset['colour'] ?? '',
    live: '',
    shares: new Map(),
    servers: Object.fromEntries(data.getAll('s').map((name) => [String(name), state])),
  };
}

function readOrder({ dataset }: HTMLButtonElement): Order {
  return {
    order: dataset['order'] as Order['order'],
    service: dataset['service'] ?? '',
    colour: dataset['colour'] ?? '',
    live: dataset['live'] ?? '',
    shares: readShares(dataset['shares'] ?? ''),
    servers: {},
  };
}

/** Lines of `80 /zdd/blue`. */
function readShares(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '');
  return new Map(
    lines.map((line) => {
      const space = line.indexOf(' ');
      return [line.slice(space + 1), Number(line.slice(0, space))];
    }),
  );
}

/** Resolves with null when it was carried out, else with the reason in one line. */
async function sendOrder(order: Order, filled: Filled): Promise<string | null> {
  const { token, ...rest } = filled;
  const { service, colour, servers } = order;
  const body = {
    order: order.order,
    service,
    ...(colour === '' ? {} : { colour }),
    ...(order.order === 'server' ? { servers } : {}),
    ...rest,
  };
  try {
    const response = await fetch(ORDERS, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
    const answer = await readAnswer(response);
    if (!response.ok) return answer.error ?? `Teal answered ${response.status}`;
    notice(outcome(order, answer), 'good');
    return null;
  } catch {
    return 'Teal did not answer; look at the page before ordering again';
  }
}

async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return { error: text.trim().slice(0, 300) };
  }
}

function outcome({ order, service }: Order, { epoch, tookMs, workers }: Answer): string {
  const said = {
    cutover: 'cut over',
    rollback: 'rolled back',
    split: 'split',
    release: 'released',
    drain: 'drain set',
    server: 'servers set',
  };
  const took = tookMs === undefined ? '' : `, ${tookMs.toFixed(1)} ms`;
  const all = workers === undefined ? '' : `, ${workers.length} workers`;
  return `${service}: ${said[order]}. Epoch ${epoch ?? '?'}${all}${took}`;
}
