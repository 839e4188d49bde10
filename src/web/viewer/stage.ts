// What a viewer's parts share: the player and the time axis, and what keys and buttons do with them.

import { Player } from './player.js';
import { TimeView } from './time_view.js';

/** Player and time axis of one viewer; they outlive the scenes. */
export interface Stage {
  readonly time: TimeView;
  readonly player: Player;
}

export function newStage(): Stage {
  return { time: new TimeView(), player: new Player() };
}

/** What keys and buttons do. */
export interface Actions {
  readonly playPause: () => void;
  readonly otherSide: () => void;
  readonly loop: () => void;
  readonly zoomIn: () => void;
  readonly zoomOut: () => void;
  readonly whole: () => void;
  readonly toMarked: () => void;
  /** By so many tokens. */
  readonly move: (tokens: number) => void;
  readonly moveTo: (share: number) => void;
  readonly help: () => void;
}
