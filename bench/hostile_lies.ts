// More bad inputs for bench/hostile.ts: headers of sound that lie, codes of odd shapes, values of YAML that are of another type
// than they seem, numbers in odd forms, options twice or without a value, links, names that look like something else.

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { GOLDEN, given, type Hostile, type Make, TONE, wav } from './hostile_input.js';

const golden = (file: string): Buffer => readFileSync(path.join(GOLDEN, 'audio', file));

/** Bytes with others in the place of some of them. */
function changed(from: Uint8Array, at: number, values: readonly number[] | string): Buffer {
  const copy = Buffer.from(from);
  copy.set(typeof values === 'string' ? Buffer.from(values, 'latin1') : values, at);
  return copy;
}

const chunk = (id: string, body: Uint8Array, size = body.length): Buffer => {
  const head = Buffer.alloc(8);
  head.write(id, 'latin1');
  head.writeUInt32LE(size, 4);
  return Buffer.concat([head, body]);
};
const riff = (...chunks: Uint8Array[]): Buffer =>
  chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), ...chunks]));

/** The body of a fmt chunk of WAVE_FORMAT_EXTENSIBLE. */
function extensible(guid = '0100000000001000800000aa00389b71'): Buffer {
  const head = Buffer.alloc(24);
  for (const [at, value] of [
    [0, 0xfffe],
    [2, 1],
    [12, 2],
    [14, 16],
    [16, 22],
    [18, 16],
    [20, 4],
  ])
    head.writeUInt16LE(value, at);
  head.writeUInt32LE(32_000, 4);
  head.writeUInt32LE(64_000, 8);
  return Buffer.concat([head, Buffer.from(guid, 'hex')]);
}

export const lies: Make = (folder) => {
  const plain = wav({}).subarray(20, 36);
  const pcm = Buffer.alloc(6400, 7);
  const flac = golden('s16-44100-2.flac');
  const ogg = golden('44100-2.ogg');
  const opus = golden('48000-2.opus');
  const mp3 = golden('44100-2.mp3');
  const page = (bytes: Uint8Array, n: number): number =>
    n === 0 ? 0 : Buffer.from(bytes).indexOf('OggS', page(bytes, n - 1) + 4, 'latin1');
  const deepNaN = Buffer.alloc(40_000);
  deepNaN.writeFloatLE(Number.NaN, 39_992);
  const files: Readonly<Record<string, Uint8Array>> = {
    'block-0.wav': riff(chunk('fmt ', changed(plain, 12, [0, 0])), chunk('data', pcm)),
    'block-3.wav': riff(chunk('fmt ', changed(plain, 12, [3, 0])), chunk('data', pcm)),
    'list-eats-all.wav': riff(chunk('fmt ', plain), chunk('LIST', pcm, 0xffffff00), chunk('data', pcm)),
    'no-fmt.wav': riff(chunk('LIST', pcm), chunk('data', pcm)),
    'fmt-of-zeros.wav': riff(chunk('fmt ', Buffer.alloc(16)), chunk('data', pcm)),
    'guid-unknown.wav': riff(chunk('fmt ', extensible('ff'.repeat(16))), chunk('data', pcm)),
    'guid-ac3.wav': riff(chunk('fmt ', extensible('9200000000001000800000aa00389b71')), chunk('data', pcm)),
    'guid-short.wav': riff(chunk('fmt ', extensible().subarray(0, 24)), chunk('data', pcm)),
    'rf64-no-ds64.wav': changed(
      riff(chunk('fmt ', plain), chunk('data', Buffer.alloc(0), 0xffffffff)),
      0,
      'RF64',
    ),
    'nan-late.wav': riff(
      chunk('fmt ', changed(changed(changed(plain, 0, [3]), 12, [4]), 14, [32])),
      chunk('data', deepNaN),
    ),
    'less-than-a-sample.wav': riff(chunk('fmt ', plain), chunk('data', Buffer.of(1))),
    'streaminfo-short.flac': changed(flac, 5, [0, 0, 4]),
    'streaminfo-long.flac': changed(flac, 5, [255, 255, 255]),
    'streaminfo-second.flac': changed(flac, 4, [4]),
    'channels-lie.flac': changed(flac, 20, [(flac[20] & 0xf1) | 14]),
    'bits-lie.flac': changed(changed(flac, 20, [flac[20] | 1]), 21, [flac[21] | 0xf0]),
    'rate-lie.flac': changed(flac, 18, [1, 0, flac[20] & 15]),
    'no-setup.ogg': Buffer.concat([ogg.subarray(0, page(ogg, 1)), ogg.subarray(page(ogg, 3))]),
    'first-page-again.ogg': Buffer.concat(Array.from({ length: 50 }, () => ogg.subarray(0, page(ogg, 1)))),
    'channels-0.ogg': changed(ogg, 28 + 11, [0]),
    'rate-0.ogg': changed(ogg, 28 + 12, [0, 0, 0, 0]),
    'version-9.ogg': changed(ogg, 4, [9]),
    'channels-0.opus': changed(opus, 28 + 9, [0]),
    'version-240.opus': changed(opus, 28 + 8, [240]),
    'mapping-255.opus': changed(opus, 28 + 18, [255]),
    'head-only.opus': opus.subarray(0, page(opus, 1)),
    'pre-skip-all.opus': opus.subarray(0, page(opus, 2)),
    'reserved-rate.mp3': Buffer.concat(
      Array.from({ length: 40 }, () => Buffer.of(0xff, 0xfb, 0x9c, 0, ...new Uint8Array(413))),
    ),
    'reserved-bitrate.mp3': Buffer.concat(
      Array.from({ length: 40 }, () => Buffer.of(0xff, 0xfb, 0xf0, 0, ...new Uint8Array(413))),
    ),
    'tags-all-the-way.mp3': Buffer.concat(
      Array.from({ length: 2000 }, () => Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1')),
    ),
    'head-of-frame.mp3': mp3.subarray(0, 45),
  };
  return Object.entries(files).map(([name, content]) => given(folder, name, content));
};

export const shapes: Make = (folder) => {
  const rows = (value: string) =>
    `{"codes": [${Array.from({ length: 4 }, () => `[1, ${value}]`).join(', ')}]}`;
  const texts: Readonly<Record<string, string | Uint8Array>> = {
    'too-large-a-float': rows('1e400'),
    'minus-zero-point': rows('-0.5'),
    'beyond-32-bits': rows('4294967297'),
    'a-string-of-digits': rows('"7"'),
    'a-truth': rows('true'),
    'one-deeper': rows('[1]'),
    'an-object': rows('{"0": 1}'),
    'rows-by-name': '{"codes": {"0": [1], "1": [1], "2": [1], "3": [1]}}',
    'key-twice': `{"codes": [[1], [1], [1], [1]], ${rows('2').slice(1)}`,
    'a-hundred-thousand-rows': `{"codes": [${Array.from({ length: 100_000 }, () => '[1]').join(',')}]}`,
    'trailing-words': `${rows('1')} and more`,
    'comma-last': rows('1').replace(']]', '],]'),
    'single-quotes': rows('1').replaceAll('"', "'"),
    'not-a-number': rows('NaN'),
    'utf-16': Buffer.from(rows('1'), 'utf16le'),
    'utf-32': Buffer.from(Uint32Array.from([...rows('1')], (sign) => sign.charCodeAt(0)).buffer),
    'only-a-mark': '\uFEFF',
    'second-line-bad': `${rows('1')}\n{"codes": [[1]}\n`,
  };
  return Object.entries(texts).map(([name, text]) => given(folder, `${name}.json`, text, ['score']));
};

export const types: Make = (folder) => {
  writeFileSync(path.join(folder, 'tone.wav'), TONE);
  const good =
    'study: s\nmodels: [tiny]\ngroups: { A: { files: [tone.wav] } }\ndisturbances:\n  w: { kind: noise, color: white, at: 0.1s, length: 5 }\n';
  const instead = (from: string, to: string): string => good.replace(from, to);
  const texts: Readonly<Record<string, string | Uint8Array>> = {
    date: instead('length: 5', 'length: 2001-12-14'),
    timestamp: instead('length: 5', 'length: !!timestamp 2001-12-14t21:59:43.10-05:00'),
    sexagesimal: `${good}clip: { length: 12:30:45 }\n`,
    binary: instead('length: 5', 'length: !!binary R0lGODlh'),
    set: instead('[tiny]', '!!set { tiny }'),
    'tag-unknown': instead('length: 5', 'length: !secret 5'),
    'truth-as-length': instead('length: 5', 'length: yes'),
    'null-length': instead('length: 5', 'length: ~'),
    'null-group': instead('{ files: [tone.wav] }', ''),
    'null-models': instead('[tiny]', '[null]'),
    'no-value': instead('models: [tiny]', 'models:'),
    'number-as-file': instead('[tone.wav]', '[7]'),
    'map-as-key': instead('  w:', '  ? { a: b }\n  :'),
    'merge-of-a-list': instead('{ kind', '{ <<: [1, 2], kind'),
    'merge-of-itself': instead('  w: {', '  w: &w { <<: *w,'),
    'yaml-9': `%YAML 9.9\n---\n${good.replace('length: 5', 'length: five')}`,
    'length-fraction': instead('length: 5', 'length: 5.5'),
    'length-underscore': instead('length: 5', 'length: 1_000'),
    'length-list-empty': instead('length: 5', 'length: []'),
    'length-map': instead('length: 5', 'length: { tokens: 5 }'),
    'no-break-space': instead('study: s', 'study:\u00a0s'),
    'block-text': instead('color: white', 'color: "white\\n"'),
    con: instead('study: s', 'study: CON'),
    com1: instead('study: s', 'study: com1.backup'),
    'nul-space': instead('study: s', 'study: "nul "'),
    'dot-last': instead('study: s', 'study: "s."'),
    'space-last': instead('study: s', 'study: "s "'),
    'utf-16': Buffer.from(good, 'utf16le'),
    'utf-16-big': Buffer.from(good, 'utf16le').swap16(),
    'latin-1': Buffer.from(instead('study: s', 'study: caf\u00e9'), 'latin1'),
    control: instead('study: s', 'study: "s\\x07"'),
  };
  return Object.entries(texts).map(([name, text]) =>
    given(folder, `${name}.yaml`, text, ['run', '--dry-run']),
  );
};

export const forms: Make = (folder) => {
  writeFileSync(path.join(folder, 'tone.wav'), TONE);
  const option = (name: string, values: readonly string[], args: readonly string[]): Hostile[] =>
    values.map((value) => ({ name, args: [...args, `${name}=${value}`] }));
  const odd = [
    '-5%',
    '\u0661s',
    'NaNs',
    'Infinitys',
    '0x10',
    '5,5s',
    '+-5s',
    '\u221e',
    '5s5s',
    '1__0',
    '1e3s',
    '\uff15s',
    '5 5',
    's',
    '5h',
    '5..',
    '..5',
    '5s..2s..1s',
  ];
  const said = (name: string, ...args: string[]): Hostile => ({ name, args });
  return [
    ...option('--at', odd, ['probe', 'tone.wav', '--length', '2']),
    ...option('--length', ['5..6', '-0', '1e1', '\u0665'], ['probe', 'tone.wav', '--at', '0.1s']),
    ...option('--duration', ['all ', 'ALL', '10', '1e1s', '5m'], ['score', 'tone.wav']),
    ...option('--level', ['20dB', '-1e2dB', '-20', '\u221220dB', '-20dBA'], ['probe', 'tone.wav']),
    ...option(
      '--do',
      [
        '',
        ' ',
        'noise',
        'noise color',
        'noise =',
        'noise color=white color=blue',
        'noise color=white length=5 length=6 at=1s',
        'tone hz=1e400 at=0s length=1',
        'NOISE color=white',
        'lossy codec=mp3 bitrate=-64kbps',
        'gain db=NaN',
      ],
      ['probe', 'tone.wav'],
    ),
    ...option(
      '--seed',
      ['1_0', '0x1', '\u0661', '1e3', '99999999999999999999', '-0.0'],
      ['probe', 'tone.wav'],
    ),
    said('--seed', 'probe', 'tone.wav', '--seed'),
    said('--json', 'score', 'tone.wav', '--json=yes'),
    said('--s\u00ebed', 'probe', 'tone.wav', '--s\u00ebed', '1'),
    said('--model', 'score', 'tone.wav', '--model='),
    said('--model', 'score', 'tone.wav', '--model=..\u202e'),
    said('--out', 'generate', '--seconds', '0.1', '--out='),
    said('--xxxx', 'score', 'tone.wav', `--${'x'.repeat(100_000)}`),
    said('\u0441core', '\u0441core', 'tone.wav'),
    said('--prompt', 'score', 'tone.wav', '--prompt='),
    said('--scores', 'rank', 'tone.wav', '--scores=,'),
    said('--port', 'view', '--port=99999'),
    said('--port', 'view', '--port=-1'),
  ];
};

export const names: Make = (folder) => {
  const at = (...parts: string[]) => path.join(folder, ...parts);
  symlinkSync('ring-b.wav', at('ring-a.wav'));
  symlinkSync('ring-a.wav', at('ring-b.wav'));
  symlinkSync('nowhere.wav', at('dangling.wav'));
  symlinkSync('ring-folder', at('ring-folder'));
  mkdirSync(at('knot'));
  symlinkSync('.', at('knot', 'self'));
  writeFileSync(at('plain'), 'x');
  writeFileSync(at(`${'a'.repeat(200)}.wav`), 'x');
  const odd = [
    '-',
    '--help.wav',
    '%s%n.wav',
    '$(id).wav',
    '\u202ewav.mp3.wav',
    'new\nline.wav',
    'tab\there.wav',
    "it's.wav",
    '"q".wav',
    '[a].wav',
    '{a,b}.wav',
    '!a.wav',
    '*.wav',
    '~.wav',
    'a\\b.wav',
    'e\u0301.wav',
    ' .wav',
    '....wav',
    'CON.wav',
  ];
  const files = odd.map((name): Hostile => {
    writeFileSync(at(name), 'no sound\n');
    // A name with signs of control is said without them.
    return { name: /[\n\t\u202e]/.test(name) ? '.wav' : name, args: ['encode', '--', name] };
  });
  return [
    ...files,
    ...['ring-a.wav', 'dangling.wav', 'ring-folder', 'knot', path.join('plain', 'a.wav')].map((name) => ({
      name,
      args: ['encode', name],
    })),
    ...['check', 'report', 'export', 'status', 'finish', 'view'].flatMap((command) =>
      ['plain', path.join('plain', 'x'), 'ring-folder'].map((name) => ({
        name,
        args: command === 'view' ? [command, name, '--no-open'] : [command, name],
      })),
    ),
    { name: '+(', args: ['encode', `${'+(a+)'.repeat(20)}b.wav`] },
    { name: '*a', args: ['encode', `${'*a'.repeat(40)}b.wav`] },
    { name: 'plain', args: ['run', 'plain'] },
    { name: 'knot', args: ['run', 'knot'] },
    { name: 'knot', args: ['regions', 'knot', '--at', '1', '--length', '1'] },
    { name: 'knot', args: ['validate', 'knot', '--ratings', 'plain'] },
    { name: 'knot', args: ['merge', path.join('plain', 'out'), 'knot'] },
    { name: 'plain', args: ['generate', '--seconds', '0.1', '--out', path.join('plain', 'made')] },
    { name: 'knot', args: ['render', 'knot', '--out', path.join('plain', 'a.wav')] },
  ];
};
