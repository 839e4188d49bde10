// What is seen, as a file: PNG, SVG, and the curves as CSV.

import { secondsOfFrame } from '../../audio/codes.js';
import { csvLine } from '../../probe/csv.js';
import { curveCsv } from '../../probe/record.js';
import { lanesOf } from '../lanes/index.js';
import type { Lane } from '../lanes/lane.js';
import { escaped, type Pen, SvgPen } from '../lanes/pen.js';
import { placeOf } from './lane_view.js';
import type { Scene } from './scene.js';
import type { Stage } from './stage.js';
import { theme } from './theme.js';

const WIDTH = 1200;
const MARGIN = 16;
/** Above every lane, for its name. */
const NAME = 18;
const GAP = 8;
const HEAD = 34;

interface Layout {
  readonly lanes: readonly { readonly lane: Lane; readonly top: number }[];
  readonly height: number;
}

function layoutOf(scene: Scene): Layout {
  let top = HEAD;
  const lanes = lanesOf(scene).map((lane) => {
    const at = top + NAME;
    top = at + lane.height + GAP;
    return { lane, top: at };
  });
  return { lanes, height: top + MARGIN };
}

function drawAll(
  pen: Pen,
  { scene, stage, layout }: { scene: Scene; stage: Stage; layout: Layout },
  moved: (x: number, y: number, draw: () => void) => void,
): void {
  const colours = theme.value;
  if (!colours) return;
  pen.fillStyle = colours.paper;
  pen.fillRect(0, 0, WIDTH, layout.height);
  pen.textAlign = 'left';
  pen.textBaseline = 'alphabetic';
  pen.fillStyle = colours.ink;
  pen.font = '600 15px system-ui, sans-serif';
  pen.fillText(headOf(scene), MARGIN, 24);
  for (const { lane, top } of layout.lanes) {
    pen.textAlign = 'left';
    pen.textBaseline = 'alphabetic';
    pen.fillStyle = colours.quiet;
    pen.font = '600 12px system-ui, sans-serif';
    pen.fillText(lane.name, MARGIN, top - 5);
    const size = { width: WIDTH - 2 * MARGIN, height: lane.height };
    moved(MARGIN, top, () => {
      lane.draw(pen, { ...placeOf(size, { ...stage, colours }), budget: Number.POSITIVE_INFINITY });
    });
  }
}

function headOf({ title, record }: Scene): string {
  return record ? `${title}: ${record.disturbance} (model ${record.provenance.model})` : title;
}

export async function pngOf(scene: Scene, stage: Stage): Promise<Blob> {
  const layout = layoutOf(scene);
  const canvas = document.createElement('canvas');
  const dense = 2;
  Object.assign(canvas, { width: WIDTH * dense, height: layout.height * dense });
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser gives no 2D canvas');
  context.setTransform(dense, 0, 0, dense, 0, 0);
  drawAll(context, { scene, stage, layout }, (x, y, draw) => {
    context.setTransform(dense, 0, 0, dense, x * dense, y * dense);
    draw();
    context.setTransform(dense, 0, 0, dense, 0, 0);
  });
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture could not be made')))),
  );
}

export function svgOf(scene: Scene, stage: Stage): Blob {
  const layout = layoutOf(scene);
  const pen = new SvgPen();
  drawAll(pen, { scene, stage, layout }, (x, y, draw) => pen.group(x, y, draw));
  const text =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${layout.height}" role="img">` +
    `<title>${escaped(headOf(scene))}</title>\n${pen.markup()}\n</svg>\n`;
  return new Blob([text], { type: 'image/svg+xml' });
}

/** Whether there is a curve to write as CSV. */
export function hasCurve({ record, clean }: Scene): boolean {
  return record !== undefined || clean !== undefined;
}

/** The curves of a probe; of a clip that was only scored, its loss. */
export function csvOf({ record, clean, clock }: Scene): Blob {
  if (record) return new Blob([curveCsv(record)], { type: 'text/csv' });
  const rows = Array.from(clean?.byFrame ?? [], (loss, t) => csvLine([t, secondsOfFrame(clock, t), loss]));
  return new Blob([csvLine(['frame', 'seconds', 'clean']), ...rows], { type: 'text/csv' });
}

/** Gives a file to the user. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
