import { describe, expect, it } from 'vitest';
import { EVERYTHING } from '../../src/stats/filter.ts';
import { type Html, html } from '../../src/stats/html.ts';
import { type Blocks, renderBlocks } from '../../src/stats/page-blocks.ts';
import { PageChanges } from '../../src/stats/page-changes.ts';
import { NOW_MS, sampleView } from './sample-view.ts';

const FILTER = { ...EVERYTHING, open: [], outcome: '' };

function page(services: Readonly<Record<string, Html>>): Blocks {
  const blocks = Object.entries(services).map(([id, content]) => ({ id, html: content }));
  return { controls: [], state: [], services: blocks, timelines: [], tables: [] };
}

const ids = (change: { readonly changed: readonly { readonly id: string }[] }) =>
  change.changed.map((one) => one.id);

describe('what an open page does not have yet', () => {
  it('is at first everything, then only blocks that differ', () => {
    const changes = new PageChanges();
    const first = changes.next(page({ a: html`<p>1</p>`, b: html`<p>2</p>` }));
    expect(ids(first)).toEqual(['a', 'b']);
    expect(first.order).toMatchObject({ services: ['a', 'b'], tables: [] });
    const second = changes.next(page({ a: html`<p>1</p>`, b: html`<p>3</p>` }));
    expect(second).toEqual({ order: null, changed: [{ id: 'b', html: '<p>3</p>' }] });
  });

  it('is nothing while only time passes', () => {
    const view = sampleView();
    const changes = new PageChanges();
    changes.next(renderBlocks(view, FILTER));
    const later = { ...view, nowMs: NOW_MS + 1_000 };
    const services = changes.next(renderBlocks(later, FILTER)).changed.map((one) => one.id);
    expect(services.filter((id) => !id.startsWith('table-'))).toEqual([]);
  });

  it('tells the order when blocks come, go or move, and sends again what came back', () => {
    const changes = new PageChanges();
    changes.next(page({ a: html`<p>1</p>`, b: html`<p>2</p>` }));
    const gone = changes.next(page({ b: html`<p>2</p>` }));
    expect([gone.order?.['services'], ids(gone)]).toEqual([['b'], []]);
    const back = changes.next(page({ a: html`<p>1</p>`, b: html`<p>2</p>` }));
    expect([back.order?.['services'], ids(back)]).toEqual([['a', 'b'], ['a']]);
  });

  it('comes in bounded steps that take turns', () => {
    const large = (text: string) => html`<p>${text.repeat(100_000)}</p>`;
    const all = (text: string) =>
      page({ a: large(text), b: large(text), c: large(text), d: large(text) });
    const changes = new PageChanges();
    expect(ids(changes.next(all('x')))).toEqual(['a', 'b', 'c']);
    expect(ids(changes.next(all('y')))).toEqual(['d', 'a', 'b']);
    expect(ids(changes.next(all('y')))).toEqual(['c']);
    expect(ids(changes.next(all('y')))).toEqual([]);
  });
});
