// What a cell tells more, in a box of the page's own: at once, by pointer, by keyboard and by touch, and
// over the edge of the table's frame. Without a script it is the browser's own.

const GAP = 6;

export function showTips(): void {
  const box = document.createElement('div');
  box.id = 'tip';
  box.setAttribute('role', 'tooltip');
  box.hidden = true;
  document.body.append(box);
  let owner: Element | null = null;

  const show = (element: Element | null): void => {
    if (element === owner) return;
    if (owner !== null) giveBack(owner);
    owner = element;
    box.hidden = element === null;
    if (element !== null) place(box, element);
  };
  document.addEventListener('pointerover', ({ target }) => show(tipOwner(target)));
  document.addEventListener('scroll', () => show(null), { capture: true, passive: true });
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') show(null);
  });
}

function tipOwner(target: EventTarget | null): Element | null {
  return target instanceof Element ? target.closest('#tables [title], #tables [data-tip]') : null;
}

/** Moves the text away from the browser, which would show it a second time. */
function place(box: HTMLElement, element: Element): void {
  const text = element.getAttribute('title') ?? element.getAttribute('data-tip') ?? '';
  element.setAttribute('data-tip', text);
  element.removeAttribute('title');
  box.textContent = text;
  const cell = element.getBoundingClientRect();
  const own = box.getBoundingClientRect();
  const below = cell.bottom + GAP + own.height < innerHeight;
  const left = Math.min(Math.max(GAP, cell.left), innerWidth - own.width - GAP);
  box.style.left = `${left}px`;
  box.style.top = `${below ? cell.bottom + GAP : cell.top - own.height - GAP}px`;
}

function giveBack(element: Element): void {
  const text = element.getAttribute('data-tip');
  if (text !== null) element.setAttribute('title', text);
  element.removeAttribute('data-tip');
}
