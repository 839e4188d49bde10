// The library of a study: what its groups name, what its clips are, and what it refuses.

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BasicSoundBank } from 'spessasynth_core';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { rowsOf } from '../../src/audio/codes.js';
import { writeWav } from '../../src/audio/wav.js';
import { openLibrary } from '../../src/node/dataset.js';
import type { GroupSpec, Item } from '../../src/study/dataset.js';
import { piece } from '../symbolic/midi_file.js';

const home = mkdtempSync(join(tmpdir(), 'losscope-dataset-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

let folder: string;
let warnings: string[];
beforeEach(() => {
  folder = mkdtempSync(join(home, 'study-'));
  warnings = [];
});

const put = (name: string, content: string | Uint8Array): void => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
};
/** Two seconds in which sample i is i / rate / 4. */
const ramp = (rate = 32_000): Uint8Array => {
  const samples = Float32Array.from({ length: 2 * rate }, (_, i) => i / rate / 4);
  return writeWav({ name: 'ramp', sampleRate: rate, channels: [samples] }, { format: 'float32' });
};
const codes = '{"file":"a.wav","model":"tiny","codes":[[1,2,3],[4,5,6]]}\n';
const library = () => openLibrary({ folder, warn: (line) => warnings.push(line) });
const items = (group: Partial<GroupSpec>) => library().items({ name: 'G', ...group });
const names = async (group: Partial<GroupSpec>) => (await items(group)).map(({ name }) => name);
const inFolder = (items: readonly Item[]) => items.map(({ source }) => source.path.slice(folder.length + 1));
const format = { sampleRate: 32_000, channels: 1 } as const;

/** What every test of names and refusals finds. */
const scene = (): void => {
  for (const name of ['a/two.wav', 'a/one.WAV', 'a/deep/three.flac', 'b/two.mp3', 'b/four [live].opus']) {
    put(name, 'x');
  }
  for (const name of ['a/.hidden.wav', 'a/notes.md', 'a/five.m4a', 'other/x.pdf', 'empty/.gitkeep'])
    put(name, 'x');
  put('list.txt', '\ufeff# the good ones\r\na/two.wav\r\n\r\n  b/four [live].opus  \r\n');
  put('lists/up.txt', '../a/two.wav\n');
  put('lists/none.txt', '# nothing yet\n');
  put('lists/gone.txt', '../a/two.wav\n../a/gone.wav\n');
  put('lists/folder.txt', '../a\n');
};

describe('items', () => {
  test.each<[Partial<GroupSpec>, readonly string[]]>([
    [{ files: ['a'] }, ['G/one', 'G/three', 'G/two']],
    [{ files: ['./a/'] }, ['G/one', 'G/three', 'G/two']],
    [{ files: ['a/*'] }, ['G/one', 'G/two']],
    [{ files: ['a/**/t*'] }, ['G/three', 'G/two']],
    [{ files: ['b/four [live].opus'] }, ['G/four [live]']],
    [{ files: ['list.txt'] }, ['G/four [live]', 'G/two']],
    [{ files: ['lists/up.txt'] }, ['G/two']],
    [{ files: ['a/two.wav', 'b/*.opus', 'a/deep'] }, ['G/four [live]', 'G/three', 'G/two']],
    // Two of one stem: the path from the folder they share.
    [{ files: ['a', 'b'] }, ['G/a:two', 'G/b:two', 'G/four [live]', 'G/one', 'G/three']],
    [{ files: ['a', 'b'], limit: 2 }, ['G/a:two', 'G/b:two']],
    [{ files: ['a'], limit: 9 }, ['G/one', 'G/three', 'G/two']],
  ])('%j', async (group, expected) => {
    scene();
    expect(await names(group)).toEqual(expected);
  });

  test('paths lie in the folder of the study, or where they say; titles come from nowhere', async () => {
    scene();
    expect(inFolder(await items({ files: ['a/*.wav'] }))).toEqual(['a/two.wav']);
    const [item] = await items({ files: [join(folder, 'a/two.wav')] });
    expect(item).toEqual({
      name: 'G/two',
      group: 'G',
      source: { kind: 'audio', path: join(folder, 'a/two.wav') },
    });
    expect(await names({ files: [`${folder}/b/*.mp3`] })).toEqual(['G/two']);
  });

  test('the same stem and folder, another format: the extension tells', async () => {
    put('s/x.wav', 'x');
    put('s/x.mp3', 'x');
    expect(await names({ files: ['s'] })).toEqual(['G/x.mp3', 'G/x.wav']);
  });

  test('refused: a link to a clip that is there already', async () => {
    put('s/x.wav', 'x');
    symlinkSync(join(folder, 's/x.wav'), join(folder, 's/y.wav'));
    await expect(names({ files: ['s'] })).rejects.toThrow(
      /^group "G": .*y\.wav is named twice by s; every clip/,
    );
  });

  test('sound that is not read is told, once', async () => {
    scene();
    const open = library();
    await open.items({ name: 'G', files: ['a'] });
    await open.items({ name: 'H', files: ['a'] });
    expect(warnings).toEqual([
      expect.stringMatching(/a: left out, of a format that is not read: five\.m4a$/),
    ]);
  });

  test.each<[Partial<GroupSpec>, RegExp]>([
    [{}, /expected files or midi, one of them/],
    [{ files: [] }, /with at least one entry/],
    [{ files: ['a'], midi: ['a'] }, /one of them/],
    [{ midi: ['a'], codes: true }, /MIDI has no codes/],
    [{ files: ['gone'] }, /gone: no such file or folder/],
    [{ files: ['other', 'x*/*.wav'] }, /no sound files \(\.wav .*\) in other, x\*\/\*\.wav, looked in /],
    [{ files: ['empty'] }, /no sound files .* in empty/],
    [{ files: ['a'], codes: true }, /no files of codes \(\.json\) in a/],
    [{ midi: ['a'], soundfont: 'f.sf2' }, /no MIDI files \(\.mid \.midi \.rmi \.kar\) in a/],
    [{ files: ['lists/none.txt'] }, /no sound files .* in lists\/none\.txt/],
    [{ files: ['lists/gone.txt'] }, /gone\.txt: line 2: .*gone\.wav is not there/],
    [{ files: ['lists/folder.txt'] }, /folder\.txt: line 1: .* is a folder; a list names files/],
    [{ files: ['a', 'a/two.wav'] }, /two\.wav is named by a and by a\/two\.wav/],
    [{ files: ['a/two.wav', './a/../a/two.wav'] }, /two\.wav is named by/],
    [{ files: ['list.txt', 'list.txt'] }, /named twice by list\.txt/],
  ])('refused: %j', async (group, message) => {
    scene();
    await expect(items(group)).rejects.toThrow(message);
    await expect(items(group)).rejects.toThrow(/^group "G": [^\n]+$/);
  });
});

describe('metadata', () => {
  const sounds = ['one.wav', 'sub/two.wav', 'three.wav'];

  test.each([
    [
      'metadata.csv',
      '\ufefffile_name,title,text\r\none.wav,"First, and ""best""",not this\r\nsub/two.wav,,a caption\r\n',
    ],
    [
      'metadata.jsonl',
      '{"file_name":"one.wav","title":"First, and \\"best\\"","tempo":120}\n\n{"file_name":"sub/two.wav","title":null,"text":"a caption"}\n',
    ],
  ])('%s names the clips, and titles them', async (file, text) => {
    for (const name of sounds) put(`set/${name}`, 'x');
    put(`set/${file}`, text);
    const found = await items({ files: ['set'] });
    expect(found.map(({ name, title }) => [name, title])).toEqual([
      ['G/one', 'First, and "best"'],
      ['G/two', 'a caption'],
    ]);
    expect(inFolder(found)).toEqual(['set/one.wav', 'set/sub/two.wav']);
    expect(warnings).toEqual([
      expect.stringMatching(/set: left out, not named in metadata\.\w+: three\.wav$/),
    ]);
  });

  test('a folder as losscope generate writes it: sound, or the codes beside it', async () => {
    put('gen/metadata.jsonl', '{"file_name":"00000.wav","model":"tiny","index":0}\n');
    put('gen/00000.wav', ramp());
    put('gen/00000.codes.json', codes);
    expect((await items({ files: ['gen'] }))[0].source).toEqual({
      kind: 'audio',
      path: join(folder, 'gen/00000.wav'),
    });
    const found = await items({ files: ['gen'], codes: true });
    expect(found).toEqual([
      { name: 'G/00000', group: 'G', source: { kind: 'codes', path: join(folder, 'gen/00000.codes.json') } },
    ]);
    const read = await library().codes(found[0]);
    expect(rowsOf(read).map((row) => [...row])).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    put('gen/metadata.jsonl', '{"file_name":"00000.wav","codes":"c/elsewhere.json"}\n');
    put('gen/c/elsewhere.json', codes);
    expect(inFolder(await items({ files: ['gen'], codes: true }))).toEqual(['gen/c/elsewhere.json']);
    // Without metadata, the files of codes themselves.
    rmSync(join(folder, 'gen/metadata.jsonl'));
    expect(await names({ files: ['gen'], codes: true })).toEqual(['G/00000', 'G/elsewhere']);
  });

  test.each<[string, string, RegExp]>([
    ['metadata.csv', 'name,title\none.wav,x\n', /line 2: file_name: .*expected a file_name/],
    ['metadata.csv', 'file_name,title\n,x\n', /line 2: file_name/],
    ['metadata.csv', 'file_name,title\none.wav,x,y\n', /not a table of comma-separated values/],
    ['metadata.csv', 'file_name,title\none.wav,"x\n', /not a table of comma-separated values/],
    ['metadata.csv', 'file_name,title,title\none.wav,x,y\n', /column title occurs twice/],
    ['metadata.csv', 'file_name\ngone.wav\n', /line 2: .*gone\.wav is not there/],
    ['metadata.csv', 'file_name\n../out.wav\n', /line 2: \.\.\/out\.wav lies outside the folder/],
    ['metadata.csv', 'file_name\nsub/../../out.wav\n', /lies outside the folder/],
    ['metadata.csv', 'file_name\n/etc/hosts\n', /lies outside the folder/],
    ['metadata.csv', 'file_name\none.wav\n./one.wav\n', /one\.wav is named twice by set/],
    ['metadata.csv', '', /no sound files/],
    ['metadata.jsonl', '{"file_name":"one.wav"}\n{"file_name":\n', /line 2: not valid JSON/],
    [
      'metadata.jsonl',
      '{"file_name":"one.wav","file_name":"two.wav"}\n',
      /line 1: key "file_name" occurs twice/,
    ],
    ['metadata.jsonl', '["one.wav"]\n', /line 1: row: .*expected a file_name/],
    ['metadata.jsonl', '{"file_name":"one.wav","title":5}\n', /line 1: title/],
    ['metadata.jsonl', 'null\n', /line 1: row/],
  ])('refused: %s %j', async (file, text, message) => {
    for (const name of sounds) put(`set/${name}`, 'x');
    put('out.wav', 'x');
    put(`set/${file}`, text);
    await expect(items({ files: ['set'] })).rejects.toThrow(message);
    await expect(items({ files: ['set'] })).rejects.toThrow(/^group "G": [^\n]+$/);
  });

  test('refused: two metadata files; a row without its codes', async () => {
    put('set/one.wav', 'x');
    put('set/metadata.csv', 'file_name\none.wav\n');
    await expect(items({ files: ['set'], codes: true })).rejects.toThrow(
      /line 2: .*one\.codes\.json is not there; losscope generate --codes/,
    );
    put('set/metadata.jsonl', '{"file_name":"one.wav"}\n');
    await expect(items({ files: ['set'] })).rejects.toThrow(/metadata\.csv and metadata\.jsonl; keep one/);
  });
});

describe('names and text of other systems', () => {
  const [composed, apart] = ['Dvo\u0159\u00e1k', 'Dvor\u030ca\u0301k'];

  test.each([
    [composed, apart],
    [apart, composed],
  ])(
    'a name in a list, in metadata and in a study is found however its accents are written',
    async (disk, named) => {
      put(`set/${disk}/${disk}.wav`, 'x');
      const path = `set/${disk}/${disk}.wav`;
      put('n.txt', `set/${named}/${named}.wav\n`);
      expect(inFolder(await items({ files: ['n.txt'] }))).toEqual([path]);
      expect(inFolder(await items({ files: [`set/${named}`] }))).toEqual([path]);
      expect(inFolder(await items({ files: [`set/${named}/${named}.wav`] }))).toEqual([path]);
      put('set/metadata.csv', `file_name\n${named}/${named}.wav\n`);
      expect(inFolder(await items({ files: ['set'] }))).toEqual([path]);
      expect(warnings).toEqual([]);
      await expect(items({ files: [`set/${named}x.wav`] })).rejects.toThrow(/no such file or folder/);
    },
  );

  test.each(['utf16le', 'utf8'] as const)('lists and metadata in %s, with its mark', async (encoding) => {
    scene();
    const text = (content: string) => Buffer.from(`\ufeff${content}`, encoding);
    put('u.txt', text('a/two.wav\r\n'));
    expect(await names({ files: ['u.txt'] })).toEqual(['G/two']);
    put('b/metadata.jsonl', text('{"file_name":"two.mp3"}\n'));
    expect(await names({ files: ['b'] })).toEqual(['G/two']);
    put('a/metadata.csv', text('file_name,title\ntwo.wav,x\n'));
    expect(await names({ files: ['a'] })).toEqual(['G/two']);
  });

  test.runIf(process.platform === 'linux')('a name that is not UTF-8 is told as the cause', async () => {
    put('set/a.wav', 'x');
    const bytes = [Buffer.from(join(folder, 'set/')), Buffer.of(0xff, 0xfe), Buffer.from('.wav')];
    writeFileSync(Buffer.concat(bytes), 'x');
    await expect(items({ files: ['set'] })).rejects.toThrow(
      /^group "G": .*set\/\S+ cannot be read \(its name is not UTF-8; rename it\)$/,
    );
  });

  test('text that is neither is refused by name', async () => {
    put('l.txt', Buffer.from('Dvo\xf8k.wav', 'latin1'));
    await expect(items({ files: ['l.txt'] })).rejects.toThrow(
      /^group "G": .*l\.txt: is not text in UTF-8; save it/,
    );
  });
});

describe('content', () => {
  const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  const audio = (path: string): Item => ({
    name: 'G/ramp',
    group: 'G',
    source: { kind: 'audio', path: join(folder, path) },
  });

  test('an excerpt is cut at the rate of the codec, from the clip conformed as a whole', async () => {
    put('ramp.wav', ramp());
    put('other.wav', ramp(44_100));
    const { clip, contentHash } = library();
    const cut = await clip(audio('ramp.wav'), { format, excerpt: { offset: 0.5, length: 1.25 } });
    expect(cut).toMatchObject({ name: 'G/ramp', sampleRate: 32_000 });
    expect(cut.channels[0].length).toBe(40_000);
    expect(cut.channels[0][0]).toBe(0.125);
    expect(cut.channels[0].buffer.byteLength).toBe(160_000); // the rest of the file is not kept
    const rest = await clip(audio('ramp.wav'), { format, excerpt: { offset: 0.5 } });
    expect(rest.channels[0].length).toBe(48_000);
    const whole = await clip(audio('other.wav'), { format, excerpt: { offset: 0 } });
    const part = await clip(audio('other.wav'), { format, excerpt: { offset: 0.3001, length: 1 } });
    expect(part.channels[0]).toEqual(whole.channels[0].slice(9603, 9603 + 32_000));
    expect(await contentHash(audio('ramp.wav'))).toBe(sha256(ramp()));
  });

  test.each([
    [{ offset: 0, length: 15 }, /ramp\.wav: lasts 2\.00 s, asked for 15 s from 0 s on/],
    [{ offset: 1.5, length: 0.6 }, /lasts 2\.00 s, asked for 0\.6 s from 1\.5 s on/],
    [{ offset: 2 }, /asked for all of it from 2 s on/],
    [{ offset: 0, length: 0 }, /asked for 0 s/],
    [{ offset: -1 }, /from -1 s on/],
  ])('refused: %j', async (excerpt, message) => {
    put('ramp.wav', ramp());
    await expect(library().clip(audio('ramp.wav'), { format, excerpt })).rejects.toThrow(message);
  });

  test('refused: sound for codes, codes for sound, an edit of sound, what is no sound, what has gone', async () => {
    put('ramp.wav', ramp());
    put('text.wav', 'x');
    put('codes.json', codes);
    const { clip, codes: read, contentHash } = library();
    const encoded: Item = {
      name: 'c',
      group: 'G',
      source: { kind: 'codes', path: join(folder, 'codes.json') },
    };
    const excerpt = { offset: 0 };
    const edit = { edit: 'rhythm', share: 1, seed: 1 } as const;
    await expect(read(audio('ramp.wav'))).rejects.toThrow(/is sound, not codes/);
    await expect(clip(encoded, { format, excerpt })).rejects.toThrow(/is codes, not sound/);
    await expect(clip(audio('ramp.wav'), { format, excerpt, edit })).rejects.toThrow(/only a score/);
    await expect(clip(audio('text.wav'), { format, excerpt })).rejects.toThrow(/text\.wav: not a sound file/);
    put('song.mod', `${'A'.repeat(1080)}M.K.`);
    await expect(contentHash(audio('song.mod'))).rejects.toThrow(
      /song\.mod: a MOD tracker module is not read/,
    );
    await expect(contentHash(audio('gone.wav'))).rejects.toThrow(
      /gone\.wav: cannot be read \(no such file\)/,
    );
  });
});

describe('MIDI', () => {
  const scores = async () => {
    put('m/piece.mid', piece());
    put('m/other.MIDI', piece());
    put('saw.sf2', new Uint8Array(BasicSoundBank.getSampleSoundBankFile()));
    return items({ midi: ['m'], soundfont: 'saw.sf2' });
  };

  test('is rendered, edited where asked for; the control is what it is without an edit', async () => {
    const [, item] = await scores();
    expect(item.name).toBe('G/piece');
    const open = library();
    const render = async (edit?: 'none' | 'velocity') => {
      const spec = edit && ({ edit, share: 1, seed: 1, at: { seconds: 0.5 } } as const);
      const clip = await open.clip(item, { format, excerpt: { offset: 1, length: 2 }, edit: spec });
      expect(clip).toMatchObject({ name: 'G/piece', sampleRate: 32_000 });
      return clip.channels[0];
    };
    const clean = await render();
    expect(clean.length).toBe(64_000);
    expect(await render('none')).toEqual(clean);
    const edited = await render('velocity');
    expect(edited.slice(0, 15_000)).toEqual(clean.slice(0, 15_000));
    expect(edited).not.toEqual(clean);
    await expect(open.clip(item, { format, excerpt: { offset: 10, length: 9 } })).rejects.toThrow(
      /piece\.mid: lasts 15\.40 s, asked for 9 s from 10 s on/,
    );
  });

  test('its content is the score and the SoundFont', async () => {
    const [first, second] = await scores();
    const hashes = async () => Promise.all([first, second].map((item) => library().contentHash(item)));
    const before = await hashes();
    expect(before[0]).toBe(before[1]);
    put('saw.sf2', 'another');
    const after = await hashes();
    expect(after[0]).not.toBe(before[0]);
    put('m/other.MIDI', 'another');
    expect((await hashes())[0]).not.toBe(after[0]);
  });

  test('refused: without a SoundFont, saying how to get one; a damaged one; a damaged score', async () => {
    const [item] = await scores();
    const how = /apt install fluid-soundfont-gm puts one at \/usr\/share\/sounds\/sf2\/FluidR3_GM\.sf2/;
    // Notes are read without; only what is played needs one.
    const [silent] = await items({ midi: ['m'] });
    const read = await library().notes(silent, { offset: 0 });
    expect(read).toMatchObject({ name: silent.name, codes: { codebooks: 3 } });
    const played = library().clip(silent, { format, excerpt: { offset: 0, length: 0.1 } });
    await expect(played).rejects.toThrow(/^MIDI is played with a SoundFont[^\n]+$/);
    await expect(played).rejects.toThrow(how);
    await expect(items({ midi: ['m'], soundfont: 'no.sf2' })).rejects.toThrow(/no\.sf2: no such SoundFont; /);
    await expect(items({ midi: ['m'], soundfont: 'no.sf2' })).rejects.toThrow(how);
    const open = library();
    const clip = () => open.clip(item, { format, excerpt: { offset: 0, length: 0.1 } });
    put('saw.sf2', 'RIFF nonsense');
    await expect(clip()).rejects.toThrow(/saw\.sf2: no SoundFont that can be read [^\n]+$/);
    // A failure is not kept.
    put('saw.sf2', new Uint8Array(BasicSoundBank.getSampleSoundBankFile()));
    expect((await clip()).channels[0].length).toBe(3200);
    put('m/other.MIDI', piece().slice(0, 100));
    await expect(clip()).rejects.toThrow(/other\.MIDI: [^\n]+$/);
  });
});
