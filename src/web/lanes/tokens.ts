// Codebook by codebook: the difference as a heat map, and which codes changed.

import type { ProbeRecord, Scored } from '../../probe/record.js';
import { type Scene, tokenSeconds } from '../viewer/scene.js';
import { clipped, FONT, type Lane, type LanePlace, numberText } from './lane.js';
import type { Pen } from './pen.js';

/** Nats at which the colour is full. */
const FULL = 4;

export function heatLane(scene: Scene): Lane | undefined {
  const { record } = scene;
  if (!record) return undefined;
  const { codebooks, frames, values } = record.delta;
  const pictures = new Map<boolean, HTMLCanvasElement>();
  return {
    id: 'heat',
    name: scene.clock.times ? 'Difference by kind of token' : 'Difference by codebook',
    what: `${scene.clock.times ? 'note, onset and duration of each note' : 'one row a codebook, the coarsest sound on top'}; red: more surprised, blue: less (full colour at ${FULL} nats)`,
    height: Math.max(56, 15 * codebooks),
    draw(pen, place) {
      const { dark } = place.colours;
      const picture =
        pictures.get(dark) ??
        painted({ codebooks, frames }, (k, t) => diverging(values[k * frames + t] / FULL, dark));
      pictures.set(dark, picture);
      drawRows(pen, place, { picture, scene });
    },
    valueAt(seconds, down) {
      const [k, t] = cellAt(scene, record, seconds, down);
      const value = values[k * frames + t];
      return `${rowName(scene, k)}: ${codeWords(record, k, t)}${value === undefined || Number.isNaN(value) ? '' : `, ${numberText(Number(value.toFixed(2)), true)} nats`}`;
    },
  };
}

export function changedLane(scene: Scene): Lane | undefined {
  const { record } = scene;
  if (!record) return undefined;
  const { codebooks, frames } = record.clean.codes;
  const { clean, disturbed } = record;
  const pictures = new Map<string, HTMLCanvasElement>();
  return {
    id: 'changed',
    name: 'Changed tokens',
    what: 'marked where the disturbance changed the token itself; elsewhere the model reads the same tokens as before',
    height: Math.max(28, 8 * codebooks),
    draw(pen, place) {
      const { ink } = place.colours;
      const colour = rgb(ink);
      const picture =
        pictures.get(ink) ??
        painted({ codebooks, frames }, (k, t) =>
          clean.codes.data[k * frames + t] === disturbed.codes.data[k * frames + t] ? [0, 0, 0, 0] : colour,
        );
      pictures.set(ink, picture);
      drawRows(pen, place, { picture, scene });
    },
    valueAt(seconds, down) {
      const [k, t] = cellAt(scene, record, seconds, down);
      return `${rowName(scene, k)}: ${codeWords(record, k, t)}`;
    },
  };
}

/** Rows of notes have names. */
function rowName({ clock }: Scene, k: number): string {
  return clock.times ? ['note', 'onset', 'duration'][k] : `codebook ${k + 1}`;
}

function cellAt(scene: Scene, record: ProbeRecord, seconds: number, down: number): [number, number] {
  const { codebooks, frames } = record.delta;
  const k = Math.max(0, Math.min(codebooks - 1, Math.floor(down * codebooks)));
  return [k, Math.max(0, Math.min(frames - 1, Math.floor(seconds / tokenSeconds(scene))))];
}

function codeWords({ clean, disturbed }: ProbeRecord, k: number, t: number): string {
  const at = k * clean.codes.frames + t;
  const [before, after] = [clean.codes.data[at], disturbed.codes.data[at]];
  const loss = (scored: Scored): string => {
    const value = scored.loss.values[at];
    if (value === undefined || Number.isNaN(value)) return '';
    return `, loss ${value.toFixed(2)} (1 in ${inOf(value)}${rankWords(scored, at)})`;
  };
  const told = clean.loss.ranks ? '' : '; ranks are not recorded here';
  return before === after
    ? `token ${before}${loss(clean)} clean${loss(disturbed)} disturbed${told}`
    : `token ${before}${loss(clean)} → ${after}${loss(disturbed)}${told}`;
}

/** How many codes the model held for likelier, where that was recorded. */
function rankWords({ loss: { ranks } }: Scored, at: number): string {
  const rank = ranks?.values[at];
  if (!ranks || rank === undefined || Number.isNaN(rank)) return '';
  return rank === 1 ? ', its first choice' : `, its ${ordinal(rank)} choice of ${ranks.choices}`;
}

function ordinal(n: number): string {
  const tail = n % 100 > 10 && n % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
  return `${n.toLocaleString('en')}${tail}`;
}

/** A loss as what the model gave to the token: one in so many. */
function inOf(loss: number): string {
  const times = Math.exp(loss);
  return times < 10 ? times.toFixed(1) : Math.round(times).toLocaleString('en');
}

function drawRows(
  pen: Pen,
  place: LanePlace,
  { picture, scene }: { picture: HTMLCanvasElement; scene: Scene },
): void {
  const { left, width, height, seen, colours } = place;
  const token = tokenSeconds(scene);
  const [lo, hi] = [seen.lo / token, Math.min(picture.width, seen.hi / token)];
  const share = (hi - lo) / ((seen.hi - seen.lo) / token);
  pen.imageSmoothingEnabled = false;
  clipped(pen, place, () =>
    pen.drawImage(picture, lo, 0, hi - lo, picture.height, left, 0, (width - left) * share, height),
  );
  pen.font = FONT;
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  pen.fillStyle = colours.quiet;
  const rows = picture.height;
  for (const k of rows > 4
    ? [0, rows - 1]
    : rows > 2 && height < 40
      ? [0, rows - 1]
      : Array.from({ length: rows }, (_, i) => i)) {
    pen.fillText(String(k + 1), left - 6, ((k + 0.5) * height) / rows);
  }
}

type Colour = readonly [number, number, number, number];

/** A picture of one pixel a cell, [codebooks, frames]. */
export function painted(
  { codebooks, frames }: { codebooks: number; frames: number },
  colourOf: (k: number, t: number) => Colour,
): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = frames;
  canvas.height = codebooks;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser gives no 2D canvas');
  const image = context.createImageData(frames, codebooks);
  for (let k = 0; k < codebooks; k++) {
    for (let t = 0; t < frames; t++) image.data.set(colourOf(k, t), 4 * (k * frames + t));
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** Blue below zero, red above, the paper's own tone at zero; nothing where undefined. */
export function diverging(share: number, dark: boolean): Colour {
  if (Number.isNaN(share)) return [0, 0, 0, 0];
  const zero = dark ? [38, 45, 53] : [240, 242, 244];
  const end = share < 0 ? (dark ? [92, 178, 240] : [0, 95, 160]) : dark ? [255, 120, 80] : [200, 60, 10];
  const amount = Math.min(1, Math.abs(share)) ** 0.7;
  const mix = (c: number): number => zero[c] + amount * (end[c] - zero[c]);
  return [mix(0), mix(1), mix(2), 255];
}

/** "#1b1f24" as numbers. */
function rgb(hex: string): Colour {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255, 255];
}
