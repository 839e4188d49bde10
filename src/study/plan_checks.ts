// What can be known to be wrong with a study before any sound is decoded. Each check gives one line for each fault, with
// its place in the file.

import { sampleOfSeconds } from '../audio/codes.js';
import { verb } from '../counted.js';
import { type Model, readsNotes } from '../models/model.js';
import { requireOfNotes, requireOfSound } from '../perturb/medium.js';
import { meant } from '../perturb/nearest.js';
import type { Perturbation } from '../perturb/perturbation.js';
import { type Axis, placeOf } from '../perturb/place.js';
import { checkKind } from '../perturb/tokens.js';
import type { Item, Library } from './dataset.js';
import type { Variant } from './grid.js';
import { mapTasks } from './map_task.js';
import type { CellFacts, Domain } from './row.js';
import type { Study } from './spec.js';
import type { Plan } from './store.js';

/** Names of protocols that none of the models has. */
export function protocolFaults({ protocols = [], variants, say }: Study, known: readonly string[]): string[] {
  const asked = [
    ...protocols.map((protocol, i) => ({ protocol, path: ['protocols', i] })),
    ...variants.flatMap((variant) =>
      (variant.protocols ?? []).map((protocol) => ({
        protocol,
        path: ['disturbances', variant.disturbance, 'protocols'],
      })),
    ),
  ];
  const lines = asked
    .filter(({ protocol }) => !known.includes(protocol))
    .map(({ protocol, path }) =>
      say(path, `no model has a protocol ${protocol}; there is ${known.join(', ')}${meant(protocol, known)}`),
    );
  return [...new Set(lines)];
}

/** Seconds of each clip's excerpt, as far as they are known without reading its sound, by name. */
export async function lengthsOf(
  { excerpt }: Study,
  items: Iterable<Item>,
  library: Library,
): Promise<ReadonlyMap<string, number>> {
  const lengths = new Map<string, number>();
  for (const item of items) {
    const whole = excerpt.length === undefined ? await library.seconds?.(item) : undefined;
    const length = excerpt.length ?? (whole === undefined ? undefined : whole - excerpt.offset);
    if (length !== undefined) lengths.set(item.name, length);
  }
  return lengths;
}

interface Clips {
  readonly items: ReadonlyMap<string, Item>;
  readonly lengths: ReadonlyMap<string, number>;
}

/** Disturbances that mean nothing, or that leave the clips. */
export function variantFaults(study: Study, model: Model, clips: Clips): string[] {
  return study.variants.flatMap((variant) =>
    [...meaningFaults(variant), ...windowFaults(variant, model, clips)].map((words) =>
      study.say(['disturbances', variant.disturbance], `${variant.name}: ${words}`),
    ),
  );
}

/** What can be done in a domain. */
const CHECKS: Readonly<Partial<Record<Domain, (name: string, perturbation: Perturbation) => void>>> = {
  waveform: requireOfSound,
  codes: checkKind,
  notes: requireOfNotes,
};

function meaningFaults({ amnesia, domain, perturbations }: Variant): string[] {
  const faults: string[] = [];
  if (amnesia && (perturbations.length !== 1 || perturbations[0].kind === 'delete')) {
    faults.push('amnesia needs one disturbance that leaves something in its window');
  }
  const check = CHECKS[domain];
  if (check)
    for (const perturbation of perturbations)
      faults.push(...wordsOf(domain, (name) => check(name, perturbation)));
  return faults;
}

/** A line for each perturbation whose window leaves a clip: the first clip, and how many more. */
function windowFaults(
  { groups, domain, perturbations }: Variant,
  { codec }: Model,
  { items, lengths }: Clips,
): string[] {
  // Where notes are is not known before they are read.
  if (!codec || domain === 'notes') return [];
  const { clock } = codec;
  const { sampleRate } = clock;
  const own = [...items.values()].filter(({ group }) => groups?.includes(group) !== false);
  return perturbations.flatMap((perturbation) => {
    const found = own.flatMap(({ name }) => {
      const length = lengths.get(name);
      if (length === undefined) return [];
      const axis: Axis = { name, sampleRate, samples: sampleOfSeconds(clock, length) };
      return wordsOf(name, () => placeOf(axis, perturbation, clock)).map((words) => ({ name, words }));
    });
    if (found.length === 0) return [];
    const [{ name, words }] = found;
    const more = found.length === 1 ? '' : ` and ${found.length - 1} more`;
    return [`${words} (${name}${more})`];
  });
}

/** What a check throws, without the name that it is given; nothing where all is well. */
function wordsOf(name: string, check: (name: string) => void): string[] {
  try {
    check(name);
    return [];
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return [words.startsWith(`${name}: `) ? words.slice(name.length + 2) : words];
  }
}

/** Groups and disturbances that nothing is done with. */
export function unusedFaults(
  { variants, say }: Study,
  groups: ReadonlyMap<string, readonly Item[]>,
  { cells, models }: { readonly cells: readonly CellFacts[]; readonly models: readonly Model[] },
): string[] {
  const noSound = models.every(readsNotes);
  const disturbed = new Set(cells.map(({ group }) => group));
  const used = new Set(cells.map(({ variant }) => variant));
  const idleGroups = [...groups].filter(([name]) => !disturbed.has(name));
  return [
    ...idleGroups.map(([name, items]) => {
      const words =
        items.length === 0
          ? `every clip of group ${name} is in the study already; leave the group out`
          : items.every(({ source }) => source.kind === 'midi' && source.soundfont === undefined)
            ? `no disturbance of notes applies to group ${name}, which holds MIDI and names no soundfont to play it with`
            : noSound && items.every(({ source }) => source.kind !== 'midi')
              ? `group ${name} is of sound, and ${models.map((model) => model.name).join(', ')} ${verb(models.length, 'reads', 'read')} notes: name MIDI files with midi, or take a model of sound (tiny)`
              : `no disturbance applies to group ${name}; leave it out, or widen \`groups\``;
      return say(['groups', name], words);
    }),
    ...variants
      .filter(({ name }) => !used.has(name))
      .map(({ name, disturbance, domain }) => {
        const why =
          domain === 'symbolic'
            ? 'no group holds MIDI that is played; notes that a model reads are changed by kind: nonsense, bars or transpose'
            : domain === 'notes'
              ? 'it is of notes, and no model of notes reads a group of MIDI with it'
              : 'its groups or protocols leave no clip';
        return say(['disturbances', disturbance], `${name} applies to no clip: ${why}`);
      }),
  ];
}

/** What a battery asks for that only sound has, in a study of notes alone. */
export function batteryFaults({ battery, say }: Study, cells: readonly CellFacts[]): string[] {
  if (!battery || cells.length === 0 || cells.some(({ source }) => source !== 'notes')) return [];
  return battery.asked.map((name) =>
    say(
      ['battery', name],
      `battery: ${name} is of sound, and every clip of this study is read as notes; leave it out (battery: {})`,
    ),
  );
}

/** Cells of equal keys would be one: the same disturbance, or the same model, under two names. Each two once. */
export function equalFaults({ say }: Study, cells: readonly CellFacts[]): string[] {
  const known = new Map<string, CellFacts>();
  const lines = new Map<string, string>();
  for (const cell of cells) {
    const other = known.get(cell.key);
    if (!other) {
      known.set(cell.key, cell);
      continue;
    }
    const pair = [other, cell].map(({ variant, model }) => `${variant} ${model}`).join(' ');
    if (lines.has(pair)) continue;
    const [a, b] = [other, cell].map((each) => `${each.clip}, ${each.variant ?? 'clean'}, ${each.model}`);
    const path = cell.disturbance === null ? ['models'] : ['disturbances', cell.disturbance];
    const words = `"${a}" and "${b}" are the same sound, disturbance and model; leave one out`;
    lines.set(pair, say(path, words));
  }
  return [...lines.values()];
}

/** Groups that are to be mapped of which no sound is scored as maps are. */
export function mapFaults({ say }: Study, { maps, cells }: Pick<Plan, 'maps' | 'cells'>): string[] {
  if (!maps) return [];
  const mapped = new Set(mapTasks({ maps, cells }).map(({ clean }) => clean.group));
  const under = maps.protocol ? ` under protocol ${maps.protocol}` : '';
  return maps.groups
    .filter((group) => !mapped.has(group))
    .map((group) =>
      say(
        ['maps'],
        `maps: no disturbance of sound applies to group ${group}${under}; leave the group out of the maps, or add one`,
      ),
    );
}
