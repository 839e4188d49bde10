// The explorer: clips to choose from, what is done to one, and what the model makes of it.

import { effect, type Signal, useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { StudyFilters } from '../../report/view/address.js';
import { LIMIT_WORDS } from '../checkpoint_limit.js';
import { RegionTable, VerdictLine } from '../viewer/findings.js';
import type { Scene } from '../viewer/scene.js';
import { newStage, type Stage } from '../viewer/stage.js';
import { Tabs } from '../viewer/tabs.js';
import { Viewer } from '../viewer/viewer.js';
import { BatteryMatrix } from './battery.js';
import { Chips } from './chips.js';
import { takeFolder, useDrop } from './drop.js';
import { pageOf } from './one_page.js';
import { ExplorerSession } from './session.js';
import type { Site } from './site.js';
import { StudyTable } from './study.js';
import { readHash, writeHash } from './url_state.js';

const SOUND_TYPES = '.wav,.mp3,.flac,.ogg,.oga,.opus,audio/*';

export function App({ site }: { site: Site }) {
  const session = useMemo(() => new ExplorerSession(site), [site]);
  const stage = useMemo(newStage, []);
  const dropping = useDrop(session);
  const picker = useRef<HTMLInputElement>(null);
  const folderPicker = useRef<HTMLInputElement>(null);
  const words = useSignal(readHash(location.hash).find ?? '');
  const wanted = useSignal(readHash(location.hash).filters ?? {});
  useAddress(session, stage, { words, wanted });
  const scene = session.scene.value;
  const record = scene?.record;
  return (
    <>
      <header class="top">
        <p class="brand">
          losscope <span>the oscilloscope for the loss of music language models</span>
        </p>
        <span class="openers">
          <button
            type="button"
            title={`An experiment: ${LIMIT_WORDS}`}
            onClick={() => folderPicker.current?.click()}
          >
            Open a checkpoint…
          </button>
          <button type="button" class="primary" onClick={() => picker.current?.click()}>
            Open a sound…
          </button>
        </span>
        <input
          ref={(element) => {
            folderPicker.current = element;
            element?.setAttribute('webkitdirectory', '');
          }}
          type="file"
          multiple
          hidden
          class="folder"
          aria-label="Folder of a checkpoint"
          onChange={({ currentTarget }) => void takeFolder(session, [...(currentTarget.files ?? [])])}
        />
        <input
          ref={picker}
          class="sounds"
          type="file"
          accept={SOUND_TYPES}
          multiple
          hidden
          aria-label="Sound files"
          onChange={({ currentTarget }) => {
            void session.add([...(currentTarget.files ?? [])]);
            currentTarget.value = '';
          }}
        />
      </header>
      <main class={dropping ? 'dropping' : ''}>
        <h1 class="only-read">What a music language model expects of a clip</h1>
        {site.study?.battery && (
          <BatteryMatrix address={site.study.battery} onChoose={(damage) => (words.value = damage)} />
        )}
        {site.study?.report && (
          <p>
            <a href={site.study.report}>The report of this study</a>: its points lead back here, to the clips
            behind them.
          </p>
        )}
        {site.study && (
          <StudyTable
            table={site.study.table}
            words={words}
            wanted={wanted}
            chosen={session.cell.value}
            onChoose={(cell) => void session.showCell(cell)}
          />
        )}
        {session.entries.value.length > 0 && (
          <Tabs
            label="Clips"
            tabs={session.entries.value.map(({ id, title, group }) => ({
              id,
              title,
              ...(group ? { note: group } : {}),
            }))}
            chosen={session.current.value?.id}
            onChoose={(id) => {
              const entry = session.entries.value.find((one) => one.id === id);
              if (entry) void session.choose(entry);
            }}
          />
        )}
        <Status session={session} />
        {scene && <VerdictLine {...scene} />}
        {scene ? (
          <div class={session.beside.value ? 'bench pair' : 'bench'}>
            <div>
              {session.beside.value && <Named scene={scene} />}
              <Viewer scene={scene} stage={stage} saveHtml={() => pageOf(scene)} />
              <p>
                <button type="button" onClick={() => (session.beside.value = scene)}>
                  Keep this beside the next
                </button>
              </p>
            </div>
            {session.beside.value && <Beside session={session} stage={stage} scene={session.beside.value} />}
            {session.current.value && (
              <aside aria-label="Experiment">
                <Chips
                  choice={session.choice.value}
                  time={stage.time}
                  onChoose={(choice) => void session.disturb(choice)}
                />
                <section class="map-it">
                  <button type="button" disabled={scene.map !== undefined} onClick={() => void session.map()}>
                    Map the whole clip
                  </button>
                  <p class="quiet">
                    A short noise at one place after another: where does the model follow the music?
                  </p>
                </section>
              </aside>
            )}
          </div>
        ) : (
          <p class="empty">{emptyWords(session, site)}</p>
        )}
        {record && <RegionTable record={record} />}
        <Words site={site} model={session.model.value} />
      </main>
    </>
  );
}

/** What stands where the curves will be. */
function emptyWords({ current, failed }: ExplorerSession, { study, clips }: Site): string {
  if (current.value && failed.value === '') return 'One moment…';
  if (study) return 'Choose a cell of the study.';
  if (current.value) return 'Choose another clip, or open a sound.';
  return clips.length === 0
    ? 'Drop a sound here, or open one: WAV, MP3, FLAC, Ogg Vorbis or Opus.'
    : 'One moment…';
}

function Status({ session }: { session: ExplorerSession }) {
  const { busy, failed, warnings } = session;
  return (
    <div class="status" role="status">
      {busy.value !== '' && <span class="busy">{busy.value}…</span>}
      {failed.value !== '' && <span class="failed">{failed.value}</span>}
      {warnings.value.map((warning) => (
        <span class="warning" key={warning}>
          {warning}
        </span>
      ))}
    </div>
  );
}

/** What was kept, on the same stretch of time; one of the two plays. */
function Beside({ session, stage, scene }: { session: ExplorerSession; stage: Stage; scene: Scene }) {
  const own = useMemo(newStage, []);
  useEffect(
    () =>
      effect(() => {
        own.time.show(stage.time.seen.value);
      }),
    [own, stage],
  );
  useEffect(() => {
    const stops = [
      effect(() => void (own.player.playing.value && stage.player.pause())),
      effect(() => void (stage.player.playing.value && own.player.pause())),
    ];
    return () => {
      for (const stop of stops) stop();
      own.player.pause();
    };
  }, [own, stage]);
  return (
    <section class="beside" aria-label="Kept beside">
      <Named scene={scene} onClose={() => (session.beside.value = undefined)} />
      <Viewer scene={scene} stage={own} besides />
    </section>
  );
}

/** What a viewer of two shows. */
function Named({ scene: { title, record }, onClose }: { scene: Scene; onClose?: () => void }) {
  return (
    <p class="kept">
      {onClose && <span class="quiet">Kept: </span>}
      <strong>{title}</strong> {record?.disturbance}{' '}
      {onClose && (
        <button type="button" onClick={onClose}>
          Close
        </button>
      )}
    </p>
  );
}

function Words({ site, model }: { site: Site; model: string }) {
  return (
    <footer>
      <p>
        A music language model reads sound as <em>tokens</em>, fifty a second, and predicts each from those
        before it. Its <em>loss</em>, in <em>nats</em>, says how little it expected the token that came. It is
        not the quality of the music: what tells how the model follows is how the loss <em>changes</em> around
        a disturbance.
      </p>
      <p class="quiet">
        <em>Open a checkpoint</em> is an experiment: {LIMIT_WORDS}.
      </p>
      <p class="quiet">
        losscope {site.version} · model {model} ·{' '}
        {site.folder === undefined && model === site.model
          ? 'scored by the program that serves this page, on this machine'
          : 'sounds you open are scored in this browser; nothing is uploaded'}
      </p>
    </footer>
  );
}

/** Shows what the address says, and keeps it true. */
function useAddress(
  session: ExplorerSession,
  { time, player }: Stage,
  { words, wanted: filters }: { readonly words: Signal<string>; readonly wanted: Signal<StudyFilters> },
): void {
  useEffect(() => {
    const wanted = readHash(location.hash);
    const first = session.entries.value.find(({ id }) => id === wanted.clip) ?? session.entries.value[0];
    if (wanted.side) player.hear(wanted.side);
    if (wanted.cell !== undefined) {
      void session.showCell({ key: wanted.cell }).then(() => {
        if (wanted.seen) time.show(wanted.seen);
      });
    }
    if (first) {
      void session.choose(first, wanted.choice).then(() => {
        if (wanted.seen) time.show(wanted.seen);
      });
    }
    let soon: ReturnType<typeof setTimeout> | undefined;
    return effect(() => {
      const { lo, hi } = time.seen.value;
      const hash = writeHash({
        ...(session.current.value ? { clip: session.current.value.id } : {}),
        ...(session.scene.value?.record ? { choice: session.choice.value } : {}),
        ...(hi - lo < time.seconds - 1e-6 ? { seen: { lo, hi } } : {}),
        side: player.side.value,
        find: words.value,
        filters: filters.value,
        ...(session.cell.value === undefined ? {} : { cell: session.cell.value }),
      });
      clearTimeout(soon);
      soon = setTimeout(() => history.replaceState(null, '', hash), 250);
    });
  }, [session, time, player, words, filters]);
}
