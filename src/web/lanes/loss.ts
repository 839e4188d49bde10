// The losses, clean and disturbed, and their difference with its regions and what the null allows.

import type { ProbeRecord } from '../../probe/record.js';
import { drawnRegions } from '../../regions/profile.js';
import type { Region } from '../../regions/region.js';
import { type Scene, tokenSeconds } from '../viewer/scene.js';
import { regionColour } from '../viewer/theme.js';
import {
  clipped,
  curve,
  FONT,
  type Lane,
  type LanePlace,
  numberText,
  rangeOf,
  scaleOf,
  smoothed,
  xOf,
  yAxis,
} from './lane.js';
import type { Pen } from './pen.js';
import { shadeWindow } from './sound.js';

const MARGIN = { top: 8, bottom: 8 };

export function lossLane(scene: Scene): Lane | undefined {
  const clean = scene.record?.clean ?? scene.clean ?? scene.map?.clean;
  if (!clean) return undefined;
  const disturbed = scene.record?.disturbed;
  const entropy = scene.record ? undefined : scene.map?.entropy;
  const token = tokenSeconds(scene);
  const curves = [clean.byFrame, ...(disturbed ? [disturbed.byFrame] : []), ...(entropy ? [entropy] : [])];
  const { low, high } = rangeOf(curves.flatMap((values) => [...values]));
  const bold = new Map(curves.map((values) => [values, smoothed(values)]));
  const at = (values: Float64Array | undefined, seconds: number): number =>
    values?.[Math.floor(seconds / token)] ?? Number.NaN;
  return {
    id: 'loss',
    name: 'Surprise (loss)',
    what: `how little the model expected each token, in nats${linesOf(scene)}. 0 means “I knew it”; ${guess(scene)}`,
    height: 150,
    draw(pen, place) {
      const { colours, height, side } = place;
      const y = scaleOf(low, high, { top: MARGIN.top, bottom: height - MARGIN.bottom });
      clipped(pen, place, () => shadeWindow(pen, place, scene));
      yAxis(pen, place, { low, high, y });
      const lines = [
        ...(entropy ? [{ values: entropy, colour: colours.entropy }] : []),
        ...(disturbed ? [{ values: disturbed.byFrame, colour: colours.disturbed }] : []),
        { values: clean.byFrame, colour: colours.clean },
      ];
      // The version that plays lies on top.
      if (side === 'disturbed') lines.reverse();
      clipped(pen, place, () => {
        for (const { values, colour } of lines) {
          pen.strokeStyle = colour;
          pen.globalAlpha = 0.4;
          pen.lineWidth = 0.75;
          curve(pen, place, { values, token, y });
          pen.globalAlpha = 1;
          pen.lineWidth = 2;
          curve(pen, place, { values: bold.get(values) ?? values, token, y });
        }
      });
    },
    valueAt(seconds) {
      const own = `loss ${nats(at(clean.byFrame, seconds))}`;
      if (disturbed) return `${own} clean, ${nats(at(disturbed.byFrame, seconds))} disturbed`;
      return entropy ? `${own}, entropy ${nats(at(entropy, seconds))}` : own;
    },
  };
}

/** Which line is which, where there are two. */
function linesOf({ record, map }: Scene): string {
  if (record) return ': grey for the clean clip, blue for the disturbed one';
  return map?.entropy
    ? ': grey for what came, blue for how surprised the model expected to be (entropy)'
    : '';
}

/** V, the codes that each prediction chose among, where it was recorded. */
function choicesOf({ record, clean, map }: Scene): number | undefined {
  return (record?.clean ?? clean)?.loss.ranks?.choices ?? map?.choices;
}

function guess(scene: Scene): string {
  if (scene.clock.times) return 'a blind guess among all of Aria’s 17,727 tokens is 9.8';
  const choices = choicesOf(scene);
  return choices === undefined
    ? 'a blind guess among N codes is ln N (6.2 for 512 codes, 7.6 for 2,048)'
    : `a blind guess among this model’s ${choices.toLocaleString('en')} codes is ${Math.log(choices).toFixed(1)}`;
}

function nats(value: number): string {
  return Number.isNaN(value) ? 'not defined' : value.toFixed(2);
}

export function differenceLane(scene: Scene): Lane | undefined {
  const { record } = scene;
  if (!record) return undefined;
  const token = tokenSeconds(scene);
  const { mean } = record.delta;
  const range = rangeOf(mean);
  const low = Math.min(-0.5, range.low);
  const high = Math.max(0.5, range.high);
  const bold = smoothed(mean);
  return {
    id: 'difference',
    name: 'Difference',
    what: 'disturbed minus clean: above zero the disturbance surprised the model more, below zero less. Coloured: regions; the fainter, the likelier they are by chance. Grey boxes: where 90% of such regions lie that other music of the clip gives',
    height: 150,
    draw(pen, place) {
      const { colours, height } = place;
      const y = scaleOf(low, high, { top: 26, bottom: height - MARGIN.bottom });
      yAxis(pen, place, { low, high, y, signed: true });
      clipped(pen, place, () => {
        drawRegions(pen, place, { record, token, y });
        pen.fillStyle = colours.quiet;
        pen.fillRect(place.left, Math.round(y(0)), place.width - place.left, 1);
        pen.strokeStyle = colours.delta;
        pen.globalAlpha = 0.45;
        pen.lineWidth = 0.75;
        curve(pen, place, { values: mean, token, y });
        pen.globalAlpha = 1;
        pen.lineWidth = 1.8;
        curve(pen, place, { values: bold, token, y });
      });
    },
    valueAt(seconds) {
      const t = Math.floor(seconds / token);
      const value = mean[t] ?? Number.NaN;
      const region = record.profile.regions.find(({ start, end }) => t >= start && t < end);
      const where = region ? `, in the ${region.name}` : '';
      return Number.isNaN(value)
        ? `difference not defined${where}`
        : `difference ${numberText(Number(value.toFixed(2)), true)} nats${where}`;
    },
  };
}

function drawRegions(
  pen: Pen,
  place: LanePlace,
  { record, token, y }: { record: ProbeRecord; token: number; y: (value: number) => number },
): void {
  const { colours } = place;
  const { regions, calibration, baseline } = record.profile;
  const spans = drawnRegions(record.profile);
  let row = 0;
  let labelled = Number.NEGATIVE_INFINITY;
  for (const region of regions) {
    const drawn = spans.find(({ name }) => name === region.name);
    if (!drawn) continue;
    const [a, b] = [xOf(place, drawn.start * token), xOf(place, drawn.end * token)];
    pen.globalAlpha = shade(region);
    pen.fillStyle = regionColour(colours, region.name);
    pen.fillRect(a, 22, Math.max(1.5, b - a), place.height - 22);
    const allowed = calibration?.table.find(({ name }) => name === region.name)?.mean;
    if (allowed) {
      const [top, bottom] = [y(allowed.q95 + baseline.level), y(allowed.q05 + baseline.level)];
      pen.globalAlpha = 0.28;
      pen.fillStyle = colours.quiet;
      pen.fillRect(a, top, Math.max(1.5, b - a), bottom - top);
    }
    pen.globalAlpha = 1;
    pen.font = `600 ${FONT}`;
    pen.textAlign = 'center';
    pen.textBaseline = 'alphabetic';
    pen.fillStyle = colours.ink;
    const middle = Math.max(place.left + 36, Math.min(place.width - 36, (a + b) / 2));
    row = middle - labelled < 84 ? (row + 1) % 2 : 0;
    labelled = middle;
    pen.fillText(capital(region.name), middle, row === 0 ? 18 : 8);
  }
}

/** The less likely by chance, the stronger. */
function shade({ name, chance }: Region): number {
  const base = name === 'recovery' ? 0.3 : 1;
  if (chance === undefined) return 0.14 * base;
  return base * (chance < 0.01 ? 0.5 : chance < 0.05 ? 0.34 : 0.12);
}

function capital(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}
