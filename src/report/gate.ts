// A gate in a terminal, as Markdown for the summary of a CI job, and as JUnit XML.

import type { Gate, GateCase, GateVerdict } from '../analysis/gate.js';
import { counted } from '../counted.js';
import { madeWords } from '../scores/made.js';
import { escapeXml } from './svg.js';
import { ABSENT, plain, signed } from './words.js';

/** Names of clips that a summary lists of each case. */
const LISTED = 10;

export function gateLines(gate: Gate): string[] {
  const { verdict, score, cases } = gate;
  return [
    ...cases.map(({ name, sentence }) => `${name}: ${sentence}`),
    ...(cases.length > 1 ? [`${verdict}: ${score} of ${counted(cases.length, 'group')}`] : []),
    ...madeLines(gate),
  ];
}

/** What made the scores: once where it is the same on both sides. */
function madeLines({ made: { candidate, baseline } }: Gate): string[] {
  const [ours, theirs] = [candidate, baseline].map((side) => side.map(madeWords).join('; '));
  return ours === theirs ? [ours] : [`candidate: ${ours}`, `baseline: ${theirs}`];
}

/** A heading, a table with a row a case, and what is missing. */
export function gateMarkdown(gate: Gate): string {
  const { verdict, score, unit, direction, margin, cases } = gate;
  const better = { up: 'less is better', down: 'more is better', both: 'neither way is better' }[direction];
  const row = ({ name, verdict, candidate, baseline, worse, low, high, sentence }: GateCase): string =>
    cells([
      name,
      `**${verdict}**`,
      `${plain(candidate.mean, 3)} (${candidate.clips})`,
      `${plain(baseline.mean, 3)} (${baseline.clips})`,
      worse === null ? ABSENT : `${signed(worse, 3)} [${signed(low, 3)}, ${signed(high, 3)}]`,
      sentence,
    ]);
  const missing = cases.flatMap((each) =>
    each.missing.slice(0, LISTED).map(({ name, why }) => `- ${escapeMarkdown(`${name}: ${why}`)}`),
  );
  const count = cases.reduce((sum, each) => sum + each.missing.length, 0);
  return [
    `## losscope gate: ${verdict}`,
    '',
    `Score \`${score}\`${unit === 'none' ? '' : ` (${unit})`}, ${better}; a pass needs the whole interval below ${margin}.`,
    '',
    ...madeLines(gate).map((line) => escapeMarkdown(line)),
    '',
    cells(['clips', 'verdict', 'candidate (clips)', 'baseline (clips)', 'worse by [90%]', 'in words']),
    '| --- | --- | --- | --- | --- | --- |',
    ...cases.map(row),
    ...(count > 0 ? ['', `Without a value: ${count}`, '', ...missing] : []),
    '',
  ].join('\n');
}

function cells(texts: readonly string[]): string {
  return `| ${texts.map(cellText).join(' | ')} |`;
}

/** Names come from files: nothing in them ends the cell, or is read as markup. Our own ** stays. */
function cellText(text: string): string {
  return /^\*\*\w+\*\*$/.test(text) ? text : escapeMarkdown(text);
}

function escapeMarkdown(text: string): string {
  return withoutControls(text)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_|~#@[\]]/g, (mark) => `\\${mark}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** One test case each; what is undecided is an error, so that no reader takes it for a pass. */
export function gateJunit({ score, cases }: Gate): string {
  const count = (...verdicts: readonly GateVerdict[]): number =>
    cases.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const totals = `tests="${cases.length}" failures="${count('fail')}" errors="${count('inconclusive', 'incomplete')}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="losscope gate" ${totals}>`,
    `  <testsuite name="${attribute(score)}" ${totals}>`,
    ...cases.flatMap(testCase(score)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(score: string): (each: GateCase) => string[] {
  return ({ name, verdict, sentence, missing }) => {
    const head = `    <testcase classname="losscope.gate.${attribute(score)}" name="${attribute(name)}"`;
    if (verdict === 'pass')
      return [`${head}>`, `      <system-out>${attribute(sentence)}</system-out>`, '    </testcase>'];
    const tag = verdict === 'fail' ? 'failure' : 'error';
    const details = missing.map(({ name, why }) => attribute(`${name}: ${why}`)).join('\n');
    return [
      `${head}>`,
      `      <${tag} type="${verdict}" message="${attribute(sentence)}">${details}</${tag}>`,
      '    </testcase>',
    ];
  };
}

/** Text for an attribute: line ends as references, since a parser turns plain ones into spaces. */
function attribute(text: string): string {
  return escapeXml(withoutControls(text)).replace(/[\t\n\r]/g, (white) => `&#${white.charCodeAt(0)};`);
}

/** XML 1.0 has no place for control characters and halves of pairs, not even escaped: each becomes U+FFFD. */
function withoutControls(text: string): string {
  return text.replace(/(?![\t\n\r])[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '\ufffd');
}
