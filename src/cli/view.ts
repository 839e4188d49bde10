// losscope view: the explorer, served to the browser of this machine, or written as plain files. What opens a model or a
// study is loaded when it is needed: a page that waits for neither comes at once.

import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Command } from 'commander';
import type { Model } from '../models/model.js';
import { isFolder } from '../node/folders.js';
import { exportSite } from '../node/serve/export.js';
import { openBrowser } from '../node/serve/open_browser.js';
import type { Resources } from '../node/serve/resource.js';
import { inUrl, isReachable, type ServerAnswer, type Serving, serve } from '../node/serve/server.js';
import { demoClips, type SiteClipSource, siteResources } from '../node/serve/site.js';
import { requireFile, soundFiles } from '../node/serve/sounds.js';
import { storedDemo } from '../node/serve/stored.js';
import type { ServedStudy } from '../node/serve/study.js';
import { isStore } from '../node/store/index.js';
import { onFirstInterrupt } from './interrupt.js';
import { addModelOptions, type ModelOptions, wholeNumber } from './options.js';
import { type Progress, progress, say, warn } from './output.js';
import { UsageError } from './usage.js';

interface Options extends ModelOptions {
  readonly port?: number;
  readonly host: string;
  readonly open: boolean;
  readonly data: string;
  readonly export?: string;
}

/** Tried first, so that an address can be bookmarked; then the next ones. */
const PORT = 4747;
const PORTS = 20;

export function addView(losscope: Command): void {
  const command = losscope
    .command('view')
    .description('the explorer in your browser: hear clips, disturb them, see what the model expects')
    .argument(
      '[what...]',
      'sound files, folders of them, or the folder of a study that was run (default: the bundled clips)',
    )
    .option(
      '--port <n>',
      `port (default: ${PORT}, or the next free one)`,
      wholeNumber({ min: 0, max: 65_535 }),
    )
    .option(
      '--host <address>',
      'listen on another address than this machine’s own; the page then needs a token',
      '127.0.0.1',
    )
    .option('--no-open', 'do not open a browser')
    .option('--data <folder>', 'what paths in a study are relative to: the folder of its file', '.')
    .option('--export <folder>', 'write the explorer as plain files for any web server, and serve nothing');
  addModelOptions(command).action(run);
}

async function run(what: readonly string[], options: Options): Promise<void> {
  const model = lazily(async () => (await import('./model.js')).openForCommand(options));
  const study = await studyOf(what, options);
  try {
    const clips = study
      ? []
      : what.length > 0
        ? await clipsOf(what)
        : await bundled(model.get, options.model);
    const site = siteResources({ clips, model: options.model, ...(study ? { study } : {}) });
    if (options.export === undefined) await serveSite(site, { options, model: model.get, first: clips[0] });
    else await writeSite(site, options);
  } finally {
    await study?.close();
    await model.close();
  }
}

/** The bundled clips; measured before they are asked for only by the model that they were chosen for. */
async function bundled(model: () => Promise<Model>, name: string): Promise<SiteClipSource[]> {
  const clips = await demoClips(async (file) => {
    const stored = await storedDemo(file);
    if (stored) return stored;
    const { preparedDemo } = await import('../node/serve/prepared.js');
    return preparedDemo(await model(), file, warn);
  });
  return name === 'tiny' ? clips : clips.map(({ prepared: _, ...clip }) => clip);
}

async function studyOf(what: readonly string[], { data }: Options): Promise<ServedStudy | undefined> {
  const [folder, ...more] = what;
  if (folder === undefined || more.length > 0 || !(await isStore(folder))) return undefined;
  const { serveStudy } = await import('../node/serve/study.js');
  return serveStudy(folder, { data, warn });
}

async function writeSite(site: Resources, options: Options): Promise<void> {
  const folder = options.export ?? '';
  if (options.model !== 'tiny') {
    throw new UsageError(
      `--export: the page runs tiny alone by itself; for ${options.model} leave --export out: losscope then runs behind the page`,
    );
  }
  let bar: Progress | undefined;
  await exportSite(site, folder, (name, total) => {
    bar ??= progress('files', total);
    bar.step(name);
  });
  bar?.stop();
  say(`wrote ${folder}; any web server can serve it (npx http-server ${folder})`);
}

interface Serve {
  readonly options: Options;
  readonly model: () => Promise<Model>;
  /** What is seen first. */
  readonly first: SiteClipSource | undefined;
}

async function serveSite(resources: Resources, { options, model, first }: Serve): Promise<void> {
  const token = isReachable(options.host) ? randomBytes(18).toString('base64url') : undefined;
  const answers = options.model === 'tiny' ? {} : { answers: await nativeOf(model) };
  let over = false;
  const serving = await onPort(options.port, (port) =>
    serve({
      resources,
      ...answers,
      host: options.host,
      port,
      // What was under way when Ctrl-C came is no fault.
      warn: (line) => over || warn(line),
      ...(token === undefined ? {} : { token }),
    }),
  );
  const address = `http://${inUrl(options.host)}:${serving.port}/${token === undefined ? '' : `?token=${token}`}`;
  say(`losscope: ${address} (Ctrl-C ends it)`);
  const ended = new Promise<void>((resolve) => onFirstInterrupt(resolve));
  // The first clip is measured while the browser starts. An error is shown when the page asks for the clip.
  first?.prepared?.().catch(() => undefined);
  if (options.open && !(await openBrowser(address))) {
    say('losscope: no browser could be started; open the address yourself');
  }
  await ended;
  over = true;
  await serving.close();
  say('');
}

/** What the page asks of a model that runs here. */
async function nativeOf(model: () => Promise<Model>): Promise<ReadonlyMap<string, ServerAnswer>> {
  const { nativeAnswers } = await import('../node/serve/native.js');
  return new Map([['/api/ask', nativeAnswers(model)]]);
}

/** A model that is opened when it is first needed, and closed if it was. */
function lazily(open: () => Promise<Model>): { get(): Promise<Model>; close(): Promise<void> } {
  let model: Promise<Model> | undefined;
  return {
    get() {
      model ??= open();
      return model;
    },
    async close() {
      const opened = await model?.catch(() => undefined); // the request that opened it has reported the error
      await opened?.close();
    },
  };
}

async function clipsOf(what: readonly string[]): Promise<SiteClipSource[]> {
  const clips: SiteClipSource[] = [];
  for (const name of what) {
    const isOfFolder = await isFolder(name);
    const files = isOfFolder ? await soundFiles(name) : [name];
    if (files.length === 0) {
      throw new UsageError(
        `${name}: neither a study that was run nor a folder of sound (WAV, MP3, FLAC, Ogg Vorbis or Opus)`,
      );
    }
    for (const file of files) await requireFile(file);
    // Of a folder's files, one that is no sound is told in its place on the page.
    if (!isOfFolder) await (await import('../node/sound.js')).requireSound(name);
    clips.push(...files.map((file) => ({ name: file, title: path.basename(file), file })));
  }
  return clips;
}

/** Serves on the port asked for, or on the first free one from the usual on. */
async function onPort(port: number | undefined, start: (port: number) => Promise<Serving>): Promise<Serving> {
  if (port !== undefined) return start(port);
  for (let next = PORT; ; next++) {
    try {
      return await start(next);
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!taken || next === PORT + PORTS) throw error;
    }
  }
}
