// Opening a model for a command: what is fetched shows its progress, what is odd is said, Ctrl-C keeps the rest.

import { CHROMA_RATE, chromaOf } from '../audio/chroma.js';
import { catalogued } from '../models/catalog.js';
import type { Condition } from '../models/condition.js';
import type { Model } from '../models/model.js';
import type { OnProgress } from '../node/hub/blob.js';
import { openNamedModel } from '../node/open.js';
import { readClip } from '../node/sound.js';
import { nearest } from '../perturb/nearest.js';
import type { ConditionOptions, ModelOptions, ProtocolOptions } from './options.js';
import { say, sayOver, warn } from './output.js';
import { UsageError } from './usage.js';

/** Opens the model that the options name, with the protocol that they name if they do. @throws usage errors too. */
export async function openForCommand(options: ModelOptions & ProtocolOptions): Promise<Model> {
  const licence = catalogued(options.model)?.licence;
  if (licence?.includes('NC')) {
    say(`${options.model}: weights under ${licence}, for non-commercial use`);
  }
  const model = await openNamedModel({ ...options, warn, onProgress: fileProgress() });
  const known = model.language?.protocols.map(({ name }) => name) ?? [];
  if (options.protocol === undefined || known.includes(options.protocol)) return model;
  await model.close();
  const near = nearest(options.protocol, known);
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  throw new UsageError(
    `--protocol ${options.protocol}: ${model.name} has ${known.join(', ') || 'none'}.${hint}`,
  );
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
      sayOver(text, { last: received === total });
      return;
    }
    const step = `${file} ${Math.floor(10 * share)}`;
    if (step === told) return;
    told = step;
    say(text);
  };
}

function mega(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
