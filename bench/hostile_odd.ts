// More bad inputs for bench/hostile.ts: sound formats with odd headers, tensors and configurations that contradict themselves,
// YAML that is not what it seems, tables of ratings, folders that are no stores, addresses, numbers and names.

import { cpSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeWav } from '../src/audio/wav.js';
import { GOLDEN, given, type Hostile, type Make, TONE, wav } from './hostile_input.js';

const bytes = (...parts: (string | readonly number[] | Uint8Array)[]): Uint8Array =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  );

export const headers: Make = (folder) => {
  const flac = readFileSync(path.join(GOLDEN, 'audio', 's16-44100-2.flac'));
  const changed = (from: Uint8Array, at: number, ...values: number[]): Uint8Array => {
    const copy = Uint8Array.from(from);
    copy.set(values, at);
    return copy;
  };
  const files: Readonly<Record<string, Uint8Array>> = {
    'rf64.wav': bytes(
      'RF64',
      [255, 255, 255, 255],
      'WAVE',
      'ds64',
      [28, 0, 0, 0],
      new Uint8Array(28).fill(255),
    ),
    'rifx.wav': bytes('RIFX', wav({}).subarray(4)),
    'fmt-huge.wav': bytes('RIFF', [100, 0, 0, 0], 'WAVEfmt ', [255, 255, 255, 127], new Uint8Array(80)),
    'fmt-short.wav': bytes(
      'RIFF',
      [100, 0, 0, 0],
      'WAVEfmt ',
      [2, 0, 0, 0, 1, 0],
      'data',
      [4, 0, 0, 0],
      [1, 2, 3, 4],
    ),
    'data-first.wav': bytes('RIFF', [100, 0, 0, 0], 'WAVEdata', [4, 0, 0, 0], [1, 2, 3, 4]),
    'extensible.wav': wav({ format: 0xfffe }),
    'adpcm.wav': wav({ format: 2, bits: 4 }),
    'float-16.wav': wav({ format: 3, bits: 16 }),
    'int-64.wav': wav({ bits: 64 }),
    'rate-1.wav': wav({ rate: 1 }),
    'inf.wav': writeWav(
      { name: 'x', sampleRate: 32_000, channels: [new Float32Array(6400).fill(Number.POSITIVE_INFINITY)] },
      { format: 'float32' },
    ),
    'loud.wav': writeWav(
      { name: 'x', sampleRate: 32_000, channels: [new Float32Array(6400).fill(1e30)] },
      { format: 'float32' },
    ),
    'no-frames.flac': flac.subarray(0, 42),
    'rate-0.flac': changed(flac, 18, 0, 0, flac[20] & 15),
    'id3-only.mp3': bytes('ID3', [4, 0, 0, 0, 0, 127, 127], new Uint8Array(200)),
    'ff.mp3': new Uint8Array(5000).fill(255),
    'oggs.ogg': bytes(...Array.from({ length: 100 }, () => 'OggS')),
    'theora.ogg': bytes('OggS', [0, 2], new Uint8Array(20), [1, 42], [128], 'theora', new Uint8Array(35)),
    'riff-avi.wav': bytes('RIFF', [100, 0, 0, 0], 'AVI LIST', new Uint8Array(80)),
  };
  return Object.entries(files).map(([name, content]) => given(folder, name, content, ['score']));
};

/** A checkpoint with another safetensors header over the bytes that it has. */
export const tensors: Make = (folder) => {
  const model = path.join(GOLDEN, 'oracle', 'mono-a');
  type Header = Record<string, { dtype: string; shape: unknown; data_offsets: unknown }>;
  const copied = (name: string): string => {
    const at = path.join(folder, name);
    cpSync(model, at, { recursive: true });
    return at;
  };
  const scored = (name: string): Hostile => ({
    name,
    args: ['generate', '--model', name, '--seconds', '0.1', '--out', 'generated'],
  });
  const header = (name: string, change: (header: Header, first: string) => unknown): Hostile => {
    const file = path.join(copied(name), 'model.safetensors');
    const all = readFileSync(file);
    const size = Number(all.readBigUInt64LE(0));
    const old: Header = JSON.parse(all.subarray(8, 8 + size).toString());
    const first = Object.keys(old).find((key) => key !== '__metadata__') ?? '';
    const text = Buffer.from(JSON.stringify(change(old, first)));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    writeFileSync(file, Buffer.concat([length, text, all.subarray(8 + size)]));
    return scored(name);
  };
  const field = (name: string, change: object): Hostile =>
    header(name, (old, first) => ({ ...old, [first]: { ...old[first], ...change } }));
  const config = (name: string, part: 'decoder' | 'audio_encoder' | '', change: object): Hostile => {
    const file = path.join(copied(name), 'config.json');
    const old = JSON.parse(readFileSync(file, 'utf8'));
    const next = part === '' ? { ...old, ...change } : { ...old, [part]: { ...old[part], ...change } };
    writeFileSync(file, JSON.stringify(next));
    return scored(name);
  };
  return [
    header('header-list', () => []),
    header('header-empty', () => ({})),
    header('header-null', () => null),
    field('offsets-negative', { data_offsets: [-8, 8] }),
    field('offsets-beyond', { data_offsets: [0, 1e15] }),
    field('offsets-text', { data_offsets: 'all' }),
    field('dtype-odd', { dtype: 'F13' }),
    field('dtype-int', { dtype: 'I64' }),
    field('shape-huge', { shape: [1e9, 1e9] }),
    field('shape-fraction', { shape: [0.5] }),
    field('shape-null', { shape: null }),
    config('books-0', 'decoder', { num_codebooks: 0 }),
    config('books-many', 'decoder', { num_codebooks: 1e6 }),
    config('heads-7', 'decoder', { num_attention_heads: 7 }),
    config('vocab-other', 'decoder', { vocab_size: 17 }),
    config('rate-text', 'audio_encoder', { sampling_rate: 'fast' }),
    config('rate-zero', 'audio_encoder', { sampling_rate: 0 }),
    config('ratios-none', 'audio_encoder', { upsampling_ratios: [] }),
    config('ratios-zero', 'audio_encoder', { upsampling_ratios: [0, 0] }),
    config('channels-3', 'audio_encoder', { audio_channels: 3 }),
    config('type-list', '', { model_type: ['musicgen'] }),
  ];
};

export const yaml: Make = (folder) => {
  writeFileSync(path.join(folder, 'tone.wav'), TONE);
  const good =
    'study: s\nmodels: [tiny]\ngroups: { A: { files: [tone.wav] } }\ndisturbances:\n  w: { kind: noise, color: white, at: 0.1s, length: 5 }\n';
  const texts: Readonly<Record<string, string>> = {
    'self-alias': good.replace('[tiny]', '&a [*a]'),
    'lost-alias': good.replace('[tiny]', '[*gone]'),
    function: good.replace('length: 5', "length: !!js/function 'function () {}'"),
    infinite: good.replace('length: 5', 'length: .inf'),
    'not-a-number': good.replace('length: 5', 'length: .nan'),
    'huge-number': good.replace('length: 5', 'length: 1e400'),
    'seed-fraction': good.replace('length: 5', 'length: 5, seed: 1.5'),
    'seed-huge': good.replace('length: 5', 'length: 5, seed: 1e300'),
    'at-negative': good.replace('0.1s', '-1s'),
    'at-later': good.replace('0.1s', '1000h'),
    'clip-none': `${good}clip: { length: 0s }\n`,
    'clip-minus': `${good}clip: { offset: -5s }\n`,
    proto: `${good}__proto__: { polluted: 1 }\n`,
    constructor: good.replace('  w:', '  constructor:').replace('noise', 'prototype'),
    'nul-bytes': good.replace('tone.wav', 'to\u0000ne.wav'),
    deep: `study: ${'['.repeat(20_000)}`,
    'two-documents': `${good}---\n${good}`,
    'group-dots': good.replace('{ A:', '{ "../A":'),
    'files-folder-up': good.replace('tone.wav', '../../../../etc/hostname'),
    'name-long': good.replace('study: s', `study: ${'s'.repeat(5000)}`),
  };
  return Object.entries(texts).map(([name, text]) => {
    const input = given(folder, `${name}.yaml`, text, ['run', '--dry-run']);
    // The line names the file of the group.
    return name === 'files-folder-up' ? { ...input, name: 'hostname' } : input;
  });
};

export const tables: Make = (folder) => {
  writeFileSync(path.join(folder, 'rank.jsonl'), '{"name":"a","values":{"loss":1}}\n');
  const head = 'file,system,prompt,rater,dimension,score\n';
  const texts: Readonly<Record<string, string>> = {
    empty: '',
    'head-only': head,
    'other-head': 'a,b\n1,2\n',
    'twice-named': `file,file,system,prompt,rater,dimension,score\na,a,s,p,r,d,1\n`,
    quote: `${head}"a,s,p,r,d,1\n`,
    word: `${head}a,s,p,r,d,good\n`,
    nan: `${head}a,s,p,r,d,NaN\n`,
    huge: `${head}a,s,p,r,d,1e400\n`,
    ragged: `${head}a,s\n`,
    nul: `${head}\u0000,s,p,r,d,\u0000\n`,
  };
  return Object.entries(texts).map(([name, text]) => {
    const { name: file } = given(folder, `${name}.csv`, text);
    return { name: file, args: ['validate', 'rank.jsonl', '--ratings', file] };
  });
};

export const folders: Make = (folder) => {
  const made = (name: string, make: (at: string) => void): string => {
    mkdirSync(path.join(folder, name));
    make(path.join(folder, name));
    return name;
  };
  const names = [
    made('plan-folder', (at) => mkdirSync(path.join(at, 'plan.json'))),
    made('plan-link', (at) => symlinkSync('/etc/passwd', path.join(at, 'plan.json'))),
    made('plan-zero', (at) => symlinkSync('/dev/zero', path.join(at, 'plan.json'))),
    made('plan-large', (at) => {
      writeFileSync(path.join(at, 'plan.json'), '{');
      truncateSync(path.join(at, 'plan.json'), 3_000_000_000);
    }),
    made('writers-file', (at) => writeFileSync(path.join(at, 'writers'), 'x')),
    made('plan-deep', (at) => writeFileSync(path.join(at, 'plan.json'), '['.repeat(200_000))),
  ];
  return names.flatMap((name) =>
    ['check', 'export', 'report', 'status', 'finish'].map((command) => ({ name, args: [command, name] })),
  );
};

/** The part of a line that must be said is the option, or the name. */
export const words: Make = (folder) => {
  writeFileSync(path.join(folder, 'tone.wav'), TONE);
  const probe = ['probe', 'tone.wav', '--at', '0.1s', '--length', '2'];
  const option = (name: string, values: readonly string[], args: readonly string[]): Hostile[] =>
    values.map((value) => ({ name, args: [...args, `${name}=${value}`] }));
  const odd = ['NaN', '1e400', '', '-1', 'x', '1\n2'];
  return [
    ...option('--at', [...odd, '1e9s'], ['probe', 'tone.wav', '--length', '2']),
    ...option('--length', odd, ['probe', 'tone.wav', '--at', '0.1s']),
    { name: 'tone.wav', args: ['probe', 'tone.wav', '--at', '0.1s', '--length=0'] },
    ...option('--seed', ['NaN', '1e400', '', '1.5'], probe),
    ...option('--duration', ['NaN', '1e400s', '', '-1s', '0s'], ['score', 'tone.wav']),
    ...option('--offset', ['NaN', '1e400s', '', '-1s'], ['score', 'tone.wav']),
    ...option('--level', ['NaN', '1e400', ''], probe),
    ...option('--threads', ['NaN', '0', '-1', '1e9', '1.5'], ['score', 'tone.wav']),
    ...option('--every', ['NaN', '0', '-1', '1e400'], ['map', 'tone.wav']),
    ...option('--seconds', ['NaN', '0', '-1', '1e9', ''], ['generate', '--out', 'made']),
    ...option('--temperature', ['NaN', '-1', '1e400'], ['generate', '--seconds', '1', '--out', 'made']),
    ...option('--top-k', ['NaN', '-1', '1.5'], ['generate', '--seconds', '1', '--out', 'made']),
    ...option('--queue', ['http://x', 'redis', 'redis://h:99999', ''], ['status', 'tone.wav']),
    ...option('--precision', ['fp12', ''], ['score', 'tone.wav']),
    ...option('--protocol', ['later', ''], ['score', 'tone.wav']),
    ...['../../etc', 'a/b/c', 'a b/c', 'org/na\nme', `org/${'x'.repeat(5000)}`, ''].map((id) => ({
      name: 'losscope',
      args: ['pull', id],
    })),
    ...['line\nbreak', 'red\u001b[31m', '\u202egpj', '\u2028', 'nul'].map((name) => ({
      name: '.wav',
      args: ['encode', `${name}.wav`],
    })),
    { name: 'losscope', args: ['encode', ''] },
    { name: 'losscope', args: ['score', `${'x'.repeat(300)}.wav`] },
    { name: 'losscope', args: ['run', ''] },
  ];
};
