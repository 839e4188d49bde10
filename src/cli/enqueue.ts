// losscope enqueue: the jobs of a study put into a queue.

import type { Command } from 'commander';
import { counted } from '../counted.js';
import type { DeviceChoice } from '../node/device.js';
import { openStore } from '../node/store/index.js';
import { planStudy } from '../study/plan.js';
import { pendingJobs } from '../study/run.js';
import { digestOf, studyName } from '../study/work.js';
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
      'only what this store lacks, even if the queue says that it is done; the plan is written to it',
    )
    .addOption(deviceOption())
    .action(run);
}

async function run(file: string, options: Options): Promise<void> {
  const { queue, out } = options;
  const { enqueueJobs, publishPlan } = await import('../node/claims/queue.js');
  const { requireEngine, withoutPassword } = await import('../node/claims/engine.js');
  requireEngine(queue);
  const opened = await openStudy(file, options);
  try {
    const { study, library } = opened;
    const planned = await planStudy(study, opened);
    const { plan } = planned;
    let jobs = planned.jobs;
    if (out !== undefined) {
      const store = await openStore(out, { create: true });
      await store.writePlan(plan);
      jobs = await pendingJobs(planned, { store });
      await store.close();
    }
    await publishPlan({ url: queue }, await studyName(study, library), digestOf(plan));
    const ids = jobs.map(({ id }) => id);
    const open = await enqueueJobs({ url: queue, plan: plan.hash }, ids, { missing: out !== undefined });
    printLine(
      `${open} of ${counted(planned.jobs.length, 'job')} wait; on each machine: ` +
        `losscope work ${quoted(file)} --queue ${quoted(withoutPassword(queue))} --out FOLDER`,
    );
  } finally {
    await opened.close();
  }
}
