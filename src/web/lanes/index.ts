// All lanes, in the order they stand in: from what one hears to what the model made of it.

import type { Scene } from '../viewer/scene.js';
import { axisLane } from './axis.js';
import type { Lane, LaneMaker } from './lane.js';
import { differenceLane, lossLane } from './loss.js';
import { deltaMapLane, reactionLane } from './map.js';
import { spectrogramLane, waveformLane } from './sound.js';
import { changedLane, heatLane } from './tokens.js';

const MAKERS: readonly LaneMaker[] = [
  waveformLane,
  lossLane,
  differenceLane,
  axisLane,
  reactionLane,
  spectrogramLane,
  heatLane,
  changedLane,
  deltaMapLane,
];

export function lanesOf(scene: Scene): Lane[] {
  return MAKERS.flatMap((make) => make(scene) ?? []);
}
