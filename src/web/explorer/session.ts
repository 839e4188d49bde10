// What the explorer does: clips are opened, scored and disturbed, one question at a time; what was asked for last wins.

import { batch, type Signal, signal } from '@preact/signals';
import { counted } from '../../counted.js';
import type { SensitivityMap } from '../../probe/map_record.js';
import { unpackPage } from '../../report/view/page_data.js';
import { type Engine, threadsFor, workerEngine } from '../engine/engine.js';
import type { ScoredSound } from '../engine/messages.js';
import { serverEngine } from '../engine/server_engine.js';
import { whenIdle } from '../viewer/idle.js';
import { decodeHere, openPageClip } from '../viewer/page_clip.js';
import type { Scene } from '../viewer/scene.js';
import { type Choice, choiceOf, FIRST_CHOICE, fitted, perturbationOf } from './disturbance.js';
import { openingWords } from './opening.js';
import { get, type Site } from './site.js';
import type { StudyCell } from './study.js';

/** A clip that can be chosen. */
export interface Entry {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly group?: string;
  /** The bytes of its sound file. */
  readonly bytes: () => Promise<Uint8Array>;
  /** As it was scored beforehand, where it was. */
  readonly data?: string;
}

/** Milliseconds that a clip which was scored beforehand has the machine for itself. */
const FIRST_LOOK = 800;

/** The clock of the bundled model: what a clip is drawn by until its own is known. */
const PREVIEW = { sampleRate: 32_000, hop: 640 };

export class ExplorerSession {
  readonly entries = signal<readonly Entry[]>([]);
  readonly current = signal<Entry | undefined>(undefined);
  /** The study's cell that is shown, by its key. */
  readonly cell = signal<string | undefined>(undefined);
  readonly scene = signal<Scene | undefined>(undefined);
  readonly choice = signal<Choice>(FIRST_CHOICE);
  /** What is being done, in words; empty when nothing is. */
  readonly busy = signal('');
  readonly failed = signal('');
  readonly warnings = signal<readonly string[]>([]);
  /** The music model in use, by name. */
  readonly model: Signal<string>;
  /** Kept to be seen beside the current one. */
  readonly beside = signal<Scene | undefined>(undefined);
  readonly #site: Site;
  #engine: Promise<Engine> | undefined;
  readonly #scored = new Map<string, Promise<ScoredSound>>();
  readonly #maps = new Map<string, SensitivityMap>();
  #asked = 0;
  /** A checkpoint is being opened: what the model before it loads is no news. */
  #replacing = false;
  #dropped = 0;

  constructor(site: Site) {
    this.#site = site;
    this.model = signal(site.model);
    this.entries.value = site.clips.map(({ name, title, group, sound, data }) => ({
      id: name,
      name,
      title,
      ...(group ? { group } : {}),
      bytes: async () => new Uint8Array(await (await get(sound)).arrayBuffer()),
      ...(data ? { data } : {}),
    }));
  }

  /** Shows a clip: as it was scored beforehand if there is such, otherwise it is scored now. */
  async choose(entry: Entry, choice?: Choice): Promise<void> {
    batch(() => {
      this.current.value = entry;
      this.cell.value = undefined;
      // What another clip gave must not stand under this one's name while this one is scored.
      if (!entry.data && this.scene.value?.name !== entry.id) this.scene.value = undefined;
    });
    if (choice || !entry.data) return this.disturb(choice ?? this.choice.value);
    void this.#preview(entry);
    await this.#open(entry.title, entry.data);
    // While the user listens, the model is loaded for the next question: not before the first look at the clip.
    setTimeout(() => whenIdle(() => void this.#warm(entry)), FIRST_LOOK);
  }

  /**
   * Scores with a checkpoint whose files the user gave, here in the browser: an experiment, for up to about MusicGen Small's
   * size. What was measured with another model is measured again.
   */
  async openCheckpoint(name: string, files: ReadonlyMap<string, Blob>): Promise<void> {
    this.#replacing = true;
    await this.#task(`opening ${name}`, async (isLast) => {
      const engine = workerEngine('worker.js');
      const threads = threadsFor(navigator.hardwareConcurrency || 1);
      const tell = (done: number, of: number) => {
        if (isLast()) this.busy.value = openingWords(name, done, of);
      };
      const { warning } = await engine.ask('open', { folder: '', name, threads, files }, tell);
      this.#engine = Promise.resolve(engine);
      this.#scored.clear();
      this.#maps.clear();
      batch(() => {
        this.model.value = name;
        this.scene.value = undefined;
        this.entries.value = this.entries.value.map(({ data: _, ...entry }) => entry);
        if (warning) this.warnings.value = [warning];
      });
    });
    this.#replacing = false;
    const id = this.current.value?.id;
    const entry = this.entries.value.find((one) => one.id === id) ?? this.entries.value[0];
    if (this.failed.value === '' && entry) await this.choose(entry);
  }

  /** Shows a cell of the study. */
  async showCell({ key, clip, disturbance }: Pick<StudyCell, 'key'> & Partial<StudyCell>): Promise<void> {
    const { study } = this.#site;
    if (!study) return;
    batch(() => {
      this.current.value = undefined;
      this.cell.value = key;
    });
    await this.#open(clip === undefined ? 'a cell' : `${clip}, ${disturbance}`, `${study.cells}${key}.lsv`);
  }

  /** Lets a clip be heard while it is still being measured. */
  async #preview({ id, name, title, bytes }: Entry): Promise<void> {
    try {
      const { sampleRate } = PREVIEW;
      const clean = await decodeHere({ type: '', bytes: await bytes() }, sampleRate);
      const waits = this.current.value?.id === id && this.cell.value === undefined;
      if (waits && this.scene.value?.name !== name) {
        this.scene.value = { name, title, clock: PREVIEW, sound: { sampleRate, clean } };
      }
    } catch {
      // A browser that cannot decode it shows it a little later, when it is measured.
    }
  }

  /** Shows a clip as it was scored beforehand. */
  async #open(title: string, address: string): Promise<void> {
    await this.#task(`opening ${title}`, async (isLast) => {
      const data = unpackPage(new Uint8Array(await (await get(address)).arrayBuffer()));
      const [clip] = data.clips;
      const opened = openPageClip(clip);
      const record = clip.probes[data.first];
      // The curves first; the sound takes a moment longer.
      if (!isLast()) return;
      batch(() => {
        const heard = this.scene.value?.name === clip.name ? this.scene.value.sound : undefined;
        this.scene.value = opened.scene(data.first, heard);
        this.choice.value = (record && choiceOf(record.event.perturbation)) ?? this.choice.value;
        this.warnings.value = clip.missing ? [`no sound: ${clip.missing}`] : [];
      });
      const sound = await opened.sound(data.first);
      if (isLast() && sound) this.scene.value = opened.scene(data.first, sound);
    });
  }

  /** Takes sound files that were dropped or chosen, and shows the first. */
  async add(files: readonly File[]): Promise<void> {
    if (files.length === 0) return;
    const added = files.map(
      (file): Entry => ({
        id: `${file.name} (${++this.#dropped})`,
        name: file.name,
        title: file.name,
        bytes: async () => new Uint8Array(await file.arrayBuffer()),
      }),
    );
    this.entries.value = [...this.entries.value, ...added];
    await this.choose(added[0]);
  }

  /** Disturbs the current clip. */
  async disturb(wanted: Choice): Promise<void> {
    const entry = this.current.value;
    if (!entry) return;
    this.choice.value = wanted;
    await this.#task(`listening to ${entry.title}`, async (isLast) => {
      const sound = await this.#score(entry);
      if (!isLast()) return;
      const choice = fitted(wanted, sound.scored.codes.frames);
      const { clock, scored, samples } = sound;
      const bare: Scene = {
        name: entry.id,
        title: entry.title,
        clock,
        clean: scored,
        sound: { sampleRate: clock.sampleRate, clean: samples },
      };
      // Until the disturbed version is scored, a clip that was not seen before is shown as it is.
      if (this.scene.value?.name !== entry.id) this.scene.value = bare;
      this.busy.value = 'disturbing it';
      const engine = await this.#ready();
      const probed = await engine.ask('probe', { id: sound.id, perturbation: perturbationOf(choice) });
      if (!isLast()) return;
      const map = this.#maps.get(entry.id);
      batch(() => {
        this.choice.value = choice;
        this.warnings.value = sound.warnings;
        this.scene.value = {
          ...bare,
          clean: probed.record.clean,
          record: probed.record,
          ...(map ? { map } : {}),
          sound: { sampleRate: clock.sampleRate, clean: samples, disturbed: probed.samples },
        };
      });
    });
  }

  /** Adds the sensitivity map of the current clip. */
  async map(): Promise<void> {
    const entry = this.current.value;
    if (!entry) return;
    await this.#task('mapping', async (isLast) => {
      const { id } = await this.#score(entry);
      const engine = await this.#ready();
      const map = await engine.ask('map', { id }, (done, of) => {
        if (isLast()) this.busy.value = `mapping: ${done} of ${counted(of, 'place')}`;
      });
      this.#maps.set(entry.id, map);
      const scene = this.scene.value;
      if (isLast() && scene) this.scene.value = { ...scene, map };
    });
  }

  /** Loads the model and scores a clip, before anybody asks; what is asked for meanwhile goes first. */
  async #warm(entry: Entry): Promise<void> {
    if (this.current.value?.id !== entry.id) return;
    const asked = this.#asked;
    try {
      await this.#ready();
      if (asked === this.#asked) await this.#score(entry);
    } catch {
      // It is opened again when a disturbance is chosen; the error is shown then.
    }
  }

  /** A clip scored by the engine, once; a failure is tried again. */
  #score(entry: Entry): Promise<ScoredSound> {
    const known = this.#scored.get(entry.id);
    if (known) return known;
    const soon = (async () => {
      const [engine, bytes] = await Promise.all([this.#ready(), entry.bytes()]);
      return engine.ask('score', { name: entry.name, bytes }, (done, of) => {
        if (this.busy.value !== '') this.busy.value = `sending ${Math.round((100 * done) / of)}%`;
      });
    })();
    this.#scored.set(entry.id, soon);
    soon.catch(() => this.#scored.delete(entry.id));
    return soon;
  }

  #ready(): Promise<Engine> {
    this.#engine ??= this.#start();
    this.#engine.catch(() => {
      this.#engine = undefined;
    });
    return this.#engine;
  }

  async #start(): Promise<Engine> {
    const { folder, model } = this.#site;
    if (folder === undefined) {
      const engine = serverEngine();
      await engine.ask('open', { folder: '', name: model, threads: 0 });
      return engine;
    }
    const engine = workerEngine('worker.js');
    const threads = threadsFor(navigator.hardwareConcurrency || 1);
    const address = new URL(folder, document.baseURI).href;
    const { warning } = await engine.ask('open', { folder: address, name: model, threads }, (bytes) => {
      if (this.busy.value !== '' && !this.#replacing)
        this.busy.value = `loading the model: ${(bytes / 1e6).toFixed(0)} MB`;
    });
    if (warning) this.warnings.value = [warning];
    return engine;
  }

  /** Runs what was asked for; a later question makes an earlier one's answer void. */
  async #task(what: string, work: (isLast: () => boolean) => Promise<void>): Promise<void> {
    const own = ++this.#asked;
    const isLast = () => own === this.#asked;
    this.busy.value = what;
    this.failed.value = '';
    try {
      await work(isLast);
    } catch (error) {
      if (isLast()) this.failed.value = error instanceof Error ? error.message : String(error);
    } finally {
      if (isLast()) this.busy.value = '';
    }
  }
}
