// The paper's published values beside ours: each with the slice of this study that corresponds, or the reason why none
// does. Names decide: groups TrainingSet, Generated, OOD; a model whose name holds "small", "medium", "melody" or "large".

import { pearson, spearman } from '../stats/correlate.js';
import { mean } from '../stats/describe.js';
import type { LossBox, Published, RegionSample } from './figure_findings.js';
import { ALL_GROUPS, type Slice } from './point.js';
import {
  CLEAN_LOSS,
  CORRELATION_BELOW,
  FIG2,
  FIG2_LENGTHS,
  FIG2_SD,
  FIG5,
  PUBLISHED_CLIPS,
  PUBLISHED_GROUPS,
  PUBLISHED_MODELS,
  type PublishedModel,
  REGION_LENGTHS,
  REGION_MEANS,
} from './published_values.js';
import type { ClipLoss } from './question_findings.js';

export interface Ours {
  readonly clipLoss: readonly ClipLoss[];
  readonly regions: readonly RegionSample[];
  readonly boxes: readonly LossBox[];
}

/** The model of ours that stands beside a published one. */
interface Counterpart {
  readonly model: string;
  readonly protocol: Slice['protocol'];
  /** A model of that name, scored as they score it; else one that stands in. */
  readonly same: boolean;
  readonly note: string;
}

export function besidePublished(ours: Ours): Published[] {
  const slices = [...ours.clipLoss, ...ours.regions, ...ours.boxes];
  const counterpart = (published: PublishedModel, standIn: boolean) =>
    counterpartOf(published, slices, standIn);
  return [
    ...PUBLISHED_MODELS.flatMap((published) => {
      const beside = counterpart(published, published === 'small');
      return [
        ...lengths(published, beside, ours),
        ...cleanLosses(published, beside, ours),
        ...regionMeans(published, beside, ours),
      ];
    }),
    ...correlations(ours),
    ...shuffles(counterpart('medium', true), ours),
  ];
}

/** `standIn`: where no model has the name, the first of the study that has none of them, with a note. */
function counterpartOf(
  published: PublishedModel,
  slices: readonly Slice[],
  standIn: boolean,
): Counterpart | undefined {
  const isNamed = (model: string, name: string): boolean => model.toLowerCase().includes(name);
  const named = slices.filter(({ model }) => isNamed(model, published));
  const others = slices.filter(({ model }) => !PUBLISHED_MODELS.some((name) => isNamed(model, name)));
  const [first] = named.length > 0 || !standIn ? named : others;
  if (first === undefined) return undefined;
  const protocols = new Set(
    slices.filter(({ model }) => model === first.model).map(({ protocol }) => protocol),
  );
  const theirs = published === 'melody' ? 'unshifted' : 'undelayed';
  const protocol = protocols.has(theirs) ? theirs : first.protocol;
  const another = named.length > 0 ? '' : ', which is another model';
  const otherwise = protocol === theirs ? '' : `; theirs: ${theirs}`;
  return {
    model: first.model,
    protocol,
    same: named.length > 0 && protocol === theirs,
    note: `ours: ${first.model}${another}, ${protocol}${otherwise}`,
  };
}

function row(
  head: Omit<Published, 'ours' | 'note'>,
  value: number | null | undefined,
  note: string | undefined,
): Published {
  if (note === undefined) return { ...head, ours: null, note: 'the study has no such model' };
  if (value === null || value === undefined || !Number.isFinite(value)) {
    return { ...head, ours: null, note: 'the study has no such clips and disturbance' };
  }
  return { ...head, ours: value, note };
}

const isWhiteNoise = ({ kind, color, domain }: Slice): boolean =>
  kind === 'noise' && color === 'white' && domain === 'waveform';

function isOf(slice: Slice, beside: Counterpart | undefined, group?: string): boolean {
  const { model, protocol } = slice;
  return (
    model === beside?.model && protocol === beside.protocol && (group === undefined || slice.group === group)
  );
}

function title(model: PublishedModel): string {
  return `MusicGen ${model[0].toUpperCase()}${model.slice(1)}`;
}

function lengths(
  published: PublishedModel,
  beside: Counterpart | undefined,
  { clipLoss }: Ours,
): Published[] {
  return PUBLISHED_GROUPS.flatMap((group) =>
    FIG2_LENGTHS.map((length, i) => {
      const found = clipLoss.find(
        (point) => isOf(point, beside, group) && isWhiteNoise(point) && point.lengthTokens === length,
      );
      const what = `loss difference, ${length} tokens of white noise, ${title(published)}, ${group}`;
      const head = {
        where: 'Fig. 2',
        what,
        published: FIG2[published][group][i],
        spread: { sd: FIG2_SD[published][group][i], n: PUBLISHED_CLIPS[group] },
        ...(found && beside?.same ? { beside: placeOf(found) } : {}),
      };
      return row(head, found?.difference.value, beside?.note);
    }),
  );
}

function placeOf({ model, protocol, condition, group, disturbance, variant }: ClipLoss) {
  return { model, protocol, condition, group, disturbance, variant };
}

function cleanLosses(
  published: PublishedModel,
  beside: Counterpart | undefined,
  { clipLoss }: Ours,
): Published[] {
  return PUBLISHED_GROUPS.map((group) => {
    const points = clipLoss.filter((point) => isOf(point, beside, group));
    const fullest = points.reduce<ClipLoss | undefined>(
      (best, point) => (point.clean.n > (best?.clean.n ?? 0) ? point : best),
      undefined,
    );
    const what = `mean loss of the clean clips, ${title(published)}, ${group}`;
    const head = { where: 'Fig. 2', what, published: CLEAN_LOSS[published][group] };
    return row(head, fullest?.clean.value, beside?.note);
  });
}

function regionMeans(
  published: PublishedModel,
  beside: Counterpart | undefined,
  { regions }: Ours,
): Published[] {
  return (['peak', 'assimilation', 'recovery'] as const).map((region) => {
    const groups = PUBLISHED_GROUPS.map((group) =>
      regions.filter(
        (sample) =>
          isOf(sample, beside, group) &&
          isWhiteNoise(sample) &&
          sample.region === region &&
          REGION_LENGTHS.some((length) => length === sample.lengthTokens),
      ),
    ).filter((samples) => samples.length > 0);
    const ours = mean(groups.map((samples) => mean(samples.flatMap(({ values }) => values))));
    const what = `${region[0].toUpperCase()}${region.slice(1)} mean, white noise, ${title(published)}`;
    const few = groups.length < PUBLISHED_GROUPS.length ? `, ${groups.length} of 3 datasets` : '';
    const note = beside && `${beside.note}; rule fixed${few}; theirs: their scripts' regions`;
    return row({ where: 'Section 4.2', what, published: REGION_MEANS[published][region] }, ours, note);
  });
}

/** Over (model, group, length) means of white noise, one protocol: the one most models have. */
function correlations({ clipLoss }: Ours): Published[] {
  const points = clipLoss.filter(
    (point) =>
      point.group !== ALL_GROUPS && isWhiteNoise(point) && FIG2_LENGTHS.some((n) => n === point.lengthTokens),
  );
  const protocol = points.some((point) => point.protocol === 'undelayed') ? 'undelayed' : points[0]?.protocol;
  const used = points.flatMap(({ protocol: own, lengthTokens, difference }) =>
    own === protocol && lengthTokens !== null && difference.value !== null
      ? [{ x: lengthTokens, y: difference.value }]
      : [],
  );
  const x = used.map((point) => point.x);
  const y = used.map((point) => point.y);
  return Object.entries({ Pearson: pearson, Spearman: spearman }).map(([name, correlate]) => {
    const what = `${name} correlation of length and mean loss difference over models and datasets (theirs: below this)`;
    const head = { where: 'Section 3', what, published: CORRELATION_BELOW };
    const enough = used.length >= 3 ? correlate(x, y).r : Number.NaN;
    return row(head, enough, `ours: ${used.length} points, ${protocol}`);
  });
}

function shuffles(beside: Counterpart | undefined, { boxes }: Ours): Published[] {
  return FIG5.map(({ blockTokens, median }) => {
    const found = boxes.find(
      (box) => isOf(box, beside, 'TrainingSet') && box.kind === 'shuffle' && box.blockTokens === blockTokens,
    );
    const order = blockTokens === null ? 'in order' : `shuffled in blocks of ${blockTokens} tokens`;
    const what = `median loss, clips ${order}, MusicGen Medium, TrainingSet`;
    return row({ where: 'Fig. 5', what, published: median }, found?.median, beside?.note);
  });
}
