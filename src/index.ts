// losscope, the isomorphic surface, in the order data flows:
// Clip -> perturb -> encode -> Codes -> score -> Loss -> difference -> Delta -> regions -> Profile -> ProbeRecord.
// Needs a Runtime (see losscope/node); imports no platform.

export { type AnalyseOptions, analyse } from './analysis/analyse.js';
export { type Comparison, compareStudies } from './analysis/comparison.js';
export type { Findings as StudyFindings } from './analysis/findings.js';
export { drawnMaps } from './analysis/maps.js';
export { CHROMA_RATE, type Chroma, chromaOf } from './audio/chroma.js';
export { type Clip, duration, sampleCount } from './audio/clip.js';
export {
  type Codes,
  codesOf,
  type FrameClock,
  frameOfSample,
  frameRate,
  framesOf,
  rowsOf,
  sampleOfFrame,
  secondsOfFrame,
} from './audio/codes.js';
export { decode as decodeSound } from './audio/decode.js';
export { type Coded, LOSSY_CODECS, type LossyCodec, throughLossy } from './audio/lossy.js';
export { loudness, normaliseLoudness } from './audio/loudness.js';
export { normalise } from './audio/normalise.js';
export { type ClipFormat, conform, RESAMPLER } from './audio/resample.js';
export { readWav, writeWav } from './audio/wav.js';
export { type ConditionContrast, contrast } from './loss/contrast.js';
export { type Delta, difference } from './loss/delta.js';
export { decode, encode, formatOf } from './loss/encode.js';
export { draw, type GenerateOptions, generate, SAMPLING, type Sampling } from './loss/generate.js';
export { type KeptEncoding, type KeptScoring, keepEncoding, keepScoring } from './loss/keep.js';
export { type Loss, type ScoreOptions, score } from './loss/loss.js';
export { meanByChannel, meanByCodebook, meanByFrame, meanLoss, rowsOfLoss } from './loss/means.js';
export { scoreInWindows, type Windows } from './loss/windows.js';
export { CATALOG, type CatalogEntry } from './models/catalog.js';
export type { Codec, SoundVersion } from './models/codec.js';
export { type Condition, describeCondition } from './models/condition.js';
export type { CodecPart, Family, FamilySource, ModelParts } from './models/family.js';
export {
  type DrawnPlace,
  type GenerationOptions,
  type LanguageModel,
  type LossAndEntropy,
  lagOf,
  type Protocol,
  type ScoreForm,
} from './models/language.js';
export { codecOf, languageOf, type Model, protocolUnder, type TokenLayout } from './models/model.js';
export { FAMILIES, type OpenOptions, openModel } from './models/open.js';
export { PRECISIONS, type Precision } from './models/precision.js';
export type {
  CheckpointFiles,
  Kept,
  ModelGraph,
  RunOptions,
  RunResult,
  Runtime,
  Session,
  Tensor,
} from './models/runtime.js';
export { alignment, realigned } from './perturb/alignment.js';
export { type Disturbed, perturb, perturbAll } from './perturb/apply.js';
export { changedCodes, type LeakMap, leakMap } from './perturb/leak.js';
export { describe as describePerturbation, parseLevel, parseSpan } from './perturb/parse.js';
export type { Draw, Event, Level, NoiseColor, Perturbation, Span } from './perturb/perturbation.js';
export { PERTURBATION_KINDS, parsePerturbation, readPerturbation } from './perturb/schema.js';
export {
  SEVERITY_AXES,
  type Severity,
  type SeverityAxis,
  type SeverityName,
  severityOf,
} from './perturb/severity.js';
export { type Material, materialFor, type Sources, stretchOf } from './perturb/splice.js';
export { perturbAllCodes, perturbCodes } from './perturb/tokens.js';
export { type Hearing, hear, hearNotes } from './probe/hear.js';
export { type MapOptions, sensitivityMap } from './probe/map.js';
export { type MapPoint, mapJson, type SensitivityMap } from './probe/map_record.js';
export {
  type ClipParity,
  type Disagreement,
  type Parity,
  type ParityOptions,
  parity,
} from './probe/parity.js';
export {
  type CleanClip,
  disturb,
  type Probed,
  type ProbeOptions,
  probe,
  type ScoringOptions,
  scoreClip,
  scoreCodes,
} from './probe/probe.js';
export {
  type RankedClip,
  ranked,
  rankedClip,
  type Separation,
  sensitivityCurve,
  separations,
} from './probe/rank.js';
export { curveCsv, type ProbeRecord, type Provenance, recordJson } from './probe/record.js';
export { VERSION } from './probe/version.js';
export { curveDifference, readLossCurve } from './regions/curve.js';
export { type Profile, type ProfileOptions, profileOf, regionMeansByCodebook } from './regions/profile.js';
export { type Reaction, type ReactionNull, reactionNull, reactionOf } from './regions/reaction.js';
export { type Region, type RegionFindings, type RegionName, RULES, type RuleName } from './regions/region.js';
export { findRegions, type RuleOptions } from './regions/rules.js';
export { type Window, windowOf } from './regions/window.js';
export { mapPage } from './report/map_page.js';
export { type PageOptions, type PageParts, probePage } from './report/page.js';
export { type StudyReport, studyReport } from './report/study/page.js';
export { type LengthSummary, summarise } from './report/summary.js';
export type { ViewerBundle } from './report/view/page.js';
export type { ClipSounds, EncodedSound } from './report/view/page_data.js';
export { curveValue, type ScoreCurve, type SecondsCurve, scoreCurve, scoreCurves } from './scores/curves.js';
export type { Heard } from './scores/heard.js';
export { scoresOf } from './scores/panel.js';
export { SCORE_NAMES, SCORES, type ScoreContext, type ScoreName } from './scores/scores.js';
export type { Excerpt, GroupSpec, Item, Library } from './study/dataset.js';
export { cellKey } from './study/key.js';
export type { KeptMap } from './study/map_task.js';
export { memoryStore } from './study/memory_store.js';
export { type PlannedStudy, planStudy, type StudyModel } from './study/plan.js';
export type { CellFacts, CellRow } from './study/row.js';
export { runStudy, type StudyRunOptions, type StudyRunResult } from './study/run.js';
export { parseStudy, type Study } from './study/spec.js';
export type { Plan, Store } from './study/store.js';
export type { Task, TaskKind } from './study/task.js';
export type { ScoreEdit } from './symbolic/edit.js';
export { editScore } from './symbolic/edits.js';
