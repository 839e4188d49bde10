// Writes the score of every piece of the corpus as a MIDI file: what was played, for the model of notes.
//
//   npx tsx tools/tiny/scores.ts --out SCRATCH/scores [--loops 100] [--songs 125] [--first 0]
//
// A track a channel, with program, volume, reverb and swells. Of two notes on one key of a channel the first ends
// where the second begins, since MIDI cannot say more.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeMidi } from '../../src/symbolic/midi.js';
import { type Message, type Note, type Score, TIME_SIGNATURE } from '../../src/symbolic/score.js';
import { tempoMessage } from '../../src/symbolic/tempo.js';
import { catalogue } from './catalogue.js';
import type { Piece } from './compose.js';

const TICKS = 480; // a quarter

const notesOf = (piece: Piece, tickAt: (seconds: number) => number, tracks: readonly number[]): Note[] => {
  const next = new Map<string, number>();
  const notes: Note[] = [];
  for (const { time, duration, key, velocity, channel } of piece.notes.toReversed()) {
    const at = `${channel}/${key}`;
    const start = tickAt(time);
    const end = Math.min(
      Math.max(start + 1, tickAt(time + duration)),
      next.get(at) ?? Number.POSITIVE_INFINITY,
    );
    if (end <= start) continue;
    next.set(at, start);
    notes.push({ start, end, pitch: key, velocity, channel, track: tracks.indexOf(channel) });
  }
  return notes.reverse();
};

export const scoreOf = (piece: Piece): Score => {
  const tracks = [...piece.programs.keys()];
  const microseconds = Math.round(60e6 / piece.tempo);
  const tickAt = (seconds: number): number => Math.round(((seconds * 1e6) / microseconds) * TICKS);
  const notes = notesOf(piece, tickAt, tracks);
  const messages: Message[] = [
    tempoMessage(0, microseconds),
    { tick: 0, track: 0, bytes: Uint8Array.of(0xff, TIME_SIGNATURE, piece.beats, 2, 24, 8) },
    ...[...piece.programs].map(([channel, program], track) => ({
      tick: 0,
      track,
      bytes: Uint8Array.of(0xc0 | channel, program),
    })),
    ...piece.controls.map(({ time, channel, controller, value }) => ({
      tick: tickAt(time),
      track: tracks.indexOf(channel),
      bytes: Uint8Array.of(0xb0 | channel, controller, value),
    })),
  ];
  const end = notes.reduce((last, note) => Math.max(last, note.end), 0);
  return { name: piece.name, ticksPerQuarter: TICKS, tracks: tracks.length, notes, messages, end };
};

const main = (): void => {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      loops: { type: 'string', default: '100' },
      songs: { type: 'string', default: '125' },
      first: { type: 'string', default: '0' },
    },
  });
  if (values.out === undefined) throw new Error('scores: expected --out FOLDER');
  mkdirSync(values.out, { recursive: true });
  const [loops, songs, first] = [values.loops, values.songs, values.first].map(Number);
  const entries = catalogue({ loops, songs, first });
  for (const { name, make } of entries) {
    writeFileSync(join(values.out, `${name}.mid`), writeMidi(scoreOf(make())));
  }
  console.log(`${entries.length} scores`);
};

if (process.argv[1]?.endsWith('scores.ts')) main();
