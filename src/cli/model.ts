// Opening a model for a command: what is fetched shows its progress, what is odd is said, Ctrl-C keeps the rest.

import { catalogued } from '../models/catalog.js';
import type { Model } from '../models/model.js';
import { CHROMA_RATE, chromaOf } from '../models/musicgen/chroma.js';
import type { Condition } from '../models/musicgen/condition.js';
import type { OnProgress } from '../node/hub/blob.js';
import { openNamedModel } from '../node/open.js';
import { readClip } from '../node/sound.js';
import type { ConditionOptions, ModelOptions } from './options.js';
import { warn } from './output.js';

export function openForCommand(options: ModelOptions): Promise<Model> {
  const licence = catalogued(options.model)?.licence;
  if (licence?.includes('NC')) {
    process.stderr.write(`${options.model}: weights under ${licence}, for non-commercial use\n`);
  }
  return openNamedModel({ ...options, warn, onProgress: fileProgress() });
}

/** What the condition options say, with the melody's sound read and its pitch classes found. */
export async function conditionOf({ prompt, melody, prefix }: ConditionOptions): Promise<Condition> {
  const sound = melody && (await readClip(melody, { sampleRate: CHROMA_RATE, channels: 1 }, warn));
  return {
    ...(prompt === undefined ? {} : { prompt }),
    ...(sound ? { chroma: chromaOf(sound.channels[0]).classes } : {}),
    ...(prefix ? {} : { missing: 'absent' as const }),
  };
}

/** Bytes and rate on stderr: a line that is written over in a terminal, one line per tenth of a file elsewhere. */
export function fileProgress(): OnProgress {
  let told = '';
  return ({ file, received, total, bytesPerSecond }) => {
    const share = total === 0 ? 1 : received / total;
    const text = `${file}: ${mega(received)} of ${mega(total)} MB, ${mega(bytesPerSecond)} MB/s`;
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\x1b[K${text}${received === total ? '\n' : ''}`);
      return;
    }
    const step = `${file} ${Math.floor(10 * share)}`;
    if (step === told) return;
    told = step;
    process.stderr.write(`${text}\n`);
  };
}

function mega(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
