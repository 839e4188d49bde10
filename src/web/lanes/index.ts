// All lanes from top to bottom: from the sound to what the model computes.

import type { Scene } from '../viewer/scene.js';
import { axisLane } from './axis.js';
import type { Lane, LaneMaker } from './lane.js';
import { differenceLane, lossLane } from './loss.js';
import { deltaMapLane, reactionLane } from './map.js';
import { waveformLane } from './sound.js';
import { spectrogramLane } from './spectrogram.js';
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
