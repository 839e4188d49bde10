// What the report of a study adds to the common style of pages.

export const STUDY_STYLE = `
.answerlist { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 14px; margin: 22px 0 8px; }
.answer { background: var(--wash); border-left: 4px solid #0072b2; padding: 10px 18px 12px; }
.answer:last-child:nth-child(odd) { grid-column: 1 / -1; }
.answer h3 { margin: 2px 0 6px; }
.answer h3 span { color: var(--quiet); font-weight: 600; margin-right: 4px; }
.answer p { margin: 5px 0; font-size: 15px; }
.warning { border-left: 4px solid #d55e00; padding: 4px 14px; background: #fdf3ec; }
nav h2 { margin-top: 34px; }
nav ol { columns: 2; font-size: 15px; margin: 6px 0; padding-left: 22px; }
section > h2 { margin-top: 54px; }
figure { margin: 26px 0 10px; break-inside: avoid; }
figure h3 { margin: 0; }
figcaption { margin-top: 6px; }
figure svg { max-width: none; }
th.text, td.text { text-align: left; padding-left: 0; }
td.text { white-space: normal; min-width: 11ch; max-width: 44ch; }
details { margin: 8px 0 14px; }
summary { color: var(--quiet); font-size: 14px; }
summary:hover { color: var(--ink); }
details[open] > summary { margin-bottom: 6px; }
pre { background: var(--wash); padding: 10px 14px; font-size: 13px; overflow-x: auto; }
@media print { figcaption { margin-top: 6px; }
figure svg { max-width: 100%; } nav { display: none; } body { padding: 0; } section > h2 { break-after: avoid; } }
`;
