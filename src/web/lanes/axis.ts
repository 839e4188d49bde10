// The time axis, and the strip that shows the whole clip with the part that is seen.

import { secondsOfFrame } from '../../audio/codes.js';
import { type Scene, tokenSeconds } from '../viewer/scene.js';
import { FONT, type Lane, ticksOf, xOf } from './lane.js';

/** What is written at a place of the axis: its seconds; of notes, which stand side by side, when the note there begins. */
export function labelAt(scene: Pick<Scene, 'clock'>, place: number): number {
  const { clock } = scene;
  return clock.times ? secondsOfFrame(clock, Math.round(place / tokenSeconds(scene))) : place;
}

export function axisLane(scene: Scene): Lane {
  return {
    id: 'axis',
    name: 'Time',
    what: scene.clock.times ? 'in seconds; every note has the same width' : 'in seconds',
    height: 22,
    draw(pen, place) {
      const { left, width, seen, colours } = place;
      const ticks = ticksOf(seen.lo, seen.hi, Math.max(2, (width - left) / 90));
      const step = ticks.length > 1 ? ticks[1] - ticks[0] : 1;
      const digits = step >= 1 ? 0 : step >= 0.1 ? 1 : 2;
      pen.font = FONT;
      pen.textAlign = 'center';
      pen.textBaseline = 'middle';
      for (const tick of ticks) {
        const x = xOf(place, tick);
        pen.fillStyle = colours.quiet;
        pen.fillRect(Math.round(x), 0, 1, 5);
        if (x > width - 14) continue;
        pen.fillText(
          `${labelAt(scene, tick).toFixed(scene.clock.times ? 1 : digits)} s`,
          Math.max(left + 10, x),
          14,
        );
      }
    },
  };
}
