// losscope enqueue: the jobs of a study put into a queue.

import type { Command } from 'commander';
import type { DeviceChoice } from '../node/device.js';
import { openStore } from '../node/store/index.js';
import { planStudy } from '../study/plan.js';
import { deviceOption } from './options.js';
import { printLine } from './output.js';
import { openStudy } from './study.js';
import { quoted } from './task_words.js';

interface Options {
  readonly queue: string;
  readonly out?: string;
  readonly device: DeviceChoice;
}

export function addEnqueue(losscope: Command): void {
  losscope
    .command('enqueue')
    .description('put the jobs of a study into a queue, for losscope work --queue on any number of machines')
    .argument('<study>', 'a YAML file: models, groups of clips, disturbances')
    .requiredOption('--queue <url>', 'redis://host or postgres://user@host/database')
    .option(
      '-o, --out <folder>',
      'also write the plan to this store, so that workers that see it need not hash all clips',
    )
    .addOption(deviceOption())
    .action(run);
}

async function run(file: string, options: Options): Promise<void> {
  const { queue, out } = options;
  const { enqueueJobs } = await import('../node/claims/queue.js');
  const opened = await openStudy(file, options);
  try {
    const { plan, jobs } = await planStudy(opened.study, opened);
    if (out !== undefined) {
      const store = await openStore(out, { create: true });
      await store.writePlan(plan);
      await store.close();
    }
    const ids = jobs.map(({ id }) => id);
    const open = await enqueueJobs({ url: queue, plan: plan.hash }, ids);
    printLine(
      `${open} of ${ids.length} jobs wait; on each machine: losscope work ${quoted(file)} --queue ${quoted(queue)} --out FOLDER`,
    );
  } finally {
    await opened.close();
  }
}
