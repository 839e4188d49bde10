// Makes the files of this folder: npx tsx test/golden/audio/make.ts (needs ffmpeg and flac).

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FLACS, type Golden, LOSSY, quantised, signal, WAVS } from './signal.js';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** Interleaved raw samples: 64-bit floats, or integers in the upper bits of 32. */
function raw({ sampleRate, samples, channels, bits }: Golden): Buffer {
  const rows = signal(sampleRate, samples, channels);
  const width = bits === 64 ? 8 : 4;
  const out = Buffer.alloc(samples * channels * width);
  rows.forEach((row, c) => {
    const integers = bits === 64 ? undefined : quantised(row, bits);
    for (let i = 0; i < samples; i++) {
      const at = (i * channels + c) * width;
      if (integers === undefined) out.writeDoubleLE(row[i], at);
      else out.writeInt32LE(integers[i] * 2 ** (32 - bits), at);
    }
  });
  return out;
}

/** The integers themselves, in as few bytes as they need, signed. */
function narrow(golden: Golden): Buffer {
  const wide = raw(golden);
  const width = golden.bits / 8;
  const out = Buffer.alloc((wide.length / 4) * width);
  for (let i = 0; i < wide.length / 4; i++) wide.copy(out, i * width, i * 4 + 4 - width, i * 4 + 4);
  return out;
}

for (const golden of [...WAVS, ...LOSSY]) {
  const input = `-f ${golden.bits === 64 ? 'f64le' : 's32le'} -ar ${golden.sampleRate} -ac ${golden.channels} -i pipe:0`;
  const streamed = golden.file.includes('streamed');
  const output = streamed ? ['-f', 'wav', 'pipe:1'] : ['-y', folder + golden.file];
  const made = execFileSync('ffmpeg', [...`-v error ${input} ${golden.ffmpeg}`.split(' '), ...output], {
    input: raw(golden),
  });
  if (streamed) writeFileSync(folder + golden.file, made);
}
for (const golden of FLACS) {
  const { sampleRate, channels, bits, file } = golden;
  const format = `--endian=little --sign=signed --channels=${channels} --bps=${bits} --sample-rate=${sampleRate}`;
  execFileSync(
    'flac',
    [...`-s -f -8 -b 1024 --no-padding --force-raw-format ${format} -o`.split(' '), folder + file, '-'],
    {
      input: narrow(golden),
    },
  );
}
