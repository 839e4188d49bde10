// Saving and copying: what is seen as a file, and what was done as a command or as a study's YAML.

import { useSignal } from '@preact/signals';
import { commandOf, yamlOf } from './commands.js';
import { csvOf, download, hasCurve, pngOf, svgOf } from './save.js';
import type { Scene } from './scene.js';
import type { Stage } from './stage.js';

interface Props {
  readonly scene: Scene;
  readonly stage: Stage;
  readonly saveHtml?: () => Promise<Blob>;
}

export function SaveMenu({ scene, stage, saveHtml }: Props) {
  const said = useSignal('');
  const base = scene.name.replace(/^.*[\\/]/, '').replace(/\.\w+$/, '') || 'clip';
  const tell = (text: string) => {
    said.value = text;
    setTimeout(() => (said.value = ''), 2500);
  };
  const copy = async (what: string, text: string) => {
    try {
      await navigator.clipboard.writeText(text);
      tell(`${what} copied`);
    } catch {
      // Without leave to write to the clipboard the text is shown to be copied by hand.
      tell(text);
    }
  };
  const save = async (make: () => Promise<Blob> | Blob, ending: string) => {
    try {
      download(await make(), `${base}.${ending}`);
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <details class="menu">
      <summary title="Save or copy">Save</summary>
      <div class="menu-items">
        <button type="button" onClick={() => save(() => pngOf(scene, stage), 'png')}>
          Picture (PNG)
        </button>
        <button type="button" onClick={() => save(() => svgOf(scene, stage), 'svg')}>
          Drawing (SVG)
        </button>
        {hasCurve(scene) && (
          <button type="button" onClick={() => save(() => csvOf(scene), 'csv')}>
            Numbers (CSV)
          </button>
        )}
        {saveHtml && (
          <button type="button" onClick={() => save(saveHtml, 'html')}>
            One page (HTML)
          </button>
        )}
        {scene.record && (
          <>
            <button type="button" onClick={() => copy('Command', commandOf(scene))}>
              Copy as command
            </button>
            <button type="button" onClick={() => copy('YAML', yamlOf(scene))}>
              Copy as YAML
            </button>
          </>
        )}
        <output>{said.value}</output>
      </div>
    </details>
  );
}
