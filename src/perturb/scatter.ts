// Short damages scattered over a window: gaps of silence, bursts of noise, blocks of another clip. The window is divided
// into spots of one length, and a share of them is drawn. The draw hangs on the place and the length of a spot alone:
// other kinds fall on the same spots, and a larger share holds a smaller one.

import { type Clip, stem } from '../audio/clip.js';
import type { FrameClock } from '../audio/codes.js';
import { rmsDbfs } from '../audio/spectrum.js';
import { counted } from '../counted.js';
import { generator, seedOf } from '../stats/random.js';
import { type Content, musicIn, putIn, scaledTo, targetRms } from './content.js';
import type { BurstsDamage, CollageDamage, DropoutsDamage } from './damage.js';
import { noiseOf } from './noise.js';
import { permuted } from './order.js';
import { samplesOf } from './place.js';
import { borrowedFrom, type Material } from './splice.js';
import type { Place, Span } from './terms.js';

/** Zeros in the gaps. */
export function dropouts(clip: Clip, damage: DropoutsDamage, place: Place, clock: FrameClock): Content {
  const gaps = spotsOf(clip, { ...damage, spot: damage.gap }, place, clock);
  const channels = musicIn(clip, place).map((music) => {
    const out = music.slice();
    for (const { start, end } of gaps) out.fill(0, start, end);
    return out;
  });
  return { channels };
}

/** Noise in the bursts: cuts of one stationary noise, together at the level exactly. */
export function bursts(clip: Clip, damage: BurstsDamage, place: Place, clock: FrameClock): Content {
  const { color = 'white', level, seed } = damage;
  const spots = spotsOf(clip, { ...damage, spot: damage.burst }, place, clock);
  if (spots.length === 0) return { channels: musicIn(clip, place) };
  const noise = noiseOf(clip, place, { color, seed }).map((channel) => cutsOf(channel, spots));
  const sound = scaledTo(clip, noise, { rms: targetRms(clip, level, place), what: `${color} noise` });
  return { channels: laidIn(clip, place, { spots, sound }), levelDbfs: rmsDbfs(sound) };
}

/** Music of another clip in the blocks. @throws as a foreign splice. */
export function collage(
  clip: Clip,
  damage: CollageDamage,
  place: Place,
  { clock, material }: { clock: FrameClock; material: Material },
): Content {
  const spots = spotsOf(clip, { ...damage, spot: damage.block }, place, clock);
  if (spots.length === 0) return { channels: musicIn(clip, place) };
  const { clip: name, level } = damage;
  const other = borrowedFrom(clip, name, place, material);
  const whole =
    level === 'own' ? other : putIn(clip, other, place, { level, what: `the music of ${name}` }).channels;
  const sound = whole.map((channel) => cutsOf(channel, spots));
  return { channels: laidIn(clip, place, { spots, sound }), levelDbfs: rmsDbfs(sound) };
}

/**
 * The spots that take part, in samples of the window, in time: round(share x spots), at least one where the share is
 * above 0. What is left at the window's end and shorter than a spot takes no part.
 * @throws when the window is shorter than a spot.
 */
function spotsOf(
  clip: Clip,
  { kind, share, spot, seed }: { kind: string; share: number; spot: Span; seed: number },
  place: Place,
  clock: FrameClock,
): Place[] {
  const length = samplesOf(spot, clock, 'length of one');
  const samples = place.end - place.start;
  const count = length > 0 ? Math.floor(samples / length) : 0;
  if (count === 0) {
    throw new Error(
      `${clip.name}: ${kind}: a window of ${counted(samples, 'sample')} holds no piece of ${length}; make the piece shorter ` +
        'or the window longer',
    );
  }
  const taking = share > 0 ? Math.max(1, Math.round(share * count)) : 0;
  const random = generator(seedOf(seed, stem(clip), 'spots', place.start, length, count));
  return permuted(count, random)
    .slice(0, taking)
    .sort((a, b) => a - b)
    .map((i) => ({ start: i * length, end: (i + 1) * length }));
}

/** The spots of a sound, one after another. */
function cutsOf<T extends Float32Array | Float64Array>(sound: T, spots: readonly Place[]): T {
  const out = sound.slice(
    0,
    spots.reduce((sum, { start, end }) => sum + end - start, 0),
  ) as T;
  let at = 0;
  for (const { start, end } of spots) {
    out.set(sound.subarray(start, end), at);
    at += end - start;
  }
  return out;
}

/** The window with a sound, one piece after another, in its spots. */
function laidIn(
  clip: Clip,
  place: Place,
  { spots, sound }: { spots: readonly Place[]; sound: readonly Float32Array[] },
): Float32Array[] {
  return musicIn(clip, place).map((music, c) => {
    const out = music.slice();
    let at = 0;
    for (const { start, end } of spots) {
      out.set(sound[c].subarray(at, at + end - start), start);
      at += end - start;
    }
    return out;
  });
}
