// The page's colours, type, head, banner, lists and dialogs.

export const STYLE_FRAME = `
:root{color-scheme:light dark;
--bg:#f2f6f7;--card:#fff;--ink:#12202a;--soft:#52646f;--line:#d8e1e6;--line2:#e8eef1;--accent:#0b7a75;--head:#e0f3f2;
--blue:#1f62d6;--green:#15803d;--violet:#7440c9;--ochre:#9a5b00;
--good:#15803d;--warn:#a15c00;--bad:#c0262d;
--up:#dcf5e3;--going-down:#fdf6c9;--going-up:#ffe9bd;--down:#fddcda;--drain:#d6e9fd;--maint:#f1dfc6;--sum:#f1f0e8;--total:#e6e4d8;
--shadow:0 1px 2px rgb(18 32 42/.06),0 6px 20px rgb(18 32 42/.05)}
@media (prefers-color-scheme:dark){:root{
--bg:#0c1216;--card:#141c22;--ink:#e4ecf1;--soft:#96a8b4;--line:#2a3740;--line2:#202b33;--accent:#43c7bd;--head:#143132;
--blue:#79adff;--green:#52cf8b;--violet:#b99bff;--ochre:#e5ac5f;
--good:#52cf8b;--warn:#f0b657;--bad:#ff8a84;
--up:#12301f;--going-down:#3b3a12;--going-up:#43320d;--down:#431c1f;--drain:#10304f;--maint:#3c2a14;--sum:#1e272d;--total:#273239;
--shadow:0 1px 2px rgb(0 0 0/.4)}}
*{box-sizing:border-box}
[hidden]{display:none!important}
html{-webkit-text-size-adjust:100%;scroll-padding-top:12px}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
h1,h2,h3,h4,p,dl,dd,ul,ol{margin:0;padding:0}
ul,ol{list-style:none}
small{color:var(--soft);font-size:.82rem}
code{font:.86em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:12px;top:-60px;z-index:9;padding:8px 14px;border-radius:8px;background:var(--card)}
.skip:focus{top:8px}
main,header.top,footer{max-width:1600px;margin:0 auto;padding:0 clamp(12px,2.4vw,32px)}
main{display:grid;gap:30px;grid-template-columns:minmax(0,1fr);padding-bottom:24px}
main>*:not(:has(>*>*)){display:none}
h2{font-size:1.12rem;letter-spacing:-.01em}
.head,main h2{margin-bottom:12px}
.head h2{margin:0}
.tally{display:inline-block;min-width:1.7em;padding:0 .5em;border-radius:999px;background:var(--total);color:var(--soft);font-size:.8rem;font-weight:600;text-align:center;vertical-align:.1em}
.hint{color:var(--soft);padding:4px 0}
footer{padding-bottom:64px;color:var(--soft);font-size:.84rem}

header.top{display:flex;align-items:center;gap:10px 22px;padding-top:18px;padding-bottom:18px}
#controls{flex:1;min-width:0;display:flex;flex-wrap:wrap;align-items:center;gap:10px 22px}
.brand{display:flex;align-items:center;gap:10px;color:inherit;text-decoration:none}
.brand h1{font-size:1.5rem;letter-spacing:-.03em;line-height:1}
.logo-blue{fill:#2f6fe4}.logo-green{fill:#1f9d55}.logo-teal{fill:#0d8a83}
.where{flex:1 1 220px;line-height:1.35;font-size:.92rem;min-width:0;overflow-wrap:anywhere}
nav{display:flex;flex-wrap:wrap;align-items:center;gap:8px;margin-left:auto}
nav form{display:flex;gap:8px}
.links{display:flex;flex-wrap:wrap;gap:4px 12px;font-size:.86rem;padding-left:6px}
.button,input{font:inherit;font-size:.86rem;line-height:1.2;padding:7px 12px;border:1px solid var(--line);border-radius:8px;background:var(--card);color:var(--ink);text-decoration:none}
.button{white-space:nowrap}
nav input{width:11em;min-width:0}
button.button{cursor:pointer}
.button:hover{border-color:var(--accent);color:var(--accent)}
.toggle.on{border-color:var(--accent);color:var(--accent);font-weight:600}
.js nav form button{display:none}

.banner{background:var(--card);border:1px solid var(--line);border-top:4px solid var(--tone);border-radius:14px;box-shadow:var(--shadow);overflow:hidden;transition:opacity .3s}
#outcome:not(:empty){margin-bottom:14px;padding:10px 18px;border-radius:10px;border:1px solid var(--line);border-left:6px solid var(--tone);background:var(--card)}
.stale #services,.stale #tables,.stale .banner{opacity:.55}
.good{--tone:var(--good)}.warn{--tone:var(--warn)}.bad{--tone:var(--bad)}
.verdict{display:flex;gap:14px;padding:14px 20px}
.verdict .mark{flex:none;display:grid;place-items:center;width:34px;height:34px;border-radius:50%;background:var(--tone);color:var(--card);font-weight:800}
.verdict h2{color:var(--tone);line-height:1.3;margin:0}
.verdict p,.verdict li{overflow-wrap:anywhere}
.verdict ul:has(li+li) li{padding-left:1em;text-indent:-1em}
.verdict ul:has(li+li) li::before{content:"– ";color:var(--soft)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,150px),1fr));gap:1px;background:var(--line2);border-top:1px solid var(--line2);border-bottom:1px solid var(--line2)}
.facts>div{background:var(--card);padding:10px 20px}
.facts dt,.numbers dt,.tiles dt{color:var(--soft);font-size:.78rem}
.facts dd{display:grid}
.facts strong{font-size:1.2rem;line-height:1.35;font-weight:650}
.facts small{line-height:1.35}
.workers{display:flex;flex-wrap:wrap;gap:4px 22px;padding:10px 20px;font-size:.84rem;color:var(--soft)}
.workers li{overflow-wrap:anywhere}
.workers b{color:var(--ink);font-weight:600}
.workers .behind,.workers em{color:var(--warn);font-style:normal;font-weight:600}
#problems:not(:empty){margin-top:22px}

.scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:12px;box-shadow:var(--shadow)}
table{border-collapse:separate;border-spacing:0;width:100%;font-size:.86rem}
th{font-weight:600;text-align:left}
th,td{padding:7px 10px;border-bottom:1px solid var(--line2);vertical-align:top}
tbody:last-child tr:last-child>*,tfoot tr:last-child>*{border-bottom:0}
thead th{color:var(--soft);font-size:.78rem;white-space:nowrap}
.list{min-width:760px}
.list th[scope=row]{overflow-wrap:anywhere;min-width:8em}
.list .wide{min-width:17em}
.problems td:nth-child(2) code{overflow-wrap:break-word}
.problems tbody th::before{content:"! ";color:var(--warn);font-weight:800}

#notice{position:fixed;left:50%;bottom:18px;z-index:8;max-width:min(94vw,760px);padding:11px 18px;border-radius:10px;background:var(--ink);color:var(--bg);border-left:6px solid var(--tone);box-shadow:0 8px 30px rgb(0 0 0/.3);transform:translate(-50%,200%);visibility:hidden;transition:transform .3s,visibility .3s}
#notice.good,#notice.bad{transform:translate(-50%,0);visibility:visible}
#tip{position:fixed;z-index:7;max-width:min(90vw,340px);padding:8px 12px;border-radius:8px;background:var(--ink);color:var(--bg);font-size:.8rem;line-height:1.45;white-space:pre-line;pointer-events:none;box-shadow:0 6px 20px rgb(0 0 0/.25)}
dialog{width:min(94vw,480px);padding:0;border:1px solid var(--line);border-radius:14px;background:var(--card);color:var(--ink);box-shadow:0 20px 60px rgb(0 0 0/.35)}
dialog::backdrop{background:rgb(8 16 20/.55)}
dialog form{display:grid;gap:13px;padding:20px 22px}
dialog label{display:grid;gap:4px;font-size:.84rem;color:var(--soft)}
dialog input{font-size:1rem;width:100%}
dialog .row{display:flex;flex-wrap:wrap;justify-content:end;gap:8px}
.primary{background:var(--accent);border-color:var(--accent);color:var(--card);font-weight:600}
.primary:hover{color:var(--card);filter:brightness(1.1)}
.refusal{color:var(--bad);font-weight:600;overflow-wrap:anywhere}
.refusal:empty{display:none}
`;
