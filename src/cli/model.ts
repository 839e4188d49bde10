// Opening a model for a command: what is fetched shows its progress, what is odd is said, Ctrl-C keeps the rest.

import { CHROMA_RATE, chromaOf, samplesOfChroma } from '../audio/chroma.js';
import { catalogued } from '../models/catalog.js';
import type { Condition } from '../models/condition.js';
import type { Model } from '../models/model.js';
import type { OnProgress } from '../node/hub/blob.js';
import { openNamedModel } from '../node/open.js';
import { readClip, requireSound } from '../node/sound.js';
import { nearest } from '../perturb/nearest.js';
import type { ConditionOptions, ModelOptions, ProtocolOptions } from './options.js';
import { say, sayOver, warn } from './output.js';
import { UsageError } from './usage.js';

/**
 * Opens the model that the options name, with the protocol that they name if they do; a melody that is no sound is refused before.
 * @throws usage errors too.
 */
export async function openForCommand(
  options: ModelOptions & ProtocolOptions & Pick<ConditionOptions, 'melody'>,
): Promise<Model> {
  if (options.melody !== undefined) await requireSound(options.melody);
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

/** Whether the condition options say anything. */
export function hasCondition({ prompt, melody, prefix }: ConditionOptions): boolean {
  return prompt !== undefined || melody !== undefined || !prefix;
}

/** What the condition options say: of the melody's sound as much is read as the model takes. */
export async function conditionOf(
  model: Model,
  { prompt, melody, prefix }: ConditionOptions,
): Promise<Condition> {
  return {
    ...(prompt === undefined ? {} : { prompt }),
    ...(melody === undefined ? {} : { chroma: await melodyOf(model, melody) }),
    ...(prefix ? {} : { missing: 'absent' as const }),
  };
}

/** The pitch classes of a sound, as many as the model takes, or as there are. @throws when it takes none. */
async function melodyOf({ name, melodyFrames }: Model, file: string): Promise<Int32Array> {
  if (melodyFrames === undefined)
    throw new Error(`${name}: takes no melody; a MusicGen Melody (musicgen_melody) does`);
  const most = samplesOfChroma(melodyFrames) / CHROMA_RATE;
  const sound = await readClip(file, { sampleRate: CHROMA_RATE, channels: 1 }, warn, { most });
  return chromaOf(sound.channels[0]).classes.subarray(0, melodyFrames);
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
