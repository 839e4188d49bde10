// The explorer as a list of resources: its files, the bundled model for the browser, the clips, and `site.json` that names
// them. The same list is served by `losscope view` and written by `losscope view --export`.

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { GROUPS } from '../../probe/demo_clips.js';
import { VERSION } from '../../probe/version.js';
import { readClipList } from '../clip_list.js';
import { DEMO_FOLDER, TINY_FOLDER, WEB_FOLDER } from '../folders.js';
import { type Resource, type Resources, typeOf } from './resource.js';
import type { ServedStudy } from './study.js';

const MODEL_FILES = ['config.json', 'model.safetensors'];

/** A clip of the explorer. */
export interface SiteClipSource {
  readonly name: string;
  readonly title: string;
  readonly group?: string;
  /** The sound file. */
  readonly file: string;
  /** Its packed page data, where it is measured beforehand. */
  readonly prepared?: () => Promise<Uint8Array>;
}

export interface SiteSource {
  readonly clips: readonly SiteClipSource[];
  /** What scores; in the browser if it is `tiny`. */
  readonly model: string;
  readonly study?: ServedStudy;
}

/** The bundled clips; `prepared` measures one of them. */
export async function demoClips(prepared: (file: string) => Promise<Uint8Array>): Promise<SiteClipSource[]> {
  return (await readClipList()).map(({ file, group, title }) => ({
    name: file,
    title,
    group: GROUPS[group],
    file: path.join(DEMO_FOLDER, file),
    prepared: once(() => prepared(file)),
  }));
}

/** Everything the explorer needs, by path. */
export function siteResources({ clips, model, study }: SiteSource): Resources {
  if (!existsSync(path.join(WEB_FOLDER, 'index.html'))) {
    throw new Error(`${WEB_FOLDER}: the explorer is not built; npm run build`);
  }
  const inBrowser = model === 'tiny';
  const assets = readdirSync(WEB_FOLDER).map((name): [string, Resource] => [
    `/${name}`,
    fileResource(path.join(WEB_FOLDER, name)),
  ]);
  const modelFiles = inBrowser ? MODEL_FILES : [];
  const sounds = clips.flatMap(({ file, prepared }, i): [string, Resource][] => [
    [`/${soundPath(file, i)}`, fileResource(file)],
    ...(prepared
      ? [[`/${dataPath(i)}`, { type: 'application/octet-stream', make: prepared }] as [string, Resource]]
      : []),
  ]);
  const site = {
    version: VERSION,
    model,
    ...(inBrowser ? { folder: 'model' } : {}),
    clips: clips.map(({ name, title, group, file, prepared }, i) => ({
      name,
      title,
      ...(group ? { group } : {}),
      sound: soundPath(file, i),
      ...(prepared ? { data: dataPath(i) } : {}),
    })),
    ...(study
      ? {
          study: {
            name: study.name,
            table: TABLE,
            cells: CELLS,
            ...(study.battery ? { battery: BATTERY } : {}),
            ...(study.report?.length ? { report: REPORT } : {}),
          },
        }
      : {}),
  };
  const text = new TextEncoder().encode(JSON.stringify(site));
  return new Map<string, Resource>([
    ...assets,
    ['/', fileResource(path.join(WEB_FOLDER, 'index.html'))],
    ...modelFiles.map((name): [string, Resource] => [
      `/model/${name}`,
      fileResource(path.join(TINY_FOLDER, name)),
    ]),
    ...sounds,
    ...(study ? studyResources(study) : []),
    ['/site.json', { type: typeOf('site.json'), make: async () => text }],
  ]);
}

/** Where a study's table and its cells stand. */
const TABLE = 'study/table.json';
const BATTERY = 'study/battery.json';
const REPORT = 'report/index.html';
const CELLS = 'study/cells/';

function studyResources(study: ServedStudy): [string, Resource][] {
  return [
    [`/${TABLE}`, { type: typeOf(TABLE), make: study.table }],
    ...(study.battery
      ? [[`/${BATTERY}`, { type: typeOf(BATTERY), make: once(study.battery) }] as [string, Resource]]
      : []),
    ...(study.report ?? []).map(([name, resource]): [string, Resource] => [name, resource]),
    ...study.keys.map((key): [string, Resource] => [
      `/${CELLS}${key}.lsv`,
      { type: 'application/octet-stream', make: () => study.cell(key) },
    ]),
  ];
}

function fileResource(file: string): Resource {
  return { type: typeOf(file), file };
}

/** Numbered, so that a file's name never becomes part of an address. */
function soundPath(file: string, i: number): string {
  const ending = /\.(wav|mp3|flac|ogg|oga|opus)$/i.exec(file)?.[0].toLowerCase() ?? '';
  return `clips/${i}${ending}`;
}

function dataPath(i: number): string {
  return `clips/${i}.lsv`;
}

/** Makes something once; a failure is tried again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    if (made) return made;
    const soon = make();
    made = soon;
    soon.catch(() => {
      made = undefined;
    });
    return soon;
  };
}
