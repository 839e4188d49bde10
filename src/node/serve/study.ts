// A study's store for the explorer: its cells as a table, and each cell as a clip to see and hear. The disturbed sound is made
// again from what the store says of it.

import { hasBattery, measureBattery } from '../../analysis/battery_rows.js';
import { recordOfRow } from '../../analysis/cell_record.js';
import { type Clip, sampleCount } from '../../audio/clip.js';
import { perturbAll } from '../../perturb/apply.js';
import type { Event } from '../../perturb/perturbation.js';
import { materialFor, stretchOf } from '../../perturb/splice.js';
import { type ClipSounds, packPage } from '../../report/view/page_data.js';
import { withoutFolders } from '../../report/words.js';
import type { Item, Library } from '../../study/dataset.js';
import type { CellRow } from '../../study/row.js';
import { parseStudy, type Study } from '../../study/spec.js';
import type { Store } from '../../study/store.js';
import { openLibrary } from '../dataset.js';
import type { Warn } from '../sound.js';
import { openStore } from '../store/index.js';
import { wavSound } from './prepared.js';
import { reportResources } from './report.js';
import type { Resource } from './resource.js';

export interface ServedStudy {
  readonly name: string;
  /** Keys of all cells that can be opened. */
  readonly keys: readonly string[];
  /** Its cells as JSON: see StudyCell of the explorer. */
  table(): Promise<Uint8Array>;
  /** Which score hears which damage, as JSON: see BatteryCell of the explorer. Absent without a battery. */
  readonly battery?: () => Promise<Uint8Array>;
  /** Its report as resources, where one was written. */
  readonly report?: readonly (readonly [string, Resource])[];
  /** Packed page data of a cell. */
  cell(key: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface ServeStudyOptions {
  /** The folder that paths in the study's file are relative to. */
  readonly data: string;
  readonly warn: Warn;
}

/** Opens a store. @throws one line for a folder that is none, or has no plan. */
export async function serveStudy(folder: string, { data, warn }: ServeStudyOptions): Promise<ServedStudy> {
  const store = await openStore(folder);
  const plan = await store.plan();
  if (!plan) {
    await store.close();
    throw new Error(`${folder}: has no plan; run the study again: it writes one`);
  }
  const study = parseStudy(plan.yaml, `${folder}, the study in it`);
  const disturbed = plan.cells.filter(({ role }) => role === 'disturbed');
  const sounds = soundsOf(study, openLibrary({ folder: data, warn }));
  return {
    name: study.name,
    keys: disturbed.map(({ key }) => key),
    table: async () => asJson(await tableOf(store)),
    ...(hasBattery(plan) ? { battery: async () => asJson(await batteryOf(store)) } : {}),
    report: reportResources(folder),
    cell: async (key) => cellOf(key, { store, sounds }),
    close: () => store.close(),
  };
}

function asJson(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

async function batteryOf(store: Store) {
  const { rows } = await measureBattery(store, { seed: 1 });
  return rows.map(({ model, protocol, damage, severity, score, auc }) => ({
    maker: `${model} (${protocol})`,
    damage,
    severity,
    score,
    auc: auc.value,
  }));
}

async function tableOf(store: Store) {
  const means = new Map<string, number>();
  const rows: CellRow[] = [];
  for await (const row of store.rows({ roles: ['clean', 'disturbed'], withoutArrays: true })) {
    if (row.role === 'clean' && row.meanLoss !== null) means.set(row.key, row.meanLoss);
    if (row.role === 'disturbed') rows.push(row);
  }
  return rows.map((row) => {
    const clean = row.cleanKey === null ? undefined : means.get(row.cleanKey);
    return {
      key: row.key,
      model: row.model,
      protocol: row.protocol,
      group: row.group,
      clip: row.title ?? row.clip,
      sound: row.clip,
      disturbance: row.variant ?? '',
      clean: clean ?? null,
      disturbed: row.meanLoss,
      difference: clean === undefined || row.meanLoss === null ? null : row.meanLoss - clean,
      failed: row.error,
    };
  });
}

async function cellOf(key: string, { store, sounds }: { store: Store; sounds: Sounds }): Promise<Uint8Array> {
  const rows = new Map<string, CellRow>();
  const facts = (await store.plan())?.cells.find((cell) => cell.key === key);
  const keys = [key, facts?.cleanKey ?? ''];
  for await (const row of store.rows({ keys })) rows.set(row.key, row);
  const [row, clean] = keys.map((each) => rows.get(each));
  if (!row || !clean) throw new Error('this cell, or the clean one it is compared with, is not scored yet');
  if (row.status === 'failed') throw new Error(row.error ?? 'this cell failed');
  const record = recordOfRow(row, clean);
  const sound = await sounds(row);
  return packPage({
    clips: [
      {
        name: row.clip,
        title: row.title ?? row.clip,
        group: row.group,
        probes: [record],
        ...('missing' in sound ? { missing: sound.missing } : { sounds: sound }),
      },
    ],
    first: 0,
  });
}

/** The sound of a row, clean and disturbed, or why there is none. */
type Sounds = (row: CellRow) => Promise<ClipSounds | { readonly missing: string }>;

function soundsOf(study: Study, library: Library): Sounds {
  const items = new Map<string, Promise<ReadonlyMap<string, Item>>>();
  const itemOf = async ({ group, clip }: Pick<CellRow, 'group' | 'clip'>): Promise<Item> => {
    const spec = study.groups.find(({ name }) => name === group);
    if (!spec) throw new Error(`${group}: no group of the study`);
    const known =
      items.get(group) ?? library.items(spec).then((all) => new Map(all.map((item) => [item.name, item])));
    items.set(group, known);
    const item = (await known).get(clip);
    if (!item) throw new Error(`${clip}: is no longer in its group`);
    return item;
  };
  return async (row) => {
    try {
      if (row.source === 'codes') return { missing: 'a clip of codes has no sound of its own' };
      if (row.domain !== 'waveform') return { missing: `it was disturbed as ${row.domain}, not as sound` };
      const format = { sampleRate: row.sampleRate ?? 0, channels: 1 } as const;
      const sound = async (item: Item): Promise<Clip> =>
        library.clip(item, { format, excerpt: study.excerpt });
      const clip = await sound(await itemOf(row));
      const events: readonly Event[] = JSON.parse(row.events ?? '[]');
      const perturbations = events.map(({ perturbation }) => perturbation);
      const clock = { sampleRate: row.sampleRate ?? 0, hop: row.hop ?? 0 };
      const material = await materialFor(clip, perturbations, {
        clock,
        clip: async (name, stretch) =>
          stretchOf(await sound(await itemOf({ clip: name, group: name.split('/')[0] })), stretch),
      });
      const disturbed = perturbAll(clip, perturbations, clock, material).clip;
      return {
        sampleRate: clip.sampleRate,
        samples: sampleCount(clip),
        clean: wavSound(clip.channels[0], clip.sampleRate),
        inserts: [
          {
            start: 0,
            samples: sampleCount(disturbed),
            sound: wavSound(disturbed.channels[0], clip.sampleRate),
          },
        ],
      };
    } catch (error) {
      // The curves are all there without it; the page says why it is silent.
      return { missing: error instanceof Error ? withoutFolders(error.message) : String(error) };
    }
  };
}
