"""The gallery's look and its one small script; both stand inside the page, nothing is loaded."""

from __future__ import annotations

STYLE = """
:root{color-scheme:light dark;--bg:#f3f4f6;--card:#fff;--line:#e2e4e9;--ink:#1d2026;--soft:#5d6470;
--stage1:#e9ebef;--stage2:#d3d7de;--accent:#2f6fce;--good:#2c8a6d;--near:#a96c07;--bad:#c23b3b;
--track:#e6e8ed;--shadow:0 1px 2px rgba(20,24,32,.06),0 6px 20px rgba(20,24,32,.05)}
@media(prefers-color-scheme:dark){:root{--bg:#15171b;--card:#1d2025;--line:#2d3138;--ink:#e6e8ec;
--soft:#9aa2af;--stage1:#3a3e46;--stage2:#24272d;--accent:#7fb0f5;--good:#57b797;--near:#d9a441;
--bad:#ef7b76;--track:#2c3038;--shadow:0 1px 2px rgba(0,0,0,.3)}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
a:focus-visible,input:focus-visible,select:focus-visible,summary:focus-visible{
outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--card);
padding:.5rem 1rem;z-index:2}
header.top,main,footer{max-width:1480px;margin:0 auto;padding:0 24px}
header.top{padding-top:32px;padding-bottom:8px}
h1{font-size:1.5rem;font-weight:650;letter-spacing:-.01em;margin:0}
h2{font-size:1.1rem;font-weight:650;margin:0;overflow-wrap:anywhere}
h3{font-size:.75rem;font-weight:600;color:var(--soft);text-transform:uppercase;
letter-spacing:.06em;margin:0 0 10px}
.sum{color:var(--soft);margin:.25rem 0 0;font-variant-numeric:tabular-nums}
.bar{display:flex;gap:10px;flex-wrap:wrap;margin:18px 0 8px}
.bar[hidden]{display:none}
.bar input,.bar select{font:inherit;color:inherit;background:var(--card);
border:1px solid var(--line);border-radius:8px;padding:7px 12px;min-width:0}
.bar input{flex:1 1 220px;max-width:380px}
.asset{background:var(--card);border:1px solid var(--line);border-radius:14px;
box-shadow:var(--shadow);padding:20px 22px;margin:16px 0;scroll-margin-top:12px}
.asset[hidden]{display:none}
.head{display:flex;gap:6px 12px;align-items:center;flex-wrap:wrap;margin-bottom:16px}
.head .meta{color:var(--soft);font-size:.85rem;overflow-wrap:anywhere}
.head .meta:last-child{margin-left:auto}
.pill{font-size:.75rem;font-weight:600;border-radius:99px;padding:2px 10px;
border:1px solid currentColor;white-space:nowrap}
.ready,.ok{color:var(--good)}.attention,.warning,.near{color:var(--near)}
.failed,.error,.over{color:var(--bad)}.pending,.info,.waived{color:var(--soft)}
.stages{display:grid;grid-template-columns:repeat(auto-fill,minmax(158px,1fr));gap:14px;
list-style:none;margin:0;padding:0}
figure{margin:0}
.pic{display:block;aspect-ratio:1;border-radius:10px;overflow:hidden;
background:radial-gradient(circle at 50% 38%,var(--stage1),var(--stage2))}
.pic img{display:block;width:100%;height:100%;object-fit:contain}
.pic.none{display:grid;place-items:center;color:var(--soft);font-size:.85rem;
background:none;border:1px dashed var(--line)}
figcaption{padding:8px 2px 0;font-size:.85rem;line-height:1.4;font-variant-numeric:tabular-nums}
figcaption b{font-weight:600;overflow-wrap:anywhere}
figcaption span{display:block;color:var(--soft);overflow-wrap:anywhere}
.under{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,380px),1fr));
gap:22px 40px;margin-top:20px;padding-top:18px;border-top:1px solid var(--line)}
.variant{margin:0 0 16px}.variant:last-child{margin:0}
.variant .name{display:flex;gap:10px;font-size:.9rem;margin-bottom:6px;flex-wrap:wrap}
.variant .name b{font-weight:600;overflow-wrap:anywhere}
.variant .name span{color:var(--soft);margin-left:auto}
.budget{display:grid;grid-template-columns:minmax(7rem,9rem) 1fr minmax(8.5rem,auto);gap:12px;
align-items:center;font-size:.8rem;color:var(--soft);font-variant-numeric:tabular-nums;
padding:2px 0}
.budget .val{text-align:right}.budget .val b{font-weight:600}
.track{height:7px;border-radius:9px;background:var(--track);overflow:hidden}
.fill{display:block;height:100%;border-radius:9px;background:currentColor;min-width:2px}
.fill.over{background:repeating-linear-gradient(-45deg,currentColor 0 5px,transparent 5px 8px)}
.findings{list-style:none;margin:0;padding:0}
.findings li{padding:8px 0;border-top:1px solid var(--line);font-size:.88rem;
overflow-wrap:anywhere}
.findings li:first-child{border:0;padding-top:0}
.findings .sev{font-size:.72rem;font-weight:700;text-transform:uppercase;letter-spacing:.05em}
.findings code{color:var(--soft);font-size:.8rem}
.findings p{margin:2px 0 0}.findings .fix{color:var(--soft)}
.calm{color:var(--soft);font-size:.9rem;margin:0}
details summary{cursor:pointer;color:var(--soft);font-size:.85rem;padding-top:8px}
footer{color:var(--soft);font-size:.8rem;padding-top:8px;padding-bottom:40px}
@media(max-width:560px){header.top,main,footer{padding-left:12px;padding-right:12px}
.asset{padding:16px 14px}.head .meta:last-child{margin-left:0}
.stages{grid-template-columns:repeat(2,minmax(0,1fr))}
.budget{grid-template-columns:1fr auto}.budget .track{grid-column:1/-1;grid-row:2}}
@media print{.bar{display:none}.asset{break-inside:avoid;box-shadow:none}}
"""

SCRIPT = """
(function(){
var bar=document.querySelector('.bar'),text=bar.querySelector('input'),
state=bar.querySelector('select'),count=document.getElementById('count'),
cards=Array.prototype.slice.call(document.querySelectorAll('.asset'));
function show(){
var wanted=text.value.trim().toLowerCase(),seen=0;
cards.forEach(function(card){
var fits=(!wanted||card.dataset.find.indexOf(wanted)>=0)&&
(!state.value||card.dataset.state===state.value);
card.hidden=!fits;if(fits)seen++;});
count.textContent=seen===cards.length?'':seen+' of '+cards.length+' shown';}
bar.hidden=false;text.addEventListener('input',show);state.addEventListener('change',show);
})();
"""
