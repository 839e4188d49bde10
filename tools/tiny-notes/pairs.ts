// Makes the clips of studies/codec-or-lm.yaml: held-out pieces as sound (12 s, FLAC, the rendered corpus sample for sample) and as
// the scores that they were rendered from (MIDI).      Needs the `flac` command.
//
//   npx tsx tools/tiny-notes/pairs.ts --audio SCRATCH/audio --scores SCRATCH/scores --out studies/codec-or-lm
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodeWav } from '../tiny/wav.js';

const RATE = 32000; // Hz
const SECONDS = 12;
const HEADER = 44; // bytes of the corpus' WAV files

/** One held-out piece of each style. */
const PIECES = [
  'ambient-001',
  'folk-001',
  'funk-001',
  'house-001',
  'jazz-001',
  'piano-001',
  'rock-001',
  'strings-001',
];

const { values } = parseArgs({
  options: { audio: { type: 'string' }, scores: { type: 'string' }, out: { type: 'string' } },
});
const { audio, scores, out } = values;
if (audio === undefined || scores === undefined || out === undefined)
  throw new Error('pairs: expected --audio FOLDER, --scores FOLDER and --out FOLDER');

for (const group of ['Sound', 'Notes']) mkdirSync(join(out, group), { recursive: true });
for (const piece of PIECES) {
  const bytes = readFileSync(join(audio, `${piece}.wav`));
  const pcm = new Int16Array(bytes.buffer.slice(bytes.byteOffset + HEADER, bytes.byteOffset + bytes.length));
  const wav = join(out, 'Sound', `${piece}.wav`);
  const part = pcm.subarray(0, SECONDS * RATE);
  if (part.length < SECONDS * RATE) throw new Error(`${piece}: shorter than ${SECONDS} s`);
  writeFileSync(
    wav,
    encodeWav(
      Float32Array.from(part, (value) => value / 32768),
      RATE,
    ),
  );
  execFileSync('flac', ['--silent', '--best', '--force', '--output-name', wav.replace(/wav$/, 'flac'), wav]);
  rmSync(wav);
  copyFileSync(join(scores, `${piece}.mid`), join(out, 'Notes', `${piece}.mid`));
}
