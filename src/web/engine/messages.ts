// What the page and the worker that measures say to each other.

import type { FrameClock } from '../../audio/codes.js';
import type { Perturbation } from '../../perturb/perturbation.js';
import type { SensitivityMap } from '../../probe/map_record.js';
import type { ProbeRecord, Scored } from '../../probe/record.js';

/** A clip that was read and scored. */
export interface ScoredSound {
  /** How later requests call it. */
  readonly id: number;
  readonly name: string;
  readonly clock: FrameClock;
  readonly scored: Scored;
  /** One channel at the clock's rate. */
  readonly samples: Float32Array;
  readonly warnings: readonly string[];
}

export interface ProbedSound {
  readonly record: ProbeRecord;
  readonly samples: Float32Array;
}

/** What can be asked, and what comes back. */
export interface Requests {
  /** Loads the model: where its folder is. Answers with its name, and a warning if there is one. */
  readonly open: {
    readonly ask: {
      readonly folder: string;
      readonly name: string;
      readonly threads: number;
      /** A checkpoint's files by name, where the user gave them; the folder then says nothing. */
      readonly files?: ReadonlyMap<string, Blob>;
    };
    readonly answer: { readonly model: string; readonly warning?: string };
  };
  readonly score: {
    readonly ask: { readonly name: string; readonly bytes: Uint8Array };
    readonly answer: ScoredSound;
  };
  readonly probe: {
    readonly ask: { readonly id: number; readonly perturbation: Perturbation };
    readonly answer: ProbedSound;
  };
  readonly map: { readonly ask: { readonly id: number }; readonly answer: SensitivityMap };
}

export type RequestName = keyof Requests;

export interface EngineMessage<K extends RequestName = RequestName> {
  readonly number: number;
  readonly kind: K;
  readonly ask: Requests[K]['ask'];
}

export type Reply =
  | { readonly number: number; readonly progress: { readonly done: number; readonly of: number } }
  | { readonly number: number; readonly answer: unknown }
  | { readonly number: number; readonly error: string };
