// Makes an element of the page like a new rendering of it, touching only what differs: what somebody
// points at, has scrolled, selected or typed stays as it is.

/** Makes `from` like `to`; `to` is used up. Both have the same tag name. */
export function morph(from: Element, to: Element): void {
  morphAttributes(from, to);
  morphChildren(from, to);
}

/** The one root element of `html`. */
export function parse(html: string): Element | null {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.content.firstElementChild;
}

function morphAttributes(from: Element, to: Element): void {
  // A text that is being shown in a box of the page's own stays out of the browser's hands.
  const tip = from.hasAttribute('data-tip') ? to.getAttribute('title') : null;
  if (tip !== null) {
    to.removeAttribute('title');
    to.setAttribute('data-tip', tip);
  }
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name)) from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
}

function morphChildren(from: Element, to: Element): void {
  const known = new Map<string, Element>();
  for (const child of from.children) {
    const key = keyOf(child);
    if (key !== '') known.set(key, child);
  }
  let at: ChildNode | null = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const match = matchOf(wanted, at, known);
    if (match === null) {
      from.insertBefore(wanted, at);
      continue;
    }
    if (match === at) at = at.nextSibling;
    else from.insertBefore(match, at);
    if (match instanceof Element) morph(match, wanted as Element);
    else if (match.nodeValue !== wanted.nodeValue) match.nodeValue = wanted.nodeValue;
  }
  while (at !== null) {
    const next: ChildNode | null = at.nextSibling;
    at.remove();
    at = next;
  }
}

/** The present node that becomes `wanted`: the one of its key, else the next one if it is of its kind. */
function matchOf(
  wanted: ChildNode,
  at: ChildNode | null,
  known: ReadonlyMap<string, Element>,
): ChildNode | null {
  const key = wanted instanceof Element ? keyOf(wanted) : '';
  if (key !== '') {
    const match = known.get(key);
    return match?.tagName === (wanted as Element).tagName ? match : null;
  }
  if (at === null || at.nodeName !== wanted.nodeName) return null;
  return at instanceof Element && keyOf(at) !== '' ? null : at;
}

function keyOf(element: Element): string {
  return element.id || (element.getAttribute('data-key') ?? '');
}
