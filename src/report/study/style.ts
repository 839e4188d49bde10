// What the report of a study adds to the common style of pages.

export const STUDY_STYLE = `
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(460px, 100%), 1fr)); gap: 14px; margin: 22px 0 8px; }
.card { background: var(--wash); border-radius: 12px; padding: 12px 18px; }
.card h2 { margin: 2px 0 6px; padding: 0; border: 0; font-size: 15px; color: var(--quiet); font-weight: 600; }
.card h2 span { margin-right: 4px; color: var(--accent); }
.card .verdict { font-size: 19px; line-height: 1.35; font-weight: 600; margin: 0 0 10px; }
.card details p { margin: 5px 0; font-size: 15px; }
svg.small { width: 100%; max-width: 560px; }
svg.small text { font-size: 12px; fill: var(--ink); }
svg.small text.quiet { fill: var(--quiet); }
svg.narrow { display: none; }
@media (max-width: 640px) { svg.wide { display: none; } svg.narrow { display: block; max-width: 400px; } }
svg.small .reference { stroke: var(--quiet); stroke-dasharray: 3 3; }
svg.small .interval { stroke: var(--accent); stroke-width: 2.5; opacity: 0.5; }
svg.small .dot { fill: var(--accent); }
.warning { border-left: 4px solid var(--warn); padding: 4px 14px; background: var(--wash); }
.report { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 32px; }
.contents { position: sticky; top: 0; z-index: 2; background: var(--paper); border-bottom: 1px solid var(--line); padding: 6px 0; }
.contents ol { display: flex; gap: 4px 16px; overflow-x: auto; white-space: nowrap; list-style: none; padding: 4px 0; margin: 0; font-size: 15px; }
.contents h2 { display: none; }
.filter { border: 0; padding: 0; margin: 4px 0; min-width: 0; font-size: 14px; }
.filter legend, .choice > .label { padding: 0; color: var(--quiet); font-size: 14px; margin-right: 4px; }
@media (max-width: 1079px) { .filter { display: flex; gap: 4px; overflow-x: auto; white-space: nowrap; } .filter legend { float: left; }
  section { scroll-margin-top: 110px; } }
@media (min-width: 1080px) {
  .report { grid-template-columns: 216px minmax(0, 1fr); }
  .contents { align-self: start; max-height: 100vh; overflow-y: auto; border: 0; padding: 14px 0; }
  .contents h2 { display: block; font-size: 15px; margin: 0 0 4px; padding: 0; border: 0; }
  .contents ol { display: block; white-space: normal; } .contents li { margin: 5px 0; line-height: 1.3; }
  .filter { margin-top: 14px; } .filter label { margin: 0 4px 4px 0; }
}
input.pick { position: absolute; opacity: 0; width: 1px; height: 1px; }
input.pick + label { display: inline-block; border: 1px solid var(--line); border-radius: 15px; padding: 2px 11px; margin: 2px 0; font-size: 14px;
  cursor: pointer; }
input.pick:checked + label { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
input.pick:focus-visible + label { outline: 3px solid var(--accent); outline-offset: 2px; }
.choice { position: relative; margin: 18px 0; } .choice > .option { display: none; }
section > h2 { margin-top: 40px; }
.report section:first-child > h2 { margin-top: 8px; border: 0; }
figure { margin: 26px 0 10px; break-inside: avoid; }
figure h3 { margin: 0; }
figcaption { margin-top: 6px; }
.files { margin: 4px 0 0; font-size: 14px; color: var(--quiet); }
th.text, td.text { text-align: left; padding-left: 0; }
td.text { white-space: normal; min-width: 11ch; max-width: 44ch; }
details { margin: 8px 0 14px; }
summary { color: var(--quiet); font-size: 14px; }
summary:hover { color: var(--ink); }
details[open] > summary { margin-bottom: 6px; }
pre { background: var(--wash); padding: 10px 14px; font-size: 13px; overflow-x: auto; }
@media print { .contents { display: none; } .report { display: block; } .choice > .option { display: block; } section > h2 { break-after: avoid; } }
`;

/** Shows the chosen option of every choice of a page; so many options at most. */
export function choiceStyle(most: number): string {
  const rules = Array.from(
    { length: most },
    (_, i) => `.choice > input:nth-of-type(${i + 1}):checked ~ .option:nth-of-type(${i + 1})`,
  );
  return rules.length === 0 ? '' : `${rules.join(',\n')} { display: block; }\n`;
}

/** Hides what a filter is not about: `name` of the filter and of the attribute, and its values; input 0 shows all. */
export function filterStyle(name: string, values: readonly string[]): string {
  return values
    .map(
      (value, i) =>
        `body:has(#${name}-${i + 1}:checked) [data-${name}]:not([data-${name}="${value}"]) { display: none; }\n`,
    )
    .join('');
}
