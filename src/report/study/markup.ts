// Sections and their pieces as HTML.

import type { Figure } from '../drawing.js';
import { escapeXml, scrolled } from '../svg.js';
import { hasLinks } from './links.js';
import type { Piece, Section } from './piece.js';
import { slug } from './slices.js';

/** Where the figures of a page lie, from the page: see writeReport. */
const FIGURES = 'figures/';
const FILES = ['png', 'svg', 'pdf'] as const;

export function sectionHtml({ id, title, intro, disturbance, pieces }: Section): string {
  const about = disturbance === undefined ? '' : ` data-disturbance="${slug(disturbance)}"`;
  return `<section id="${id}"${about}><h2>${escapeXml(title)}</h2>
${intro === '' ? '' : `<p>${escapeXml(intro)}</p>`}
${!pieces.some(leads) ? '' : `<p class="quiet">Points of figures are links to the clips behind them, to see and hear in the explorer (<code>losscope view DIR</code>, the folder of the study).</p>`}
${pieces.map((piece, i) => pieceHtml(piece, `${id}-${i}`)).join('\n')}</section>`;
}

/** Whether points of a figure in it are links. */
function leads(piece: Piece): boolean {
  switch (piece.kind) {
    case 'figure':
      return hasLinks(piece.figure.svg);
    case 'html':
      return false;
    case 'folded':
      return piece.pieces.some(leads);
    case 'choice':
      return piece.options.some(({ pieces }) => pieces.some(leads));
  }
}

/** `id` is the page's own for every piece. */
function pieceHtml(piece: Piece, id: string): string {
  switch (piece.kind) {
    case 'figure':
      return figureHtml(piece.figure);
    case 'html':
      return piece.html;
    case 'folded':
      return `<details><summary>${escapeXml(piece.summary)}</summary>
${piece.pieces.map((inner, i) => pieceHtml(inner, `${id}-${i}`)).join('\n')}</details>`;
    case 'choice':
      return choiceHtml(piece, id);
  }
}

/** Radio buttons, then what they show: which one is said by the style, without a script. */
function choiceHtml({ label, options }: Extract<Piece, { readonly kind: 'choice' }>, id: string): string {
  const chips = options.map(
    ({ name }, i) =>
      `<input class="pick" type="radio" name="pick-${id}" id="pick-${id}-${i}"${i === 0 ? ' checked' : ''}><label for="pick-${id}-${i}">${escapeXml(name)}</label>`,
  );
  const sets = options.map(
    ({ pieces }, i) =>
      `<div class="option">${pieces.map((inner, j) => pieceHtml(inner, `${id}-${i}-${j}`)).join('\n')}</div>`,
  );
  return `<div class="choice" role="group" aria-label="${escapeXml(label)}"><span class="label">${escapeXml(label)}</span>
${chips.join('\n')}
${sets.join('\n')}</div>`;
}

/** The longest choice of these sections. */
export function mostOptions(sections: readonly Section[]): number {
  const of = (pieces: readonly Piece[]): number =>
    Math.max(
      0,
      ...pieces.map((piece) => {
        if (piece.kind === 'folded') return of(piece.pieces);
        if (piece.kind !== 'choice') return 0;
        return Math.max(piece.options.length, ...piece.options.map((option) => of(option.pieces)));
      }),
    );
  return of(sections.flatMap(({ pieces }) => pieces));
}

/** A picture with links in it is no single image to those who listen to it. */
function withRole(svg: string): string {
  return hasLinks(svg) ? svg.replace('role="img"', 'role="group"') : svg;
}

export function figureHtml({ name, title, caption, svg }: Figure): string {
  const files = FILES.map(
    (ending) =>
      `<a href="${FIGURES}${name}.${ending}" download aria-label="${escapeXml(title)} as ${ending.toUpperCase()}">${ending.toUpperCase()}</a>`,
  );
  return `<figure><h3>${escapeXml(title)}</h3>
${scrolled(title, withRole(svg))}
<figcaption>${escapeXml(caption)}</figcaption>
<p class="files">Download: ${files.join(' · ')}</p></figure>`;
}
