// The page's script: what it does beyond the HTML. It keeps the page current, changes what is shown
// without loading it again, tells more under the pointer, and takes orders.

import { follow } from './live.ts';
import { takeOrders } from './orders.ts';
import { tickTimes } from './times.ts';
import { showTips } from './tips.ts';

const PREFIX = 'haproxy?stats';
const TYPING_MS = 200;

function pieces(): string {
  return location.search.slice('?stats'.length);
}

/** `;norefresh` asks for a page that stands still. */
function standsStill(): boolean {
  return /[;&]norefresh/.test(pieces());
}

function start(): void {
  if (!standsStill()) follow(`?stats${pieces()}`);
}

function go(uri: string): void {
  if (standsStill()) {
    location.assign(uri);
    return;
  }
  history.pushState(null, '', uri);
  start();
}

/** Links that change what is shown are followed in place; a page that stands still is loaded. */
function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const uri = link?.getAttribute('href') ?? '';
  const inPlace = link?.matches('[data-stay], #services a') ?? false;
  if (!inPlace || !uri.startsWith(PREFIX) || /;norefresh/.test(uri) || standsStill()) return;
  event.preventDefault();
  go(uri.replace(/#.*/, ''));
}

/** HAProxy keeps only these characters of a scope; a slash of an app id is an underscore in its name. */
function scopeUri(text: string): string {
  const scope = text
    .replace(/^\//, '')
    .replaceAll('/', '_')
    .replace(/[^A-Za-z0-9_.:-]/g, '');
  const rest = pieces().replace(/[;&]scope=[^;&]*/, '');
  return PREFIX + rest + (scope === '' ? '' : `;scope=${scope.slice(0, 20)}`);
}

function narrowWhileTyping(): void {
  let timer = 0;
  document.addEventListener('input', ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target.name !== 'scope' || standsStill()) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      history.replaceState(null, '', scopeUri(target.value));
      start();
    }, TYPING_MS);
  });
  document.addEventListener('submit', (event) => {
    const form = event.target instanceof HTMLFormElement ? event.target : null;
    const input = form?.elements.namedItem('scope');
    if (!(input instanceof HTMLInputElement)) return;
    event.preventDefault();
    go(scopeUri(input.value));
  });
}

document.documentElement.classList.add('js');
start();
setInterval(tickTimes, 1_000);
showTips();
takeOrders();
narrowWhileTyping();
document.addEventListener('click', followLinks);
addEventListener('popstate', () => location.reload());
