// The page's style sheet. Light and dark by the reader's setting; tables scroll inside their frame, the
// page itself never does sideways; every hue is accompanied by a word or a mark.

import { createHash } from 'node:crypto';

export const STYLE = `
:root{color-scheme:light dark;
--bg:#f3f6f7;--card:#fff;--ink:#13202a;--soft:#566773;--line:#dbe3e8;--line2:#e9eef1;--accent:#0b7a75;
--blue:#1f62d6;--green:#15803d;--violet:#7440c9;--ochre:#9a5b00;
--good:#15803d;--warn:#a15c00;--bad:#c0262d;
--up:#e8f6ed;--starting:#fff5d9;--down:#fde7e6;--maint:#f6e9d8;--sum:#eef2f4;--total:#e3eaee;
--shadow:0 1px 2px rgb(19 32 42/.06),0 4px 16px rgb(19 32 42/.05)}
@media (prefers-color-scheme:dark){:root{
--bg:#0d1317;--card:#151d23;--ink:#e3ebf0;--soft:#94a6b2;--line:#2a363f;--line2:#212c34;--accent:#3fc1b8;
--blue:#79adff;--green:#52cf8b;--violet:#b99bff;--ochre:#e5ac5f;
--good:#52cf8b;--warn:#f0b657;--bad:#ff8a84;
--up:#14291f;--starting:#2f2913;--down:#3a1c1e;--maint:#33271a;--sum:#1b252c;--total:#222e36;
--shadow:0 1px 2px rgb(0 0 0/.4)}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
h1,h2,h3,h4,p,dl,dd,ul{margin:0;padding:0}
ul{list-style:none}
small{color:var(--soft);font-size:.82rem}
code{font:.86em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
main,header.top,footer{max-width:1560px;margin:0 auto;padding:0 clamp(12px,2.4vw,32px)}
main{display:grid;gap:32px;grid-template-columns:minmax(0,1fr);padding-bottom:24px}
main>section>h2{font-size:1.12rem;letter-spacing:-.01em;margin-bottom:12px}
.tally{display:inline-block;min-width:1.7em;padding:0 .5em;border-radius:999px;background:var(--total);color:var(--soft);font-size:.8rem;font-weight:600;text-align:center;vertical-align:.1em}
.hint{color:var(--soft);padding:10px 0}
footer{padding-bottom:32px;color:var(--soft);font-size:.84rem}

header.top{display:flex;flex-wrap:wrap;align-items:center;gap:10px 22px;padding-top:18px;padding-bottom:18px}
.brand{display:flex;align-items:center;gap:10px;color:inherit;text-decoration:none}
.brand h1{font-size:1.5rem;letter-spacing:-.03em;line-height:1}
.logo-blue{fill:#2f6fe4}.logo-green{fill:#1f9d55}.logo-teal{fill:#0d8a83}
.where{line-height:1.35;font-size:.92rem;min-width:0;overflow-wrap:anywhere}
nav{display:flex;flex-wrap:wrap;gap:8px;margin-left:auto}
nav form{display:flex;gap:8px}
.button,nav input[type=search]{font:inherit;font-size:.86rem;line-height:1.2;padding:7px 12px;border:1px solid var(--line);border-radius:8px;background:var(--card);color:var(--ink);text-decoration:none;white-space:nowrap}
nav input[type=search]{width:11em;min-width:0}
a.button:hover,button.button:hover{border-color:var(--accent);color:var(--accent)}
button.button{cursor:pointer}
.toggle.on{border-color:var(--accent);color:var(--accent);font-weight:600}

.banner{background:var(--card);border:1px solid var(--line);border-top:4px solid var(--tone);border-radius:14px;box-shadow:var(--shadow);overflow:hidden}
.good{--tone:var(--good)}.warn{--tone:var(--warn)}.bad{--tone:var(--bad)}
.verdict{display:flex;gap:14px;padding:16px 20px}
.verdict .mark{flex:none;display:grid;place-items:center;width:34px;height:34px;border-radius:50%;background:var(--tone);color:var(--card);font-weight:800}
.verdict h2{font-size:1.12rem;color:var(--tone);line-height:1.3}
.verdict p,.verdict li{color:var(--ink);overflow-wrap:anywhere}
.verdict ul:has(li+li) li{padding-left:1em;text-indent:-1em}
.verdict ul:has(li+li) li::before{content:"– ";color:var(--soft)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,150px),1fr));gap:1px;background:var(--line2);border-top:1px solid var(--line2);border-bottom:1px solid var(--line2)}
.facts>div{background:var(--card);padding:11px 20px}
.facts dt,.numbers dt{color:var(--soft);font-size:.78rem}
.facts dd{display:grid}
.facts strong{font-size:1.2rem;line-height:1.35;font-weight:650}
.facts small{line-height:1.35}
.workers{display:flex;flex-wrap:wrap;gap:4px 22px;padding:11px 20px;font-size:.84rem;color:var(--soft)}
.workers li{overflow-wrap:anywhere}
.workers b{color:var(--ink);font-weight:600}
.workers .behind,.workers em{color:var(--warn);font-style:normal;font-weight:600}

.service{background:var(--card);border:1px solid var(--line);border-radius:14px;box-shadow:var(--shadow);padding:16px 20px 20px;content-visibility:auto;contain-intrinsic-size:auto 330px}
.service+.service{margin-top:16px}
.service>header{display:flex;flex-wrap:wrap;align-items:center;gap:4px 10px;margin-bottom:14px}
.service h3{font-size:1.3rem;letter-spacing:-.02em;line-height:1.3}
.service .why{flex-basis:100%;color:var(--soft);overflow-wrap:anywhere}
.service .why strong{color:var(--ink);font-weight:600}
.tag{padding:1px 9px;border-radius:999px;border:1px solid var(--line);color:var(--soft);font-size:.8rem;overflow-wrap:anywhere}
.tag.host{color:var(--ink)}
.colours{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:14px}
.blue{--hue:var(--blue)}.green{--hue:var(--green)}.violet{--hue:var(--violet)}.ochre{--hue:var(--ochre)}
.colour{position:relative;min-width:0;border:1px solid var(--line);border-radius:11px;padding:14px 16px 14px 22px;display:grid;gap:9px;align-content:start;overflow:hidden}
.colour::before{content:"";position:absolute;inset:0 auto 0 0;width:6px;background:var(--hue);opacity:.45}
.colour.live{border-color:var(--hue);box-shadow:inset 0 0 0 1px var(--hue);background:color-mix(in srgb,var(--hue) 5%,transparent)}
.colour.live::before{opacity:1}
.colour.empty{color:var(--soft)}
.colour header{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:center;gap:6px 12px}
.colour h4{font-size:1.05rem;min-width:0;overflow-wrap:anywhere;color:var(--hue)}
.badge{display:inline-block;padding:2px 11px;border-radius:999px;border:1px solid currentColor;font-size:.8rem;font-weight:600;white-space:nowrap;color:var(--soft)}
.badge.live{background:var(--hue,var(--accent));border-color:var(--hue,var(--accent));color:var(--card)}
.badge.draining{color:var(--warn);border-style:dashed}
.badge.empty{color:var(--bad)}
.version{font-size:.84rem;overflow-wrap:anywhere}
.version span{color:var(--soft)}
.servers{display:flex;flex-wrap:wrap;align-items:center;gap:4px 12px;font-size:.92rem}
.dots{display:inline-flex;flex-wrap:wrap;gap:4px}
.dots i{width:13px;height:13px;border-radius:3px;border:2px solid var(--hue)}
.dots .up{background:var(--hue)}
.dots .maint{border-color:var(--ochre);background:repeating-linear-gradient(135deg,var(--ochre) 0 2px,transparent 2px 5px)}
.dots .down{border-color:var(--bad);background:linear-gradient(45deg,transparent 42%,var(--bad) 42% 58%,transparent 58%)}
.dots .starting{border-color:var(--warn);border-style:dashed;background:none}
.dots .missing{border-style:dotted;border-color:var(--soft)}
.numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(82px,1fr));gap:8px 14px;border-top:1px solid var(--line2);padding-top:9px}
.numbers dd{font-size:1.12rem;font-weight:650;line-height:1.3;white-space:nowrap}
.numbers .alarming dd{color:var(--bad)}

.scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:12px;box-shadow:var(--shadow)}
.scroll+.scroll{margin-top:16px}
table{border-collapse:separate;border-spacing:0;width:100%;font-size:.86rem}
th{font-weight:600;text-align:left}
th,td{padding:7px 10px;border-bottom:1px solid var(--line2);vertical-align:top}
tbody:last-child tr:last-child>*,tfoot tr:last-child>*{border-bottom:0}
thead th{color:var(--soft);font-size:.78rem;white-space:nowrap}
.n{text-align:right;white-space:nowrap}
.list{min-width:760px}
.list td small{display:block}
.list th[scope=row]{overflow-wrap:anywhere;min-width:8em}
.problems tbody th::before{content:"! ";color:var(--warn);font-weight:800}
.list .wide{min-width:17em}
.history td:first-child{white-space:nowrap}
.history td:nth-child(3){white-space:nowrap}
.chip{display:inline-block;padding:0 9px;border-radius:6px;border:1px solid color-mix(in srgb,var(--hue,var(--line)) 45%,transparent);background:color-mix(in srgb,var(--hue,var(--line)) 10%,transparent);color:var(--hue,var(--soft));font-weight:600}
.chip.none{border-style:dashed;font-weight:400}

.legend{display:flex;flex-wrap:wrap;gap:6px;margin-bottom:12px;font-size:.8rem}
.legend li{padding:2px 10px;border-radius:6px;border:1px solid var(--line)}
.rows{font-size:.8rem}
.rows th,.rows td{padding:4px 6px;background:var(--row,var(--card))}
.rows caption{padding:11px 14px 7px;font-weight:650;font-size:.98rem;text-align:left;position:sticky;left:0;width:max-content;max-width:100%}
.rows .edge{border-left:1px solid var(--line)}
.rows thead tr:first-child th[colspan]{text-align:center;border-bottom:0}
.rows thead th{vertical-align:bottom}
.rows .name{padding-left:14px;position:sticky;left:0;z-index:1;white-space:nowrap;border-right:1px solid var(--line);font-weight:500;max-width:44vw;overflow:hidden;text-overflow:ellipsis}
.rows .status{white-space:nowrap;padding-right:12px}
.rows .zero{color:color-mix(in srgb,var(--soft) 62%,transparent)}
.rows .proxy th{padding:12px 8px 7px;border-top:1px solid var(--line)}
.pin{position:sticky;left:14px;display:inline-flex;gap:8px;align-items:center}
.up{--row:var(--up)}.down{--row:var(--down)}.starting{--row:var(--starting)}.maint{--row:var(--maint)}.sum{--row:var(--sum)}
.legend li{background:var(--row)}
.rows .bad .status{color:var(--bad);font-weight:700}
.rows .total{--row:var(--total)}
.rows .total>*{font-weight:650}
@media (max-width:640px){
nav{margin-left:0;width:100%}
nav form{flex:1 0 100%}
nav input[type=search]{flex:1}
.service,.verdict,.facts>div,.workers{padding-left:14px;padding-right:14px}
.facts,.numbers{grid-template-columns:1fr 1fr}
.facts strong{font-size:1.05rem}
}
@media (prefers-contrast:more){.colour,.scroll,.banner,.service{border-color:var(--ink)}}
@media print{meta,nav{display:none}.scroll{overflow:visible}}
`;

/** Changes with the text, so that a browser may keep what it has for ever. */
export const STYLE_URI = `/teal.css?${createHash('sha256').update(STYLE).digest('hex').slice(0, 12)}`;
