// The commands by name. A command's module is loaded when it is called for: help, the version and a misspelt command
// name need none of them.

import type { Command } from 'commander';
import { SIGNALS } from './interrupt.js';

export interface CommandEntry {
  readonly name: string;
  /** As the command says it of itself. */
  readonly description: string;
  /** Its result is files: it continues when stdout is closed. */
  readonly makesFiles?: boolean;
  /** Its exit code after an interrupt, whatever the signal. */
  readonly interruptCode?: number;
  load(): Promise<(losscope: Command) => void>;
}

/** In the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'demo',
    description:
      'white noise of six lengths in the bundled clips: a table here, a page with curves and sound in a folder',
    makesFiles: true,
    load: async () => (await import('./demo.js')).addDemo,
  },
  {
    name: 'view',
    description: 'the explorer in your browser: hear clips, disturb them, see what the model expects',
    load: async () => (await import('./view.js')).addView,
  },
  {
    name: 'probe',
    description: 'disturb clips, score clean and disturbed, and find the regions of the difference',
    load: async () => (await import('./probe.js')).addProbe,
  },
  {
    name: 'map',
    description: 'a short noise at every position of a clip: where the model reacts, and how',
    load: async () => (await import('./map.js')).addMap,
  },
  {
    name: 'rank',
    description: 'songs in the order of what speaks against them, with what is probably wrong and where',
    load: async () => (await import('./rank.js')).addRank,
  },
  {
    name: 'gate',
    description:
      'is a candidate no worse than a baseline? Two stores of losscope run, or two folders of generated clips. ' +
      'Exit codes: 0 pass, 100 fail, 3 inconclusive, 4 incomplete',
    makesFiles: true,
    load: async () => (await import('./gate.js')).addGate,
  },
  {
    name: 'validate',
    description:
      'how far each score agrees with listeners: over clips, over systems, within systems, and by pairs, beside how far they agree with each other',
    load: async () => (await import('./validate.js')).addValidate,
  },
  {
    name: 'power',
    description: 'how many clips find an effect in 80% of studies, from a pilot, for each score and test',
    load: async () => (await import('./power.js')).addPower,
  },
  {
    name: 'score',
    description:
      'token-wise loss: JSON lines {file, model, protocol, frames, codebooks, mean, meanByCodebook[K], loss[K][T]}',
    load: async () => (await import('./score.js')).addScore,
  },
  {
    name: 'encode',
    description:
      'turn sound into codec codes: JSON lines {file, model, sampleRate, frameRate, frames, codebooks, codes[K][T]}',
    load: async () => (await import('./encode.js')).addEncode,
  },
  {
    name: 'generate',
    description: 'draw clips from a model: a folder of WAVs and metadata.jsonl; run again, it goes on',
    makesFiles: true,
    load: async () => (await import('./generate.js')).addGenerate,
  },
  {
    name: 'decode',
    description: 'turn codes back into sound',
    makesFiles: true,
    load: async () => (await import('./decode.js')).addDecode,
  },
  {
    name: 'perturb',
    description:
      'disturb a clip (noise, shuffling, deletion, ...) and write it as 32-bit float WAV; notes for a model of notes as MIDI',
    makesFiles: true,
    load: async () => (await import('./perturb.js')).addPerturb,
  },
  {
    name: 'regions',
    description:
      'find Peak, Assimilation, Rebound and Recovery in two loss curves (CSV: token_position,avg_loss_value)',
    load: async () => (await import('./regions.js')).addRegions,
  },
  {
    name: 'parity',
    description:
      'score clips in fp32 on the CPU and in another --precision or on another --device; say how far apart they are',
    load: async () => (await import('./parity.js')).addParity,
  },
  {
    name: 'render',
    description: 'play a MIDI file with a SoundFont, edited or not, and write it as 32-bit float WAV',
    makesFiles: true,
    load: async () => (await import('./render.js')).addRender,
  },
  {
    name: 'init',
    description:
      'write study.yaml, which runs as it is: on the sound or the MIDI of a folder, or on the bundled clips',
    makesFiles: true,
    load: async () => (await import('./init.js')).addInit,
  },
  {
    name: 'run',
    description: 'run a study: every disturbance of every clip, scored under every model; resumable',
    makesFiles: true,
    load: async () => (await import('./run.js')).addRun,
  },
  {
    name: 'submit',
    description: 'plan a study and submit it to SLURM: an array of workers, and a job that finishes',
    makesFiles: true,
    load: async () => (await import('./submit.js')).addSubmit,
  },
  {
    name: 'enqueue',
    description: 'put the jobs of a study into a queue, for losscope work --queue on any number of machines',
    makesFiles: true,
    load: async () => (await import('./enqueue.js')).addEnqueue,
  },
  {
    name: 'work',
    description: 'work on a study together with other machines, in a shared folder or at a queue',
    makesFiles: true,
    // A scheduler's signal and Ctrl-C mean the same, resumable end.
    interruptCode: SIGNALS.SIGINT,
    load: async () => (await import('./work.js')).addWork,
  },
  {
    name: 'status',
    description: 'how far a study has come: workers, rate, time left, failures',
    load: async () => (await import('./status.js')).addStatus,
  },
  {
    name: 'finish',
    description:
      'check a store and, when no result is missing, gather its small parts; exit code 0: complete',
    makesFiles: true,
    load: async () => (await import('./finish.js')).addFinish,
  },
  {
    name: 'check',
    description: 'compare a store with its plan, and look for damaged files; exit code 0: complete',
    load: async () => (await import('./check.js')).addCheck,
  },
  {
    name: 'report',
    description:
      'answer the questions of a study: a page, its figures as SVG, PNG and PDF, and findings.json',
    makesFiles: true,
    load: async () => (await import('./report.js')).addReport,
  },
  {
    name: 'compare',
    description: 'compare two studies: loss differences at the points that both have, paired by clip',
    load: async () => (await import('./compare.js')).addCompare,
  },
  {
    name: 'merge',
    description: 'put the stores of several shards of one study together',
    makesFiles: true,
    load: async () => (await import('./merge.js')).addMerge,
  },
  {
    name: 'export',
    description: 'write the rows of a store as CSV, JSON lines or Parquet, in the order of the plan',
    load: async () => (await import('./export.js')).addExport,
  },
  {
    name: 'models',
    description: 'list the models vouched for: size, codebooks, licence, and what is in the cache',
    load: async () => (await import('./models.js')).addModels,
  },
  {
    name: 'pull',
    description:
      'fetch a model from the Hugging Face Hub into the cache that Python shares, bring it up to date, and read all of it',
    makesFiles: true,
    load: async () => (await import('./pull.js')).addPull,
  },
  {
    name: 'doctor',
    description:
      'check Node, onnxruntime, cached models (every byte), the bundled models (every byte); say what is missing and what to do',
    load: async () => (await import('./doctor.js')).addDoctor,
  },
];
