// One lane on the page: its name, what it shows, and the canvas, drawn anew when the time seen, the side, the colours or
// the width change. While a clip plays nothing here is drawn: the cursor is an element that moves over the lanes.

import { effect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Lane, LanePlace } from '../lanes/lane.js';
import type { Player } from './player.js';
import { theme } from './theme.js';
import type { TimeView } from './time_view.js';

/** Pixels before the time axis, for labels; less on a phone. */
export function gutterOf(width: number): number {
  return width < 560 ? 38 : 58;
}

export function LaneView({ lane, time, player }: { lane: Lane; time: TimeView; player: Player }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    let asked = 0;
    let inSight = true;
    let stale = true;
    const draw = () => {
      asked = 0;
      stale = false;
      if (paint(element, lane, { time, player }) === 'more') soon();
    };
    // What is scrolled out of sight is drawn when it comes back.
    const soon = () => {
      stale = true;
      if (inSight) asked ||= requestAnimationFrame(draw);
    };
    const sizes = new ResizeObserver(soon);
    sizes.observe(element);
    const sight = new IntersectionObserver(
      (entries) => {
        inSight = entries.at(-1)?.isIntersecting ?? true;
        if (inSight && stale) soon();
      },
      { rootMargin: '200px' },
    );
    sight.observe(element);
    const stop = effect(() => {
      // Read here, so that a change of any of them draws anew.
      [time.seen.value, player.side.value, theme.value];
      soon();
    });
    return () => {
      stop();
      sizes.disconnect();
      sight.disconnect();
      cancelAnimationFrame(asked);
    };
  }, [lane, time, player]);
  return (
    <div class="lane" data-lane={lane.id}>
      <p class="lane-name">
        <strong>{lane.name}</strong> <span>{lane.what}</span>
      </p>
      <canvas
        ref={canvas}
        style={{ height: `${lane.height}px` }}
        role="img"
        aria-label={`${lane.name}: ${lane.what}`}
      />
    </div>
  );
}

function paint(
  canvas: HTMLCanvasElement,
  lane: Lane,
  { time, player }: { time: TimeView; player: Player },
): 'more' | undefined {
  const colours = theme.value;
  const context = canvas.getContext('2d');
  const width = canvas.clientWidth;
  if (!colours || !context || width === 0) return undefined;
  const dense = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * dense), Math.round(lane.height * dense)];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  context.setTransform(dense, 0, 0, dense, 0, 0);
  context.clearRect(0, 0, width, lane.height);
  return lane.draw(context, placeOf({ width, height: lane.height }, { time, player, colours }));
}

/** Where a lane of a width draws. */
export function placeOf(
  { width, height }: { width: number; height: number },
  { time, player, colours }: { time: TimeView; player: Player; colours: LanePlace['colours'] },
): LanePlace {
  return {
    width,
    height,
    left: gutterOf(width),
    seen: time.seen.value,
    side: player.side.value,
    colours,
    // Half a frame at rest; while it plays the cursor must keep its pace.
    budget: player.playing.peek() ? 4 : 12,
  };
}
