// All lanes over one time axis, with the cursor, the brushed stretch and what the pointer points at.

import { effect, type Signal, useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { lanesOf } from '../lanes/index.js';
import type { Lane } from '../lanes/lane.js';
import { gutterOf, LaneView } from './lane_view.js';
import type { Player } from './player.js';
import type { Scene } from './scene.js';
import type { TimeView } from './time_view.js';

/** Pixels that a pointer must move before a click becomes a brush. */
const DRAG = 5;

interface Props {
  readonly scene: Scene;
  readonly time: TimeView;
  readonly player: Player;
  /** Keys that the lanes take while they have the focus. */
  readonly onKey: (event: KeyboardEvent) => void;
}

export function LanesView({ scene, time, player, onKey }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const lanes = useMemo(() => lanesOf(scene), [scene]);
  const readout = useSignal('');
  usePointer(box, { time, player, lanes, readout });
  useMovingParts(box, { time, player });
  return (
    <div class="lanes-box">
      <div
        class="lanes"
        ref={box}
        tabIndex={0}
        role="slider"
        aria-label="Place in the clip. Space plays, Tab switches between clean and disturbed, arrows move, Escape leaves"
        aria-valuemin={0}
        aria-valuemax={Number(time.seconds.toFixed(2))}
        aria-valuenow={0}
        onKeyDown={onKey}
      >
        {lanes.map((lane) => (
          <LaneView key={`${scene.name} ${lane.id}`} lane={lane} time={time} player={player} />
        ))}
        <div class="brush" />
        <div class="hover-line" />
        <div class="cursor" />
      </div>
      <output class="readout">
        {readout.value || 'Point at a curve for its values; drag to mark a stretch.'}
      </output>
    </div>
  );
}

/** Pixels between the lanes' left edge and a time. */
function geometry(width: number, time: TimeView) {
  const left = gutterOf(width);
  const { lo, hi } = time.seen.value;
  return {
    xOf: (seconds: number) => left + ((seconds - lo) / (hi - lo)) * (width - left),
    secondsAt: (x: number) => lo + ((x - left) / (width - left)) * (hi - lo),
    left,
  };
}

/** The cursor, the hover line and the brush: elements that are moved, so that no canvas is drawn while it plays. */
function useMovingParts(
  box: { readonly current: HTMLDivElement | null },
  { time, player }: Pick<Props, 'time' | 'player'>,
) {
  useEffect(() => {
    const lanes = box.current;
    if (!lanes) return;
    const part = (name: string) => lanes.querySelector(`.${name}`) as HTMLElement;
    const [cursor, hover, brush] = ['cursor', 'hover-line', 'brush'].map(part);
    // Asked of the page only when it changes: between two changes of a frame the answer costs a layout.
    let width = lanes.clientWidth;
    const put = (line: HTMLElement, seconds: number | undefined) => {
      const { xOf, left } = geometry(width, time);
      const x = seconds === undefined ? -1 : xOf(seconds);
      const shown = x >= left - 1 && x <= width + 1;
      line.style.visibility = shown ? 'visible' : 'hidden';
      if (shown) line.style.transform = `translateX(${x.toFixed(1)}px)`;
    };
    const place = () => {
      put(cursor, time.cursor.value);
      put(hover, time.hovered.value);
      const stretch = time.brushed.value;
      brush.style.visibility = stretch ? 'visible' : 'hidden';
      if (stretch) {
        const { xOf, left } = geometry(width, time);
        const [a, b] = [Math.max(left, xOf(stretch.lo)), Math.min(width, xOf(stretch.hi))];
        brush.style.transform = `translateX(${a}px)`;
        brush.style.width = `${Math.max(0, b - a)}px`;
      }
      tell();
    };
    // To a reader of screens while it plays ten times a second: each time costs the page a look at its styles.
    let told = Number.NaN;
    const tell = () => {
      const now = time.cursor.value;
      if (now === told || (player.playing.peek() && Math.abs(now - told) < 0.1)) return;
      told = now;
      lanes.setAttribute('aria-valuenow', now.toFixed(2));
      lanes.setAttribute('aria-valuetext', `${now.toFixed(2)} seconds of ${time.seconds.toFixed(1)}`);
    };
    const stopPlacing = effect(() => {
      [time.cursor.value, time.hovered.value, time.brushed.value, time.seen.value];
      place();
    });
    const sizes = new ResizeObserver(() => {
      width = lanes.clientWidth;
      place();
    });
    sizes.observe(lanes);
    let frame = 0;
    const tick = () => {
      time.cursor.value = Math.min(time.seconds, player.place());
      time.follow(time.cursor.value);
      frame = requestAnimationFrame(tick);
    };
    const stopTicking = effect(() => {
      cancelAnimationFrame(frame);
      if (player.playing.value) frame = requestAnimationFrame(tick);
      else time.cursor.value = Math.min(time.seconds, player.place());
    });
    return () => {
      stopPlacing();
      stopTicking();
      sizes.disconnect();
      cancelAnimationFrame(frame);
    };
  }, [box, time, player]);
}

interface PointerParts extends Pick<Props, 'time' | 'player'> {
  readonly lanes: readonly Lane[];
  /** What the pointer points at, in words. */
  readonly readout: Signal<string>;
}

/** Hover reads values, a click goes there, a drag marks a stretch, a wheel with Ctrl (or a pinch) zooms, sideways it pans. */
function usePointer(box: { readonly current: HTMLDivElement | null }, parts: PointerParts) {
  const { time, player, lanes, readout } = parts;
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const stop = new AbortController();
    const on = <K extends keyof HTMLElementEventMap>(
      name: K,
      hear: (event: HTMLElementEventMap[K]) => void,
      options: AddEventListenerOptions = {},
    ) => element.addEventListener(name, hear, { signal: stop.signal, ...options });
    const secondsOf = (event: MouseEvent): number => {
      const x = event.clientX - element.getBoundingClientRect().left;
      return Math.max(0, Math.min(time.seconds, geometry(element.clientWidth, time).secondsAt(x)));
    };
    let pressed: { readonly x: number; readonly seconds: number; drags: boolean } | undefined;
    const fingers = new Map<number, number>();
    on('pointerdown', (event) => {
      if (event.button !== 0) return;
      fingers.set(event.pointerId, event.clientX);
      pressed =
        fingers.size === 1 ? { x: event.clientX, seconds: secondsOf(event), drags: false } : undefined;
    });
    on('pointermove', (event) => {
      if (fingers.size === 2 && fingers.has(event.pointerId)) {
        const others = [...fingers].filter(([id]) => id !== event.pointerId);
        const other = others[0][1];
        const before = Math.abs((fingers.get(event.pointerId) ?? 0) - other);
        const now = Math.abs(event.clientX - other);
        fingers.set(event.pointerId, event.clientX);
        if (before > 10 && now > 10) time.zoom(before / now, secondsOf(event));
        return;
      }
      time.hovered.value = secondsOf(event);
      readout.value = readoutOf(event, lanes, { time, seconds: secondsOf(event) });
      if (!pressed) return;
      if (!pressed.drags && Math.abs(event.clientX - pressed.x) < DRAG) return;
      if (!pressed.drags) element.setPointerCapture(event.pointerId);
      pressed.drags = true;
      time.brush(pressed.seconds, secondsOf(event));
    });
    const lift = (event: PointerEvent) => {
      fingers.delete(event.pointerId);
      if (event.type === 'pointerup' && pressed && !pressed.drags) {
        time.brushed.value = undefined;
        player.seek(secondsOf(event));
        time.cursor.value = player.place();
      }
      if (pressed?.drags) {
        time.brush(pressed.seconds, secondsOf(event));
        if (player.playing.value) player.loop(time.brushed.value);
      }
      pressed = undefined;
    };
    on('pointerup', lift);
    on('pointercancel', lift);
    on('pointerleave', () => {
      time.hovered.value = undefined;
      readout.value = '';
    });
    on('dblclick', () => {
      const stretch = time.brushed.value;
      if (stretch) time.show(stretch);
      else time.showAll();
    });
    on(
      'wheel',
      (event) => {
        const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
        if (!event.ctrlKey && !event.metaKey && !sideways) return; // the page scrolls
        event.preventDefault();
        const { lo, hi } = time.seen.value;
        if (sideways) time.pan(((event.deltaX || event.deltaY) / element.clientWidth) * (hi - lo));
        else
          time.zoom(Math.exp(event.deltaY * (Math.abs(event.deltaY) < 20 ? 0.02 : 0.003)), secondsOf(event));
      },
      { passive: false },
    );
    return () => stop.abort();
  }, [box, time, player, lanes, readout]);
}

/** "5.32 s · token 266 · loss 3.21 clean, 4.10 disturbed". */
function readoutOf(
  event: PointerEvent,
  lanes: readonly Lane[],
  { time, seconds }: { readonly time: TimeView; readonly seconds: number },
): string {
  const lane = (event.target as Element).closest<HTMLElement>('.lane');
  const canvas = lane?.querySelector('canvas');
  const rectangle = canvas?.getBoundingClientRect();
  const down = rectangle ? (event.clientY - rectangle.top) / rectangle.height : 0;
  const own = lanes.find(({ id }) => id === lane?.dataset.lane);
  const loss = lanes.find(({ id }) => id === 'loss');
  const said = [own, own === loss ? undefined : loss].flatMap(
    (one) => one?.valueAt?.(seconds, Math.max(0, Math.min(0.999, down))) || [],
  );
  return [`${seconds.toFixed(2)} s`, `token ${Math.floor(seconds / time.token)}`, ...said].join(' · ');
}
