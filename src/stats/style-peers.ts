// The instances beside each other. Trouble has a frame, a mark and a word of its own.

export const STYLE_PEERS = `
#peers:has(>*){margin-top:22px}
.disagreements{display:grid;gap:10px;margin-bottom:14px}
.disagreements>li{padding:12px 18px;border-radius:12px;border:2px solid var(--bad);background:color-mix(in srgb,var(--bad) 13%,var(--card))}
.disagreements b{color:var(--bad);font-size:1.12rem}
.disagreements ul{display:flex;flex-wrap:wrap;gap:6px 22px;margin-top:6px}
.disagreements ul li{overflow-wrap:anywhere}
.instances{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr));gap:14px}
.instance{--tone:var(--line);min-width:0;display:grid;gap:9px;align-content:start;padding:14px 18px 16px;border:1px solid var(--line);border-left:6px solid var(--tone);border-radius:12px;background:var(--card);box-shadow:var(--shadow)}
.instance.fine{--tone:var(--good)}
.instance.behind,.instance.not-ready{--tone:var(--warn)}
.instance.silent,.instance.answers-wrong,.instance.apart{--tone:var(--bad)}
.instance.silent,.instance.apart{border-color:var(--bad)}
.instance header{display:flex;flex-wrap:wrap;align-items:center;gap:4px 10px}
.instance h3{font-size:1.08rem;min-width:0;overflow-wrap:anywhere}
.instance .badge{margin-left:auto;color:var(--tone)}
.instance .badge.same,.instance .badge.unasked{color:var(--soft)}
.instance .badge.apart,.instance .badge.silent,.instance .badge.answers-wrong{background:var(--bad);border-color:var(--bad);color:var(--card)}
.instance .place{font-size:.86rem;line-height:1.45;color:var(--soft);overflow-wrap:anywhere}
.instance .place b{color:var(--ink);font-weight:600}
.instance .notes{font-size:.9rem;color:var(--tone);font-weight:600;overflow-wrap:anywhere}
.instance.silent .numbers,.instance.silent .lives{filter:saturate(.25)}
.instance .late{color:var(--warn)}
.lives{display:flex;flex-wrap:wrap;gap:6px 14px;font-size:.86rem;color:var(--soft)}
.lives li{overflow-wrap:anywhere}
.lives .apart{color:var(--bad);font-weight:700}
.lives .apart::before{content:"≠ "}
.lives .apart .chip{outline:2px solid var(--bad);outline-offset:1px}
`;
