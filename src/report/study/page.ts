// The report of a study as one self-contained page: the answers first, then the figures with their numbers, then what
// is missing and what made it. And its figures, to be written as files.

import type { Findings } from '../../analysis/findings.js';
import type { MixedSets } from '../../analysis/mix.js';
import type { Parity } from '../../probe/parity.js';
import type { Drawing } from '../figures.js';
import { pageShell } from '../page_shell.js';
import { escapeXml } from '../svg.js';
import { count } from '../words.js';
import type { Figure } from './figure.js';
import type { DrawnMaps } from './map_section.js';
import type { Piece, Section } from './piece.js';
import { sectionsOf } from './sections.js';
import { makerOf } from './slices.js';
import { STUDY_STYLE } from './style.js';
import { failureTable } from './tables.js';

export interface StudyReport {
  /** A whole HTML document that needs nothing else. */
  readonly html: string;
  /** Every figure of the page. */
  readonly figures: readonly Figure[];
}

/** Draws the report of a study, and of its maps those given. Computes nothing: all numbers are the findings'. */
export function studyReport(drawing: Drawing, findings: Findings, maps: DrawnMaps = new Map()): StudyReport {
  const { sections, absent } = sectionsOf(drawing, findings, maps);
  const title = `Study ${findings.study}`;
  const tail = tailOf(findings, absent);
  const body = [
    head(findings, title),
    answersHtml(findings),
    contents([...sections, ...tail]),
    ...sections.map(sectionHtml),
    ...tail.map(sectionHtml),
  ];
  return {
    html: pageShell(title, body.join('\n'), { style: STUDY_STYLE }),
    figures: sections.flatMap(({ pieces }) => figuresOf(pieces)),
  };
}

function head({ counts, makers, seed, rule }: Findings, title: string): string {
  const clips = Object.entries(counts.clips).map(([group, n]) => `${group} ${n}`);
  const facts = [
    makers.map((maker) => makerOf(maker)).join(', ') || 'no model',
    clips.length > 0 ? `clips: ${clips.join(', ')}` : 'no clips',
    `${counts.ok} of ${count(counts.planned, 'cell')}`,
    `regions by rule ${rule}`,
    `seed ${seed}`,
  ];
  const incomplete = counts.ok < counts.planned;
  return `<p class="quiet">losscope ${escapeXml(makers[0]?.losscope ?? '')} · report of a study</p>
<h1>${escapeXml(title)}</h1>
<p class="quiet">${facts.map(escapeXml).join(' · ')}</p>
${incomplete ? `<p class="warning">Not complete: ${counts.failed} failed, ${counts.missing} not scored (<a href="#counts">why</a>).</p>` : ''}`;
}

function answersHtml({ answers }: Findings): string {
  if (answers.length === 0) return '<p class="quiet">No answers: nothing was scored that could give one.</p>';
  const cards = answers.map(
    ({
      question,
      title,
      sentences,
    }) => `<section class="answer"><h3><span>${question}</span> ${escapeXml(title)}</h3>
${sentences.map((sentence) => `<p>${escapeXml(sentence)}</p>`).join('\n')}</section>`,
  );
  return `<div class="answerlist">${cards.join('\n')}</div>`;
}

function contents(sections: readonly Section[]): string {
  const links = sections.map(({ id, title }) => `<li><a href="#${id}">${escapeXml(title)}</a></li>`);
  return `<nav><h2>Contents</h2><ol>${links.join('')}</ol></nav>`;
}

function sectionHtml({ id, title, intro, pieces }: Section): string {
  return `<section id="${id}"><h2>${escapeXml(title)}</h2>
${intro === '' ? '' : `<p>${escapeXml(intro)}</p>`}
${pieces.map(pieceHtml).join('\n')}</section>`;
}

function pieceHtml(piece: Piece): string {
  switch (piece.kind) {
    case 'figure':
      return figureHtml(piece.figure);
    case 'html':
      return piece.html;
    case 'folded':
      return `<details><summary>${escapeXml(piece.summary)}</summary>
${piece.pieces.map(pieceHtml).join('\n')}</details>`;
  }
}

export function figureHtml({ title, caption, svg }: Figure): string {
  return `<figure><h3>${escapeXml(title)}</h3>
<div class="scroll">${svg}</div>
<figcaption>${escapeXml(caption)}</figcaption></figure>`;
}

function figuresOf(pieces: readonly Piece[]): Figure[] {
  return pieces.flatMap((piece) => {
    if (piece.kind === 'figure') return [piece.figure];
    return piece.kind === 'folded' ? figuresOf(piece.pieces) : [];
  });
}

/** What is at the end of every report. */
function tailOf(findings: Findings, absent: readonly string[]): Section[] {
  const { counts } = findings;
  const html = (text: string): Piece => ({ kind: 'html', html: text });
  return [
    {
      id: 'counts',
      title: 'What was scored, and what was not',
      intro:
        `${counts.planned} cells planned: ${counts.ok} scored, ${counts.failed} failed, ${counts.missing} missing. A cell is one ` +
        'version of one clip under one model and protocol. What failed or is missing is left out of every mean and counted there.',
      pieces: [
        ...(counts.failures.length > 0 ? [html(failureTable(counts))] : []),
        ...absent.map((sentence) => html(`<p class="quiet">${escapeXml(sentence)}</p>`)),
      ],
    },
    {
      id: 'makers',
      title: 'What made these numbers',
      intro: '',
      pieces: [
        html(makersHtml(findings)),
        ...findings.parity.map((each) => html(parityHtml(each))),
        ...findings.mixed.map((each) => html(mixedHtml(each))),
      ],
    },
    {
      id: 'reproduce',
      title: 'How to get them again',
      intro:
        'The folder of the study holds its plan, the study file as it was read among it. The same plan, models and seed give the same rows, ' +
        'and the same rows, rule and seed the same report.',
      pieces: [html(reproduceHtml(findings))],
    },
  ];
}

/** Who made the numbers, as a definition list. */
export function makersHtml({ makers, planHash }: Pick<Findings, 'makers' | 'planHash'>): string {
  const items = makers.flatMap((maker) => [
    [
      makerOf(maker),
      `fingerprint ${maker.fingerprint}, ${maker.precision}, condition ${maker.condition}, ${maker.runtime}, ${maker.device}, ${maker.instructions}, resampler ${maker.resampler}, losscope ${maker.losscope}`,
    ],
  ]);
  const rows = [...items, ['plan', planHash]].map(
    ([name, what]) => `<dt>${escapeXml(name)}</dt><dd>${escapeXml(what)}</dd>`,
  );
  return `<dl class="made">${rows.join('\n')}</dl>`;
}

/** How far an approximate computation is from the exact one. */
function parityHtml({
  model,
  protocol,
  first,
  second,
  loss,
  delta,
  meanDifference,
  codes,
  clips,
}: Parity): string {
  const nats = (value: number): string => value.toPrecision(2);
  const sentence =
    `${model}, ${protocol}: computed in ${second.precision} on ${second.runtime}, ${second.device}. Against ${first.precision} on ${first.runtime}, ${first.device}, on ` +
    `${count(clips.length, 'clip')} of the study, the loss of a token differs by ${nats(loss.mean)} nats on average (99%: ${nats(loss.p99)}, at most ` +
    `${nats(loss.max)}), the difference of disturbed and clean by ${nats(delta.mean)} (at most ${nats(delta.max)}), the mean loss of a clip ` +
    `by at most ${nats(meanDifference)}; ${codes.equal} of ${codes.of} codes are the same.`;
  return `<p class="note">${escapeXml(sentence)}</p>`;
}

/** How far apart two instruction sets are. */
function mixedHtml({ sets, cells, mean, max, codes }: MixedSets): string {
  const nats = (value: number): string => value.toPrecision(2);
  const sentence =
    `This study mixes instruction sets: ${count(cells, 'cell')} came out in two ways with ${sets.join(' and ')}, the loss of a token ` +
    `${nats(mean)} nats apart on average (at most ${nats(max)}), ${codes} codes are other ones. The rows say which set scored them.`;
  return `<p class="note">${escapeXml(sentence)}</p>`;
}

function reproduceHtml({ study, seed, rule }: Findings): string {
  const lines = [
    `losscope run ${study}.yaml --out DIR      # score what is missing`,
    'losscope check DIR                        # compare the rows with the plan',
    `losscope report DIR --seed ${seed} --rule ${rule}`,
    'losscope export DIR --format csv          # every row behind this page',
  ];
  return `<pre>${lines.map(escapeXml).join('\n')}</pre>
<p class="quiet">Every number is defined in docs/measure of the losscope repository. The unit of analysis is the clip: every n counts
clips, every interval is a 95% bootstrap interval over clips, p-values are corrected by Holm within the family named on hovering.
All findings at full precision stand in findings.json beside this page.</p>`;
}
