// Keys of the viewer, the same as in its help.

import type { Actions } from './stage.js';

/** Tokens of a step with Shift. */
const STRIDE = 50;

export const KEYS: readonly (readonly [string, string])[] = [
  ['Space', 'play, pause'],
  ['Tab (on the curves), or D', 'hear the other version, at the same place'],
  ['← →', 'one token back or on; with Shift one second'],
  ['Home, End', 'to the start, to the end'],
  ['+ −', 'see closer, see more; also Ctrl and the wheel'],
  ['0', 'see the whole clip'],
  ['Z', 'see the marked stretch'],
  ['L', 'loop the marked stretch, or what is seen'],
  ['Esc', 'leave the curves'],
  ['?', 'this help'],
];

/** Does what a key stands for. Tab and Escape mean something only while the curves have the focus. */
export function keyAction(event: KeyboardEvent, actions: Actions, { inLanes = false } = {}): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const step = event.shiftKey ? STRIDE : 1;
  const keys: Readonly<Record<string, () => void>> = {
    ' ': actions.playPause,
    d: actions.otherSide,
    l: actions.loop,
    z: actions.toMarked,
    '+': actions.zoomIn,
    '=': actions.zoomIn,
    '-': actions.zoomOut,
    '0': actions.whole,
    ArrowLeft: () => actions.move(-step),
    ArrowRight: () => actions.move(step),
    Home: () => actions.moveTo(0),
    End: () => actions.moveTo(1),
    '?': actions.help,
    ...(inLanes && !event.shiftKey ? { Tab: actions.otherSide } : {}),
    ...(inLanes ? { Escape: () => leave(event) } : {}),
  };
  const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action) return;
  event.preventDefault();
  event.stopPropagation();
  action();
}

/** Moves the focus to what comes after the curves, so that Tab is free again. */
function leave(event: KeyboardEvent): void {
  const lanes = event.currentTarget;
  const all = [
    ...document.querySelectorAll<HTMLElement>('a[href], button, input, select, summary, [tabindex="0"]'),
  ];
  const shown = all.filter((element) => element.offsetParent !== null);
  const next = shown.find(
    (element) =>
      lanes instanceof Node &&
      lanes.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING &&
      !lanes.contains(element),
  );
  if (next) next.focus();
  else if (lanes instanceof HTMLElement) lanes.blur();
}
