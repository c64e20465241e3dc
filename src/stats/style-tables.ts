// HAProxy's tables: its row colours in softer tones, its two header lines on teal, names that stay in
// sight while the columns scroll.

export const STYLE_TABLES = `
.legend{display:flex;flex-wrap:wrap;gap:6px;margin-bottom:12px;font-size:.8rem}
.legend li{padding:2px 10px;border-radius:6px;border:1px solid var(--line);background:var(--row)}
.up{--row:var(--up)}.going-down{--row:var(--going-down)}.going-up{--row:var(--going-up)}.down{--row:var(--down)}.drain{--row:var(--drain)}.maint{--row:var(--maint)}.sum{--row:var(--sum)}
.scroll+.scroll{margin-top:16px}
.rows{font-size:.72rem}
.rows th,.rows td{padding:4px 3px;background:var(--row,var(--card))}
.rows td{text-align:right;white-space:nowrap}
.rows tr:hover>*{background:color-mix(in srgb,var(--ink) 7%,var(--row,var(--card)))}
.rows caption{padding:10px 14px 8px;font-weight:650;font-size:.98rem;text-align:left;position:sticky;left:0;width:max-content;max-width:100%}
.rows thead th{--row:var(--head);vertical-align:bottom;text-align:right;color:var(--ink);font-weight:500}
.rows thead tr:first-child th{border-bottom:0}
.rows thead tr:first-child th[colspan]{text-align:center;font-weight:650}
.rows .e{border-left:1px solid var(--line)}
.rows .name{padding-left:14px;position:sticky;left:0;z-index:1;white-space:nowrap;border-right:1px solid var(--line);font-weight:500;max-width:44vw;overflow:hidden;text-overflow:ellipsis;text-align:left!important}
.rows .status{text-align:left!important;padding-right:4px}
.rows .z{color:color-mix(in srgb,var(--ink) 68%,transparent)}
.rows td[title],.rows td[data-tip]{text-decoration:underline dotted color-mix(in srgb,var(--ink) 40%,transparent);text-underline-offset:3px}
.rows .proxy th{--row:var(--card);padding:12px 8px 7px;border-top:1px solid var(--line)}
.pin{position:sticky;left:14px;display:inline-flex;gap:8px;align-items:center}
.server-orders{display:inline-flex;gap:6px;margin-left:8px}
.server-orders select,.server-orders .button{font:inherit;font-size:.78rem;line-height:1.2;padding:4px 8px;border:1px solid var(--line);border-radius:7px;background:var(--card);color:var(--ink)}
.rows input[type=checkbox]{margin:0 5px 0 0;vertical-align:-2px;accent-color:var(--accent)}
.rows .bad .status{color:var(--bad);font-weight:700}
.rows .total{--row:var(--total)}
.rows .total>*{font-weight:650}
@media (max-width:640px){
header.top{flex-wrap:wrap}
#controls{display:contents}
.where{flex:1 1 0}
nav{margin-left:0;width:100%}
nav form{flex:1 0 100%}
nav input{flex:1}
.links{padding-left:0}
.service:not(.folded),.verdict,.facts>div,.workers{padding-left:14px;padding-right:14px}
.facts,.numbers{grid-template-columns:1fr 1fr}
.problems{min-width:0}
.problems thead{display:none}
.problems :is(tr,th,td){display:block}
.problems :is(th,td){padding:3px 14px;border:0}
.problems tr{padding:8px 0}
.problems tr+tr{border-top:1px solid var(--line)}
.problems td:empty{display:none}
.facts strong{font-size:1.05rem}
.flow{display:none}
.river .shares{display:block}
.colours{margin-top:12px}
.service>header .orders{margin:6px 0}
.folded-head{display:none}
.folded a{grid-template-columns:minmax(0,1fr) auto auto}
.folded .chip{grid-column:1;grid-row:2}
.folded .more{grid-column:2/4;grid-row:2;text-align:right}
.folded b{grid-column:1}
.folded .n:nth-of-type(3){display:none}
.folded .shares{grid-column:1/-1}
}
@media (prefers-reduced-motion:reduce){*{transition:none!important;animation:none!important}}
@media (prefers-contrast:more){.colour,.scroll,.banner,.service{border-color:var(--ink)}}
@media print{nav,.orders{display:none!important}.scroll{overflow:visible}}
`;
