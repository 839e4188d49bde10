// What was done here, as something to type: a command, or a study.

import { lineOf, mappingOf } from '../../perturb/write.js';
import type { Scene } from './scene.js';

/** `losscope probe song.wav --do "noise ..." --html song.html`. */
export function commandOf({ name, record }: Scene): string {
  if (!record) return `losscope score ${shell(name)}`;
  const { model, protocol } = record.provenance;
  const options = [
    `--do ${shell(lineOf(record.event.perturbation))}`,
    ...(model === 'tiny' ? [] : [`--model ${shell(model)}`]),
    ...(protocol === 'delayed' ? [] : [`--protocol ${protocol}`]),
  ];
  return `npx losscope probe ${shell(name)} ${options.join(' ')} --html page.html`;
}

/** A study that does the same to a folder of clips. */
export function yamlOf({ name, record }: Scene): string {
  if (!record) return '';
  const { model, protocol } = record.provenance;
  return [
    'study: mine',
    `models: [${model === 'tiny' ? 'tiny' : `{ name: model, model: ${JSON.stringify(model)} }`}]`,
    `protocols: [${protocol}]`,
    'groups:',
    `  Mine: { files: ${JSON.stringify(name)} }`,
    'disturbances:',
    `  mine: ${mappingOf(record.event.perturbation)}`,
    '',
  ].join('\n');
}

/** A word for a shell, quoted where it has to be. */
function shell(word: string): string {
  return /^[\w./@:+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
