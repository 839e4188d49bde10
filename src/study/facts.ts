// What is known of a cell before it is scored: everything that can change its numbers, and names for people.

import { stem } from '../audio/clip.js';
import type { FrameClock } from '../audio/codes.js';
import { RESAMPLER } from '../audio/resample.js';
import { type Condition, describeCondition } from '../models/condition.js';
import { lagOf } from '../models/language.js';
import { type Model, protocolUnder, readsNotes } from '../models/model.js';
import type { Perturbation, Span } from '../perturb/perturbation.js';
import { samplesOf } from '../perturb/place.js';
import { severityOf } from '../perturb/severity.js';
import { VERSION } from '../probe/version.js';
import { SCORED_VELOCITY } from '../symbolic/note_level.js';
import { severityOfEdit } from '../symbolic/severity.js';
import type { Item } from './dataset.js';
import type { Variant } from './grid.js';
import { cellKey, conditionHash, measurementOf } from './key.js';
import { ANY, type CellFacts, type ContextName, type Form } from './row.js';
import type { ModelSpec, Study } from './spec.js';

/** What differs between the cells of a clip. */
export interface CellForm {
  readonly protocol: string;
  /** Absent for a clean cell. */
  readonly variant?: Variant;
  readonly context?: ContextName;
}

/** What the cells of a clip have in common. */
export interface FactParts {
  readonly model: { readonly spec: ModelSpec; readonly model: Model; readonly condition: Condition };
  readonly item: Item;
  readonly form: Form;
  /** SHA-256 of the content of clips, by name. */
  readonly hashes: ReadonlyMap<string, string>;
}

/** What versions are brought to: sound to a loudness, notes to a mean velocity; null: as they are. */
function broughtTo({ battery }: Study, model: Model): number | null {
  if (!battery || battery.loudness === null) return null;
  return readsNotes(model) ? SCORED_VELOCITY : model.codec ? battery.loudness : null;
}

/** Everything a row says before it is scored. */
export function factsOf(
  study: Study,
  { model: { spec, model, condition }, item, form, hashes }: FactParts,
  { protocol, variant, context }: CellForm,
  cleanKey: string | null,
): CellFacts {
  const [first] = variant?.perturbations ?? [];
  // Notes have no clock that all pieces share, and a level of their own.
  const clock = model.codec?.clock;
  const loudness = broughtTo(study, model);
  const facts: Omit<CellFacts, 'key'> = {
    role: context ? 'context' : variant ? 'disturbed' : 'clean',
    cleanKey,
    study: study.name,
    model: spec.name,
    fingerprint: model.fingerprint,
    protocol,
    lag: lagOf(protocolUnder(model, protocol)),
    condition: describeCondition(condition),
    conditionHash: conditionHash(condition),
    precision: model.precision,
    runtime: model.runtime,
    device: model.device,
    instructions: instructionsOf(study, model),
    measurement: measurementOf(loudness),
    losscope: VERSION,
    resampler: RESAMPLER,
    group: item.group,
    clip: item.name,
    title: item.title ?? null,
    source: form,
    content: hashes.get(item.name) ?? '',
    offsetSeconds: study.excerpt.offset,
    lengthSeconds: study.excerpt.length ?? null,
    loudness,
    roundTripSeconds: context || !clock ? null : (study.battery?.roundTrip ?? null),
    disturbance: variant?.disturbance ?? null,
    variant: variant?.name ?? null,
    domain: variant?.domain ?? null,
    grid: variant ? JSON.stringify(variant.grid) : null,
    kind: variant ? kindOf(variant) : null,
    color: first?.kind === 'noise' ? first.color : null,
    edit: variant?.edit?.edit ?? null,
    lengthTokens: variant ? lengthOf(variant, clock) : null,
    blockTokens: first && 'block' in first ? tokensOf(first.block, clock) : null,
    ...levelOf(first),
    ...(variant ? severityFacts(variant, clock) : { severityName: null, severity: null }),
    reach: variant ? reachOf(variant, model) : null,
    words: variant ? wordsOf(variant, study) : null,
    spec: variant ? specOf(variant, study, { item, hashes }) : null,
    seed: variant ? (variant.edit?.seed ?? first?.seed ?? study.seed) : null,
    context: context ?? null,
  };
  return { key: cellKey(facts), ...facts };
}

function wordsOf({ words }: Variant, { until }: Study): string {
  return until === undefined ? words : `${words}; scored until ${until} s after it`;
}

/** The spec with all that its randomness and its borrowed sound depend on beside the clip's own content, and where scoring ends. */
function specOf(
  variant: Variant,
  { until }: Study,
  { item, hashes }: Pick<FactParts, 'item' | 'hashes'>,
): string {
  const borrowed = variant.perturbations.flatMap((each) =>
    'clip' in each ? [hashes.get(each.clip) ?? ''] : [],
  );
  return JSON.stringify({
    seedName: stem(item),
    ...(variant.edit ? { edit: variant.edit } : { perturbations: variant.perturbations }),
    ...(borrowed.length === 0 ? {} : { borrowed }),
    ...(until === undefined ? {} : { until }),
  });
}

function kindOf({ edit, perturbations }: Variant): string {
  if (edit) return 'edit';
  return perturbations.length === 1 ? perturbations[0].kind : 'events';
}

function levelOf(perturbation: Perturbation | undefined): Pick<CellFacts, 'level' | 'levelDbfs'> {
  if (!perturbation || !('level' in perturbation)) return { level: null, levelDbfs: null };
  const { level } = perturbation;
  if (typeof level === 'string') return { level, levelDbfs: null };
  return { level: 'fixed', levelDbfs: level.dbfs };
}

/** Of several events none is the one that says how strong they are. */
function severityFacts(
  { edit, perturbations }: Variant,
  clock: FrameClock | undefined,
): Pick<CellFacts, 'severityName' | 'severity'> {
  const alone = perturbations.length === 1 ? severityOf(perturbations[0], clock) : undefined;
  const severity = edit ? severityOfEdit(edit) : alone;
  return { severityName: severity?.name ?? null, severity: severity?.value ?? null };
}

/** Codes that are disturbed as codes are never encoded. */
function reachOf({ domain }: Variant, { codec }: Model): number {
  return domain === 'codes' ? 0 : (codec?.reach ?? 0);
}

/** Asked-for frames of all events together; null where one has no length of its own. */
function lengthOf({ edit, perturbations }: Variant, clock: FrameClock | undefined): number | null {
  const lengths = edit ? [edit.length] : perturbations.map(({ length }) => length);
  let sum = 0;
  for (const length of lengths) {
    const tokens = length && tokensOf(length, clock);
    if (tokens === undefined || tokens === null) return null;
    sum += tokens;
  }
  return sum;
}

/** Null for seconds of notes, in which there are as many as the piece has. */
function tokensOf(span: Span, clock: FrameClock | undefined): number | null {
  if (!clock) return 'tokens' in span ? span.tokens : null;
  return samplesOf(span, clock, 'length') / clock.hop;
}

/** What every cell is held to. */
export function instructionsOf({ mix }: Study, model: Model): string {
  return mix ? ANY : model.instructions;
}
