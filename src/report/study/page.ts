// The report of a study as one self-contained page: the answers first, then the figures with their numbers, then what
// is missing and what made it. And its figures, to be written as files.

import { endSentence } from '../../analysis/answers.js';
import type { Findings } from '../../analysis/findings.js';
import type { MixedSets } from '../../analysis/mix.js';
import { counted, verb } from '../../counted.js';
import type { Parity } from '../../probe/parity.js';
import type { DrawnMaps, Figure, FigureDrawing } from '../drawing.js';
import { asDrawing } from '../figures.js';
import { pageShell } from '../page_shell.js';
import { escapeXml } from '../svg.js';
import { cardsHtml } from './cards.js';
import { withoutLinks } from './links.js';
import { mostOptions, sectionHtml } from './markup.js';
import type { Piece, Section } from './piece.js';
import { sectionsOf } from './sections.js';
import { distinct, groupsOf, makerOf, slug } from './slices.js';
import { choiceStyle, filterStyle, STUDY_STYLE } from './style.js';
import { failureTable } from './tables.js';

export interface StudyReport {
  /** A whole HTML document that needs nothing else. */
  readonly html: string;
  /** Every figure of the page. */
  readonly figures: readonly Figure[];
}

/** Draws the report of a study, and of its maps those given. Computes nothing: all numbers are the findings'. */
export function studyReport(
  given: FigureDrawing,
  findings: Findings,
  maps: DrawnMaps = new Map(),
): StudyReport {
  const drawing = asDrawing(given);
  const { sections, absent } = sectionsOf(drawing, findings, maps);
  const title = `Study ${findings.study}`;
  const tail = tailOf(findings, absent);
  const all = [...sections, ...tail];
  const disturbances = distinct(sections.flatMap(({ disturbance }) => disturbance ?? []));
  const groups = groupsOf(findings);
  const body = [
    head(findings, title),
    cardsHtml(findings.answers),
    '<div class="report">',
    contents(all, { disturbances, groups }),
    `<div>${all.map(sectionHtml).join('\n')}</div>`,
    '</div>',
  ];
  const style = [
    STUDY_STYLE,
    choiceStyle(mostOptions(all)),
    filterStyle(
      'disturbance',
      disturbances.map((name) => slug(name)),
    ),
    filterStyle(
      'group',
      groups.map((name) => slug(name)),
    ),
  ];
  return {
    html: pageShell(title, body.join('\n'), { style: style.join('') }),
    figures: sections
      .flatMap(({ pieces }) => figuresOf(pieces))
      .map((figure) => ({ ...figure, svg: withoutLinks(figure.svg) })),
  };
}

function head({ counts, makers, seed, rule, until }: Findings, title: string): string {
  const clips = Object.entries(counts.clips).map(([group, n]) => `${group} ${n}`);
  const facts = [
    makers.map((maker) => makerOf(maker)).join(', ') || 'no model',
    clips.length > 0 ? `clips: ${clips.join(', ')}` : 'no clips',
    `${counts.ok} of ${counted(counts.planned, 'cell')}`,
    `regions by rule ${rule}`,
    `seed ${seed}`,
  ];
  const incomplete = counts.ok < counts.planned;
  return `<p class="quiet">losscope ${escapeXml(makers[0]?.losscope ?? '')} · report of a study</p>
<h1>${escapeXml(title)}</h1>
<p class="quiet">${facts.map(escapeXml).join(' · ')}</p>
${incomplete ? `<p class="warning">Not complete: ${counts.failed} failed, ${counts.missing} not scored (<a href="#counts">why</a>).</p>` : ''}
${until === undefined ? '' : `<p class="warning">${escapeXml(endSentence(until))}</p>`}`;
}

/** The sections, and what may be filtered by; it stays in sight. */
function contents(
  sections: readonly Section[],
  { disturbances, groups }: { readonly disturbances: readonly string[]; readonly groups: readonly string[] },
): string {
  const links = sections.map(
    ({ id, title, disturbance }) =>
      `<li${disturbance === undefined ? '' : ` data-disturbance="${slug(disturbance)}"`}><a href="#${id}">${escapeXml(title)}</a></li>`,
  );
  return `<nav class="contents" aria-label="Contents"><h2>Contents</h2><ol tabindex="0">${links.join('')}</ol>
${filter('disturbance', 'Disturbance', disturbances)}${filter('group', 'Rows of tables', groups)}</nav>`;
}

/** Radio buttons that look like chips; what they hide stands in the style. */
function filter(name: string, label: string, values: readonly string[]): string {
  if (values.length < 2) return '';
  const chips = ['all', ...values].map(
    (value, i) =>
      `<input class="pick" type="radio" name="${name}" id="${name}-${i}"${i === 0 ? ' checked' : ''}><label for="${name}-${i}">${escapeXml(value)}</label>`,
  );
  return `<fieldset class="filter"><legend>${label}</legend>${chips.join('\n')}</fieldset>`;
}

function figuresOf(pieces: readonly Piece[]): Figure[] {
  return pieces.flatMap((piece) => {
    if (piece.kind === 'figure') return [piece.figure];
    if (piece.kind === 'choice') return piece.options.flatMap(({ pieces: inner }) => figuresOf(inner));
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
        `${counted(counts.planned, 'cell')} planned: ${counts.ok} scored, ${counts.failed} failed, ${counts.missing} missing. A cell is one ` +
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
    `${counted(clips.length, 'clip')} of the study, the loss of a token differs by ${nats(loss.mean)} nats on average (99%: ${nats(loss.p99)}, at most ` +
    `${nats(loss.max)}), the difference of disturbed and clean by ${nats(delta.mean)} (at most ${nats(delta.max)}), the mean loss of a clip ` +
    `by at most ${nats(meanDifference)}; ${codes.equal} of ${counted(codes.of, 'code')} are the same.`;
  return `<p class="note">${escapeXml(sentence)}</p>`;
}

/** How far apart two instruction sets are. */
function mixedHtml({ sets, cells, mean, max, codes }: MixedSets): string {
  const nats = (value: number): string => value.toPrecision(2);
  const sentence =
    `This study mixes instruction sets: ${counted(cells, 'cell')} came out in two ways with ${sets.join(' and ')}, the loss of a token ` +
    `${nats(mean)} nats apart on average (at most ${nats(max)}), ${counted(codes, 'code')} ${verb(codes, 'is another', 'are other ones')}. The rows say which set scored them.`;
  return `<p class="note">${escapeXml(sentence)}</p>`;
}

function reproduceHtml({ study, seed, rule }: Findings): string {
  const lines = [
    `losscope run ${study}.yaml --out DIR      # score what is missing`,
    'losscope check DIR                        # compare the rows with the plan',
    `losscope report DIR --seed ${seed} --rule ${rule}`,
    'losscope view DIR                         # see and hear the clip behind every point',
    'losscope export DIR --format csv          # every row behind this page',
  ];
  return `<pre tabindex="0">${lines.map(escapeXml).join('\n')}</pre>
<p class="quiet">Every number is defined in docs/measure of the losscope repository. The unit of analysis is the clip: every n counts
clips, every interval is a 95% bootstrap interval over clips, p-values are corrected by Holm within the family named on hovering.
All findings at full precision stand in findings.json beside this page.</p>`;
}
