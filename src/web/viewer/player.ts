// Plays both versions of a clip on one clock: they start together, and one of them is muted. So
// the switch keeps its place to the sample.

import { signal } from '@preact/signals';
import type { SceneSound, Side } from './scene.js';
import type { Stretch } from './time_view.js';

/** Seconds of the cross-fade between the versions, and of the start and end of playing. */
const FADE = 0.03;

interface Voices {
  readonly sources: readonly AudioBufferSourceNode[];
  readonly gains: Readonly<Record<Side, GainNode>>;
  /** The context's time at which place 0 would have been. */
  readonly origin: number;
  readonly loop: Stretch | undefined;
}

export class Player {
  readonly playing = signal(false);
  readonly side = signal<Side>('disturbed');
  #context: AudioContext | undefined;
  #buffers: Partial<Record<Side, AudioBuffer>> = {};
  #sound: SceneSound | undefined;
  #voices: Voices | undefined;
  /** Where it stands when it is not playing. */
  #place = 0;

  /** Takes another sound; with `keep` it continues to play at the same place. */
  load(sound: SceneSound | undefined, { keep }: { readonly keep: boolean }): void {
    const place = keep ? this.place() : 0;
    const goesOn = keep && this.playing.value;
    const loop = this.#voices?.loop;
    this.pause();
    this.#sound = sound;
    this.#buffers = {};
    this.#place = place;
    if (goesOn && sound) this.play(loop);
  }

  /** Opens the device before anybody plays: the first time it blocks the page, in Chromium for a third of a second. */
  prepare(): void {
    if (this.#context) return;
    this.#context = new AudioContext();
    void this.#context.suspend();
  }

  /** Seconds into the clip. */
  place(): number {
    const voices = this.#voices;
    if (!voices || !this.#context) return this.#place;
    // What sounds now was handed to the device a little earlier.
    const passed = this.#context.currentTime - (this.#context.outputLatency || 0) - voices.origin;
    const { loop } = voices;
    if (!loop || passed < loop.hi) return Math.max(0, passed);
    return loop.lo + ((passed - loop.lo) % (loop.hi - loop.lo));
  }

  /** Plays from where it stands, round and round in a stretch if there is one. */
  play(loop?: Stretch): void {
    const sound = this.#sound;
    if (!sound) return;
    const start = loop && (this.#place < loop.lo || this.#place >= loop.hi) ? loop.lo : this.#place;
    this.#stop();
    this.#context ??= new AudioContext();
    const context = this.#context;
    // A browser starts a context asleep until the user has done something on the page.
    void context.resume();
    const now = context.currentTime + 0.02;
    const sides: readonly Side[] = sound.disturbed ? ['clean', 'disturbed'] : ['clean'];
    const heard = sound.disturbed ? this.side.value : 'clean';
    const gains = {} as Record<Side, GainNode>;
    const sources = sides.map((side) => {
      const source = context.createBufferSource();
      source.buffer = this.#bufferOf(side, context, sound);
      if (loop) Object.assign(source, { loop: true, loopStart: loop.lo, loopEnd: loop.hi });
      const gain = context.createGain();
      gain.gain.setValueAtTime(0, now);
      gain.gain.linearRampToValueAtTime(side === heard ? 1 : 0, now + FADE);
      source.connect(gain).connect(context.destination);
      source.start(now, start);
      gains[side] = gain;
      return source;
    });
    this.#voices = { sources, gains, origin: now - start, loop };
    // The longer of the two says when it is over.
    const longest = sources.reduce((a, b) => ((a.buffer?.length ?? 0) >= (b.buffer?.length ?? 0) ? a : b));
    longest.onended = () => {
      if (this.#voices?.sources !== sources) return;
      this.#place = 0;
      this.#voices = undefined;
      this.playing.value = false;
    };
    this.playing.value = true;
  }

  pause(): void {
    this.#place = this.place();
    this.#stop();
    this.playing.value = false;
  }

  /** Goes to a place; plays on if it was playing. */
  seek(seconds: number): void {
    const loop = this.#voices?.loop;
    const goesOn = this.playing.value;
    this.#stop();
    this.#place = Math.max(0, seconds);
    if (goesOn) this.play(loop && seconds >= loop.lo && seconds < loop.hi ? loop : undefined);
  }

  /** Loops a stretch from now on, or no longer. */
  loop(stretch: Stretch | undefined): void {
    if (!this.playing.value) return;
    this.#place = this.place();
    this.play(stretch);
  }

  /** Hears the other version, at the same place. */
  hear(side: Side): void {
    this.side.value = side;
    const context = this.#context;
    if (!this.#voices || !context || !this.#voices.gains.disturbed) return;
    const now = context.currentTime;
    for (const [name, { gain }] of Object.entries(this.#voices.gains)) {
      gain.cancelScheduledValues(now);
      gain.setValueAtTime(gain.value, now);
      gain.linearRampToValueAtTime(name === side ? 1 : 0, now + FADE);
    }
  }

  #bufferOf(side: Side, context: AudioContext, sound: SceneSound): AudioBuffer {
    const known = this.#buffers[side];
    if (known) return known;
    const samples = side === 'disturbed' ? (sound.disturbed ?? sound.clean) : sound.clean;
    const buffer = context.createBuffer(1, Math.max(1, samples.length), sound.sampleRate);
    buffer.copyToChannel(new Float32Array(samples), 0);
    this.#buffers[side] = buffer;
    return buffer;
  }

  #stop(): void {
    const context = this.#context;
    const voices = this.#voices;
    this.#voices = undefined;
    if (!voices || !context) return;
    const now = context.currentTime;
    for (const { gain } of Object.values(voices.gains)) {
      gain.cancelScheduledValues(now);
      gain.setValueAtTime(gain.value, now);
      gain.linearRampToValueAtTime(0, now + FADE);
    }
    for (const source of voices.sources) source.stop(now + FADE);
  }
}
