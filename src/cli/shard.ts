// --shard: which part of a study this machine does. `auto` reads how SLURM, Kubernetes and others number their tasks.

import { InvalidArgumentError } from 'commander';

/** Number `index`, from 1, of `of` parts. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** Variables by which a scheduler numbers a task: its number, the first number, and how many there are. */
interface Numbering {
  readonly index: string;
  /** Variable, or the number itself. */
  readonly first: string | 0 | 1;
  readonly count: string;
}

const NUMBERINGS: readonly Numbering[] = [
  { index: 'SLURM_ARRAY_TASK_ID', first: 'SLURM_ARRAY_TASK_MIN', count: 'SLURM_ARRAY_TASK_COUNT' },
  // Kubernetes Indexed Job; the count is not given, so the recipe sets it.
  { index: 'JOB_COMPLETION_INDEX', first: 0, count: 'JOB_COMPLETIONS' },
  { index: 'CLOUD_RUN_TASK_INDEX', first: 0, count: 'CLOUD_RUN_TASK_COUNT' },
  { index: 'AWS_BATCH_JOB_ARRAY_INDEX', first: 0, count: 'AWS_BATCH_JOB_ARRAY_SIZE' },
  { index: 'SGE_TASK_ID', first: 1, count: 'SGE_TASK_LAST' },
  { index: 'PBS_ARRAY_INDEX', first: 1, count: 'PBS_ARRAY_COUNT' },
];

/** `2/4`; `auto`; or `auto/4`, where the scheduler numbers its tasks but does not say how many there are. */
export function parseShard(text: string): Shard {
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (index !== undefined) return checked({ index: Number(index), of: Number(of) }, text);
  const [, count] = /^auto(?:\/(\d+))?$/.exec(text) ?? [];
  if (text !== 'auto' && count === undefined) {
    throw new InvalidArgumentError('Expected a part and how many there are, as 1/4, or auto.');
  }
  return automatic(process.env, count);
}

/** The part that the environment names. @throws when it names none. */
export function automatic(environment: NodeJS.ProcessEnv, count?: string): Shard {
  const numbering = NUMBERINGS.find(({ index }) => environment[index] !== undefined);
  if (!numbering) {
    throw new InvalidArgumentError(
      `No scheduler numbers this task; auto reads ${NUMBERINGS.map(({ index }) => index).join(', ')}.`,
    );
  }
  const of = count ?? environment[numbering.count];
  if (of === undefined) {
    throw new InvalidArgumentError(
      `${numbering.count} is not set: write how many tasks there are, as auto/16.`,
    );
  }
  const first =
    typeof numbering.first === 'string' ? Number(environment[numbering.first] ?? 1) : numbering.first;
  return checked({ index: Number(environment[numbering.index]) - first + 1, of: Number(of) }, 'auto');
}

function checked(shard: Shard, text: string): Shard {
  const { index, of } = shard;
  if (Number.isInteger(index) && Number.isInteger(of) && index >= 1 && index <= of) return shard;
  throw new InvalidArgumentError(
    `${text} is part ${index} of ${of}; expected a part from 1 to how many there are.`,
  );
}
