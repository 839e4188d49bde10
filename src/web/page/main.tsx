// A self-contained page starts here: its data stands in the page itself.

import { useSignal } from '@preact/signals';
import { render } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { counted } from '../../counted.js';
import '../style.css';
import { type PageData, unpackPage } from '../../report/view/page_data.js';
import { RegionTable, VerdictLine } from '../viewer/findings.js';
import { openPageClip } from '../viewer/page_clip.js';
import { type SceneSound, tokenSeconds } from '../viewer/scene.js';
import { newStage } from '../viewer/stage.js';
import { Tabs } from '../viewer/tabs.js';
import { watchTheme } from '../viewer/theme.js';
import { Viewer } from '../viewer/viewer.js';

function Page({ data }: { data: PageData }) {
  const stage = useMemo(newStage, []);
  const opened = useMemo(() => data.clips.map((clip) => openPageClip(clip)), [data]);
  const at = useSignal(0);
  const probe = useSignal(data.first);
  const sound = useSignal<SceneSound | undefined>(undefined);
  const failed = useSignal('');
  const clip = data.clips[at.value];
  const chosen = Math.min(probe.value, Math.max(0, clip.probes.length - 1));
  useEffect(() => {
    let gone = false;
    sound.value = undefined;
    opened[at.value].sound(chosen).then(
      (decoded) => {
        if (!gone) sound.value = decoded;
      },
      () => {
        if (!gone)
          failed.value = 'This browser cannot decode the sound of this page; the curves are all there.';
      },
    );
    return () => {
      gone = true;
    };
  }, [opened, at.value, chosen, sound, failed]);
  const heard = sound.value;
  const scene = useMemo(() => opened[at.value].scene(chosen, heard), [opened, at.value, chosen, heard]);
  const { record } = scene;
  return (
    <>
      {data.clips.length > 1 && (
        <Tabs
          label="Clips"
          tabs={data.clips.map(({ name, title, group }) => ({
            id: name,
            title,
            ...(group ? { note: group } : {}),
          }))}
          chosen={clip.name}
          onChoose={(name) => {
            at.value = data.clips.findIndex((one) => one.name === name);
          }}
        />
      )}
      <VerdictLine {...scene} />
      {clip.probes.length > 1 && (
        <Tabs
          label="Length of the disturbance"
          tabs={clip.probes.map(({ window: { start, end } }, i) => ({
            id: String(i),
            title: `${Number(((end - start) * tokenSeconds(scene)).toFixed(2))} s`,
            note: `${counted(end - start, 'token')}`,
          }))}
          chosen={String(chosen)}
          onChoose={(id) => {
            probe.value = Number(id);
          }}
        />
      )}
      {failed.value !== '' && <p class="failed">{failed.value}</p>}
      <Viewer scene={scene} stage={stage} />
      {record && <RegionTable record={record} />}
    </>
  );
}

async function start(): Promise<void> {
  const root = document.getElementById('viewer');
  const text = document.getElementById('losscope-data')?.textContent?.trim() ?? '';
  if (!root) throw new Error('the page has no place for the viewer');
  watchTheme();
  try {
    const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    render(<Page data={unpackPage(bytes)} />, root);
  } catch (error) {
    root.textContent = `This page is damaged: ${error instanceof Error ? error.message : String(error)}`;
  }
}

void start();
