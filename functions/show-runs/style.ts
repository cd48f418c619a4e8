/**
 * How pages look: one column of text, numbers that line up, bars that need no script. Colours have a meaning of their own
 * only beside a word. Those of the plots, too, are variables, so that a dark page has dark plots.
 */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf8; --card: #ffffff; --ink: #1d2329; --muted: #59636e; --rule: #e1ddd6;
  --blue: #2563a8; --green: #2c7a4b; --red: #b3372f; --amber: #8f5d00; --wash: #f1eee8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181c; --card: #1b2026; --ink: #e6e8ea; --muted: #a3adb8; --rule: #333b44;
    --blue: #7fb2ec; --green: #7bc796; --red: #f0938b; --amber: #e0b45c; --wash: #232a31;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
h1 { font-size: 1.6rem; line-height: 1.25; margin: .25rem 0 .5rem; letter-spacing: -.01em; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 0 0 .75rem; }
p, li { overflow-wrap: anywhere; }
p { margin: 0 0 .75rem; }
section > :last-child { margin-bottom: 0; }
a { color: var(--blue); }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; border-radius: 2px; }
section { background: var(--card); border: 1px solid var(--rule); border-radius: .6rem; padding: 1.1rem 1.25rem; margin: 1rem 0; }
.muted, caption, th, dt { color: var(--muted); }
.summary { font-size: 1.08em; }
.badge {
  display: inline-block; padding: .05rem .6rem; border-radius: 1rem; border: 1px solid currentColor;
  font-size: .85rem; font-weight: 600; white-space: nowrap;
}
.succeeded { color: var(--green); } .failed { color: var(--red); } .waits { color: var(--amber); }
.failure { border-left: .3rem solid var(--red); } .waiting { border-left: .3rem solid var(--amber); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.25rem; margin: 0; }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
table + table { margin-top: 1.25rem; }
caption { text-align: left; font-size: .9em; padding-bottom: .35rem; }
th { text-align: left; font-weight: 500; font-size: .9em; }
th, td { padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
tr:last-child > * { border-bottom: 0; }
tbody th { color: var(--ink); font-size: 1em; }
th.number, td.number { text-align: right; white-space: nowrap; }
.bar { width: 34%; min-width: 5rem; }
.bar i { display: block; height: .7rem; margin-top: .45em; min-width: 1px; border-radius: .2rem; background: var(--blue); }
.time { white-space: nowrap; }
.bar .none { background: none; }
.bar .full { background: var(--red); }
.bar .near { background: var(--amber); }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--blue); }
pre, code { font: .875rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
pre { background: var(--wash); padding: .6rem .75rem; border-radius: .4rem; margin: 0 0 .75rem; white-space: pre-wrap; overflow-wrap: anywhere; }
code { overflow-wrap: anywhere; }
ul { margin: 0; padding-left: 1.2rem; } li { margin-bottom: .4rem; }
summary { cursor: pointer; font-weight: 600; padding: .25rem 0; overflow-wrap: anywhere; }
summary h2 { display: inline; font-size: inherit; margin: 0; }
.plots { scroll-margin-top: 4rem; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1.25rem; margin: .75rem 0 1.25rem; }
figure { margin: 0; } figcaption { font-size: .9rem; }
figure svg { width: 100%; height: auto; display: block; }
.key { font-size: .85rem; color: var(--muted); } .key b { font-weight: 600; }
.blue { color: var(--blue); } .green { color: var(--green); } .red { color: var(--red); } .amber { color: var(--amber); }
footer { font-size: .85rem; color: var(--muted); margin-top: 2rem; }
@media (max-width: 34rem) {
  section { padding: .9rem .9rem; }
  dl { grid-template-columns: 1fr; } dt { margin-top: .3rem; }
  .wide { display: none; }
  th, td { padding-right: .5rem; } thead th.number { white-space: normal; }
  .bar { width: 20%; min-width: 0; }
  .stack, .stack tbody, .stack tr, .stack th, .stack td { display: block; }
  .stack thead { display: none; } .stack caption { display: block; } .stack th { font-weight: 600; }
  .stack tr { border-bottom: 1px solid var(--rule); padding: .4rem 0; } .stack tr:last-child { border-bottom: 0; }
  .stack th, .stack td { border: 0; padding: 0 0 .15rem; overflow-wrap: anywhere; }
}
@media print {
  :root { --paper: #fff; --card: #fff; --ink: #000; --muted: #444; --rule: #bbb; --wash: #f4f4f4;
    --blue: #2563a8; --green: #2c7a4b; --red: #b3372f; --amber: #8f5d00; color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  section { padding: .5rem 0; border-width: 1px 0 0; border-radius: 0; }
  .failure, .waiting { padding-left: .75rem; }
  h2, caption { break-after: avoid; } tr, figure, li { break-inside: avoid; }
  .scroll { overflow: visible; }
  details.printed::details-content { content-visibility: visible; block-size: auto; }
  .bar i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
