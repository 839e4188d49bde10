// The explorer: clips to choose from, what is done to one, and what the model makes of it.

import { effect, useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { RegionTable, VerdictLine } from '../viewer/findings.js';
import { newStage, type Stage } from '../viewer/stage.js';
import { Tabs } from '../viewer/tabs.js';
import { Viewer } from '../viewer/viewer.js';
import { Chips } from './chips.js';
import { pageOf } from './one_page.js';
import { ExplorerSession } from './session.js';
import type { Site } from './site.js';
import { StudyTable } from './study.js';
import { readHash, writeHash } from './url_state.js';

const SOUND_TYPES = '.wav,.mp3,.flac,.ogg,.oga,.opus,audio/*';

export function App({ site }: { site: Site }) {
  const session = useMemo(() => new ExplorerSession(site), [site]);
  const stage = useMemo(newStage, []);
  useAddress(session, stage);
  const dropping = useDrop(session);
  const picker = useRef<HTMLInputElement>(null);
  const scene = session.scene.value;
  const record = scene?.record;
  return (
    <>
      <header class="top">
        <p class="brand">
          losscope <span>the oscilloscope for the loss of music language models</span>
        </p>
        <button type="button" class="primary" onClick={() => picker.current?.click()}>
          Open a sound…
        </button>
        <input
          ref={picker}
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
        {site.study && (
          <StudyTable
            table={site.study.table}
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
        {record && <VerdictLine record={record} />}
        {scene ? (
          <div class="bench">
            <Viewer scene={scene} stage={stage} saveHtml={() => pageOf(scene)} />
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
          <p class="empty">
            {site.study
              ? 'Choose a cell of the study.'
              : site.clips.length === 0
                ? 'Drop a sound here, or open one: WAV, MP3, FLAC, Ogg Vorbis or Opus.'
                : 'One moment…'}
          </p>
        )}
        {record && <RegionTable record={record} />}
        <Words site={site} />
      </main>
    </>
  );
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

function Words({ site }: { site: Site }) {
  return (
    <footer>
      <p>
        A music language model reads sound as <em>tokens</em>, fifty a second, and predicts each from those
        before it. Its <em>loss</em>, in <em>nats</em>, says how little it expected the token that came. It is
        not the quality of the music: what tells how the model follows is how the loss <em>changes</em> around
        a disturbance.
      </p>
      <p class="quiet">
        losscope {site.version} · model {site.model} ·{' '}
        {site.folder === undefined
          ? 'scored by the program that serves this page, on this machine'
          : 'sounds you open are scored in this browser; nothing is uploaded'}
      </p>
    </footer>
  );
}

/** Shows what the address says, and keeps it true. */
function useAddress(session: ExplorerSession, { time, player }: Stage): void {
  useEffect(() => {
    const wanted = readHash(location.hash);
    const first = session.entries.value.find(({ id }) => id === wanted.clip) ?? session.entries.value[0];
    if (wanted.side) player.hear(wanted.side);
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
      });
      clearTimeout(soon);
      soon = setTimeout(() => history.replaceState(null, '', hash), 250);
    });
  }, [session, time, player]);
}

/** Takes files that are dropped anywhere on the page; tells whether some hover over it. */
function useDrop(session: ExplorerSession): boolean {
  const over = useSignal(false);
  useEffect(() => {
    const stop = new AbortController();
    const on = (name: 'dragover' | 'dragleave' | 'drop', hear: (event: DragEvent) => void) =>
      document.addEventListener(name, hear, { signal: stop.signal });
    on('dragover', (event) => {
      event.preventDefault();
      over.value = true;
    });
    on('dragleave', (event) => {
      if (event.relatedTarget === null) over.value = false;
    });
    on('drop', (event) => {
      event.preventDefault();
      over.value = false;
      void session.add([...(event.dataTransfer?.files ?? [])]);
    });
    return () => stop.abort();
  }, [session, over]);
  return over.value;
}
