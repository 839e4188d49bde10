// The bundled clips, and the files that a demo leaves behind.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { ClipFormat } from '../audio/resample.js';
import type { DemoClip } from '../probe/demo.js';
import { curveCsv, type ProbeRecord } from '../probe/record.js';
import { lengthOf, summarise } from '../report/summary.js';
import { DEMO_FOLDER } from './open.js';
import { readClip, type Warn } from './sound.js';

const clipList = z.array(
  z.object({ file: z.string(), group: z.enum(['heldout', 'training', 'ood']), title: z.string() }),
);

/** What the groups of the bundled clips are, relative to the bundled model. */
export const GROUPS: Readonly<Record<string, string>> = {
  heldout: 'in the style of the training music, but held out',
  training: 'the model was trained on it',
  ood: 'out of style: made in another way than the training music',
};

/** demo/clips.json. */
export async function readClipList(): Promise<z.infer<typeof clipList>> {
  return clipList.parse(JSON.parse(await readFile(path.join(DEMO_FOLDER, 'clips.json'), 'utf8')));
}

/** The bundled clips, decoded. */
export async function readDemoClips(format: ClipFormat, warn: Warn): Promise<DemoClip[]> {
  return Promise.all(
    (await readClipList()).map(async ({ file, group, title }) => {
      const clip = await readClip(path.join(DEMO_FOLDER, file), format, warn);
      return { clip: { ...clip, name: file }, title, group };
    }),
  );
}

/** summary.json of a demo: means by length, and each probe without its curves. */
export function demoSummary(records: readonly ProbeRecord[]): object {
  return {
    provenance: records[0].provenance,
    byLength: summarise(records),
    probes: records.map((record) => ({
      clip: record.clip,
      disturbance: record.disturbance,
      event: record.event,
      window: record.window,
      meanClean: record.clean.mean,
      meanDisturbed: record.disturbed.mean,
      lossDifference: record.lossDifference,
      changed: record.changed,
      profile: record.profile,
      curve: curveFile(record),
    })),
  };
}

/** The token-wise curves as files: relative path and content. */
export function demoCurves(records: readonly ProbeRecord[]): { path: string; csv: string }[] {
  return records.map((record) => ({ path: curveFile(record), csv: curveCsv(record) }));
}

function curveFile(record: ProbeRecord): string {
  const stem = record.clip.name.replace(/\.\w+$/, '');
  return `curves/${stem}-white-${lengthOf(record)}.csv`;
}
