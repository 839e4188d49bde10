// losscope parity: what another precision or device does to the numbers, on the user's clips.

import type { Command } from 'commander';
import type { Clip } from '../audio/clip.js';
import { formatOf } from '../loss/encode.js';
import type { Model } from '../models/model.js';
import { readDemoClips } from '../node/demo.js';
import { type Parity, parity } from '../probe/parity.js';
import { table } from '../report/terminal.js';
import { clipReader } from './clip_reader.js';
import { CLIPS, eachClip, type Failures, type NamedClips, namedClips, requireAll } from './clips.js';
import { addExcerptOptions, type ExcerptFlags, excerptOf } from './excerpt.js';
import { openForCommand } from './model.js';
import { addModelOptions, addProtocolOption, type ModelOptions, type ProtocolOptions } from './options.js';
import { printJson, printLine, progress, warn } from './output.js';
import { UsageError } from './usage.js';

interface Options extends ModelOptions, ProtocolOptions, ExcerptFlags {
  readonly json?: boolean;
}

export function addParity(losscope: Command): void {
  const command = losscope
    .command('parity')
    .description(
      'score clips in fp32 on the CPU and in another --precision or on another --device; say how far apart they are',
    )
    .argument('[clips...]', `${CLIPS}, which are decoded (default: the bundled clips)`);
  addExcerptOptions(addProtocolOption(addModelOptions(command)))
    .option('--json', 'print the comparison as one JSON line')
    .action(run);
}

async function run(entries: readonly string[], { json, ...options }: Options): Promise<void> {
  if (options.precision === 'fp32' && options.device === 'cpu') {
    throw new UsageError('parity: fp32 on cpu is what is compared with; give --precision w8a8 or a --device');
  }
  const named = entries.length > 0 ? await namedClips(entries) : undefined;
  const second = await openForCommand(options);
  const first = await openForCommand({ ...options, precision: 'fp32', device: 'cpu' });
  try {
    const { clips, failures } = named ? await readAll(named, first, options) : await bundledClips(first);
    await requireAll(failures, async () => {
      const found = await compare(clips, (onClip) =>
        parity(first, second, clips, { protocol: options.protocol, onClip }),
      );
      if (json) printJson(found);
      else print(found);
    });
  } finally {
    await first.close();
    await second.close();
  }
}

interface ReadClips {
  readonly clips: readonly Clip[];
  readonly failures: Failures;
}

async function readAll(named: NamedClips, model: Model, flags: ExcerptFlags): Promise<ReadClips> {
  const reader = clipReader(model, excerptOf(model, flags));
  const clips: Clip[] = [];
  const failures = await eachClip(named, { label: 'read', model, bar: false }, async (source) => {
    clips.push(await reader.sound(source));
  });
  return { clips, failures };
}

async function bundledClips(model: Model): Promise<ReadClips> {
  const clips = (await readDemoClips(formatOf(model), warn)).map(({ clip }) => clip);
  return { clips, failures: { items: [], of: clips.length } };
}

async function compare(
  clips: readonly Clip[],
  comparing: (onClip: (clip: string) => void) => Promise<Parity>,
): Promise<Parity> {
  const bar = progress('parity', clips.length);
  try {
    return await comparing((clip) => bar.step(clip));
  } finally {
    bar.stop();
  }
}

function print(found: Parity): void {
  const { model, protocol, first, second, disturbance } = found;
  const maker = ({ precision, runtime }: Parity['first']) => `${precision} on ${runtime}`;
  printLine(`model ${model}, protocol ${protocol}: ${maker(second)}, against ${maker(first)}`);
  printLine(`|difference| of losses, nats per token; delta: of the curve under ${disturbance}`);
  printLine();
  const head = [
    'clip',
    'codes equal',
    'loss: mean',
    '99 %',
    'max',
    'delta: mean',
    '99 %',
    'max',
    'clip mean',
  ];
  const nats = (value: number): string => value.toPrecision(2);
  const row = (clip: string, one: Omit<Parity['clips'][number], 'clip'>): string[] => [
    clip,
    `${one.codes.equal} of ${one.codes.of}`,
    ...[one.loss, one.delta].flatMap((each) => [each.mean, each.p99, each.max].map(nats)),
    nats(one.meanDifference),
  ];
  const rows = found.clips.map((one) => row(one.clip, one));
  for (const line of table([head, ...rows, row('all', found)])) printLine(line);
}
