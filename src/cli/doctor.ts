// losscope doctor: what this machine has and lacks, and what to type.

import type { Command } from 'commander';
import { examine } from '../node/doctor.js';
import { fileProgress } from './model.js';
import { printJson, printLine } from './output.js';

export function addDoctor(losscope: Command): void {
  losscope
    .command('doctor')
    .description(
      'check Node, onnxruntime, cached models (every byte), the bundled models (every byte); say what is missing and what to do',
    )
    .option('--json', 'print the findings as one JSON line')
    .action(run);
}

async function run(options: { readonly json?: boolean }): Promise<void> {
  const findings = await examine({ onProgress: fileProgress() });
  if (options.json) printJson(findings);
  else {
    for (const { what, ok, detail, remedy } of findings) {
      printLine(`${ok ? 'ok     ' : 'NOT OK '}  ${what.padEnd(16)} ${detail}`);
      if (remedy) printLine(`${' '.repeat(26)}-> ${remedy}`);
    }
  }
  if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
}
