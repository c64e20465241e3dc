// Services, colours, the river between them, charts and the timeline. A change of share changes the shape
// of the river, and the change is seen because it takes its time.

export const STYLE_SERVICES = `
.blue{--hue:var(--blue)}.green{--hue:var(--green)}.violet{--hue:var(--violet)}.ochre{--hue:var(--ochre)}
.service{background:var(--card);border:1px solid var(--line);border-radius:14px;box-shadow:var(--shadow);padding:16px 20px 20px}
.service+.service{margin-top:16px}
.service>header{display:flex;flex-wrap:wrap;align-items:center;gap:4px 10px}
.service h3{font-size:1.3rem;letter-spacing:-.02em;line-height:1.3}
.service .why{flex-basis:100%;color:var(--soft);overflow-wrap:anywhere}
.service .why strong{color:var(--ink);font-weight:600}
.tag{padding:1px 9px;border-radius:999px;border:1px solid var(--line);color:var(--soft);font-size:.8rem;overflow-wrap:anywhere;text-decoration:none}
.tag.host{color:var(--ink)}
.orders{display:none;flex-wrap:wrap;gap:8px}
.js .orders{display:flex}
.service>header .orders{margin-left:auto}
.order.cutover{border-color:var(--hue);color:var(--hue);font-weight:600}
.order.cutover:hover{background:var(--hue);color:var(--card)}

.river{margin-top:12px}
.source{width:max-content;margin:0 auto;padding:3px 16px;border-radius:999px;background:var(--head);font-size:.9rem;line-height:1.5}
.source b{font-size:1.05rem}
.flow{display:block;width:100%;height:56px;overflow:visible}
.flow path{transition:d .9s cubic-bezier(.4,0,.2,1),opacity .9s}
.water{fill:var(--hue);opacity:.24}
.stream{fill:none;stroke:var(--hue);stroke-width:2;stroke-dasharray:3 15;stroke-linecap:round;vector-effect:non-scaling-stroke;opacity:.9;animation:flow 1.1s linear infinite}
.dry .water{opacity:.12}
.dry .stream,.waiting .stream{opacity:0;animation:none}
@keyframes flow{to{stroke-dashoffset:-36}}
.shares{display:block;width:100%;height:6px;border-radius:3px;overflow:hidden}
.shares rect,.meter rect{fill:var(--hue);transition:x .9s,width .9s}
.shares .bed,.meter .bed{fill:var(--line2)}
.river .shares{display:none;margin-top:10px}

.colours{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:14px}
.colour{container-type:inline-size;position:relative;min-width:0;border:1px solid var(--line);border-top:6px solid color-mix(in srgb,var(--hue) 38%,var(--card));border-radius:11px;padding:12px 16px 14px;display:grid;gap:9px;align-content:start;transition:border-color .6s,background-color .6s}
.colour.live{border-color:var(--hue);background:color-mix(in srgb,var(--hue) 6%,var(--card))}
.colour.empty{border-style:dashed;border-top-style:solid}
.colour header{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:center;gap:6px 12px}
.colour h4{font-size:1.08rem;min-width:0;overflow-wrap:anywhere;color:var(--hue)}
.badge{display:inline-block;padding:2px 11px;border-radius:999px;border:1px solid currentColor;font-size:.8rem;font-weight:600;white-space:nowrap;color:var(--soft)}
.badge.live{background:var(--hue,var(--accent));border-color:var(--hue,var(--accent));color:var(--card)}
.badge.draining{color:var(--warn);border-style:dashed}
.badge.empty{color:var(--bad)}
.version{font-size:.86rem;overflow-wrap:anywhere}
.version span{color:var(--soft)}
.version b{font-weight:600}
.servers{display:flex;flex-wrap:wrap;align-items:center;gap:4px 12px;font-size:.92rem}
.dots{display:inline-flex;flex-wrap:wrap;gap:4px}
.dots i{width:13px;height:13px;border-radius:3px;border:2px solid var(--hue)}
.dots .up{background:var(--hue)}
.dots .maint{border-color:var(--ochre);background:repeating-linear-gradient(135deg,var(--ochre) 0 2px,transparent 2px 5px)}
.dots .down{border-color:var(--bad);background:linear-gradient(45deg,transparent 42%,var(--bad) 42% 58%,transparent 58%)}
.dots .starting{border-color:var(--warn);border-style:dashed;background:none}
.dots .missing{border-style:dotted;border-color:var(--soft)}
.flight{padding:6px 11px;border-radius:8px;background:color-mix(in srgb,var(--warn) 12%,transparent);font-size:.88rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,76px),1fr));gap:10px 18px}
@container (max-width:459px){.tiles{grid-template-columns:1fr 1fr}.tiles>:first-child:nth-last-child(odd){grid-column:1/-1}}
.tiles dd{display:grid;gap:2px}
.tiles strong{font-size:1.22rem;line-height:1.35;font-weight:650;white-space:nowrap}
.meter{display:block;width:100%;height:6px;margin:15px 0;border-radius:3px;overflow:hidden}
.spark{display:block;width:100%;height:36px}
.spark path{vector-effect:non-scaling-stroke}
.spark .base{stroke:var(--line);stroke-width:1}
.spark .line{fill:none;stroke:var(--hue);stroke-width:1.6;stroke-linejoin:round}
.spark .over{stroke-width:1;opacity:.55}
.spark .area{fill:var(--hue);opacity:.14}
.alarming strong,.n.alarming{color:var(--bad)}
.alarming .spark{--hue:var(--bad)}
.numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(82px,1fr));gap:6px 14px;border-top:1px solid var(--line2);padding-top:8px}
.numbers dd{font-weight:600;line-height:1.3;white-space:nowrap}

.folded{padding:0;content-visibility:auto;contain-intrinsic-size:auto 42px;border-radius:10px;box-shadow:none}
.service.folded+.folded{margin-top:5px}
.folded-head{font-size:.78rem;color:var(--soft);border:1px solid transparent}
.folded b{overflow-wrap:anywhere}
.folded a,.folded-head{display:grid;grid-template-columns:minmax(7rem,.5fr) minmax(0,1fr) minmax(0,1fr) 5.5rem 4.5rem 4.5rem 110px;gap:4px 14px;align-items:center;padding:7px 16px;color:inherit;text-decoration:none}
.folded a:hover{color:var(--accent)}
.folded .chip{justify-self:start;max-width:100%}
.folded .more{color:var(--soft);overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.n{text-align:right;white-space:nowrap}
.chip{display:inline-block;padding:0 9px;border-radius:6px;border:1px solid color-mix(in srgb,var(--hue,var(--line)) 45%,transparent);background:color-mix(in srgb,var(--hue,var(--line)) 8%,transparent);color:color-mix(in srgb,var(--hue,var(--soft)) 82%,var(--ink));font-weight:600;overflow-wrap:anywhere}
.chip.none{border-style:dashed;font-weight:400;color:var(--soft)}

.timeline{position:relative;padding-left:22px;display:grid;gap:12px}
.timeline::before{content:"";position:absolute;left:6px;top:8px;bottom:8px;width:2px;background:var(--line)}
.timeline li{position:relative;display:grid;grid-template-columns:minmax(0,auto) minmax(0,1fr) auto;gap:2px 18px;align-items:baseline;font-size:.92rem}
.timeline li::before{content:"";position:absolute;left:-21px;top:5px;width:12px;height:12px;border-radius:50%;background:var(--hue,var(--soft));box-shadow:0 0 0 4px var(--bg)}
.timeline .reason{color:var(--soft);overflow-wrap:anywhere}
.timeline .when{text-align:right}
.timeline small{display:block}
@media (max-width:900px){.timeline li{grid-template-columns:minmax(0,1fr)}.timeline .when{text-align:left}}
`;
