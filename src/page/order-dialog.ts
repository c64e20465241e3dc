// The dialog of an order: what it means in one sentence, the fields it needs, a button that says what it
// does. Name and token are kept for this tab only, never longer.

import type { Order } from './orders.ts';

/** What the operator filled in. */
export interface Filled {
  readonly by: string;
  readonly why: string;
  readonly token: string;
  /** Of a split: percent by app id. */
  readonly shares?: Readonly<Record<string, number>>;
  /** Of a drain. */
  readonly seconds?: number;
}

type Send = (order: Order, filled: Filled) => Promise<string | null>;

const TITLE = {
  cutover: 'Cut over',
  rollback: 'Roll back',
  split: 'Split',
  release: 'Release',
  drain: 'End the drain of',
  server: 'Set servers of',
};
const DEFAULT_DRAIN_SECONDS = 30;
const KEPT = ['by', 'token'] as const;

/** Opens the dialog; an order that is refused leaves it open with the reason. */
export async function askOrder(order: Order, send: Send): Promise<void> {
  const dialog = document.createElement('dialog');
  const form = document.createElement('form');
  const heading = element('h2', `${TITLE[order.order]} ${order.service}`);
  heading.id = 'order-title';
  dialog.setAttribute('aria-labelledby', heading.id);
  const refusal = element('p', '');
  refusal.className = 'refusal';
  refusal.setAttribute('role', 'alert');
  form.append(
    heading,
    element('p', meaning(order)),
    ...fieldsOf(order),
    refusal,
    buttons(order, dialog),
  );
  dialog.append(form);
  document.body.append(dialog);
  dialog.addEventListener('close', () => dialog.remove());
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit(form, order, send).then((error) => {
      if (error === null) dialog.close();
      else refusal.textContent = error;
    });
  });
  dialog.showModal();
}

async function submit(form: HTMLFormElement, order: Order, send: Send): Promise<string | null> {
  const filled = readFields(form, order);
  if (typeof filled === 'string') return filled;
  for (const name of KEPT) sessionStorage.setItem(`teal-${name}`, filled[name]);
  form.inert = true;
  try {
    return await send(order, filled);
  } finally {
    form.inert = false;
  }
}

function meaning({ order, service, colour, live, servers }: Order): string {
  const old = live === '' ? '' : ` What is in flight on ${live} ends by itself.`;
  if (order === 'server')
    return Object.entries(servers)
      .map(([name, state]) => `${name}: ${state}`)
      .join(', ');
  if (order === 'split')
    return `Share the requests of ${service} by percent; a client stays with its colour.`;
  if (order === 'release')
    return `Which colour of ${service} is live is decided by Teal's own rules again.`;
  if (order === 'drain') return `What is still in flight on ${colour} is cut after this time.`;
  return `All new requests of ${service} go to ${colour}, on every worker, in one step.${old}`;
}

function fieldsOf({ order, shares }: Order): HTMLElement[] {
  const own =
    order === 'split'
      ? [...shares].map(([appId, percent]) => share(appId, percent))
      : order === 'drain'
        ? [field('seconds', 'Seconds from now', 'number', String(DEFAULT_DRAIN_SECONDS))]
        : [];
  return [
    ...own,
    field('by', 'Your name', 'text', sessionStorage.getItem('teal-by') ?? '', true),
    field('why', 'Reason, kept in the history', 'text', '', true),
    field(
      'token',
      'Token, where one is set',
      'password',
      sessionStorage.getItem('teal-token') ?? '',
    ),
  ];
}

function share(appId: string, percent: number): HTMLElement {
  return field(`share ${appId}`, `${appId}, percent`, 'number', String(percent));
}

function field(
  name: string,
  text: string,
  type: string,
  value: string,
  required = false,
): HTMLElement {
  const label = document.createElement('label');
  const input = document.createElement('input');
  Object.assign(input, { name, type, value, required, autocomplete: 'off', maxLength: 200 });
  if (type === 'number') Object.assign(input, { min: '0', step: '1', required: true });
  label.append(element('span', text), input);
  return label;
}

function readFields(form: HTMLFormElement, { order, shares: asked }: Order): Filled | string {
  const data = new FormData(form);
  const text = (name: string): string => String(data.get(name) ?? '').trim();
  const filled = { by: text('by'), why: text('why'), token: text('token') };
  if (order === 'drain') return { ...filled, seconds: Number(text('seconds')) };
  if (order !== 'split') return filled;
  const shares = Object.fromEntries(
    [...asked.keys()].map((appId) => [appId, Number(text(`share ${appId}`))]),
  );
  const sum = Object.values(shares).reduce((all, one) => all + one, 0);
  return sum === 100 ? { ...filled, shares } : `The shares add up to ${sum} percent, not 100`;
}

function buttons({ order, colour }: Order, dialog: HTMLDialogElement): HTMLElement {
  const row = document.createElement('div');
  row.className = 'row';
  const cancel = button('Cancel', 'button');
  cancel.addEventListener('click', () => dialog.close());
  const target = order === 'cutover' || order === 'rollback' ? ` to ${colour}` : '';
  row.append(cancel, button(`${TITLE[order]}${target}`, 'submit'));
  return row;
}

function button(text: string, type: 'button' | 'submit'): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = type;
  made.className = type === 'submit' ? 'button primary' : 'button';
  made.textContent = text;
  return made;
}

function element(name: 'p' | 'h2' | 'span', text: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
