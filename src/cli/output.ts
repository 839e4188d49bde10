// Data on stdout, words on stderr.

import { MultiBar, Presets } from 'cli-progress';

/** One JSON line on stdout. Typed arrays become arrays, undefined numbers (NaN) null. */
export function printJson(value: unknown): void {
  process.stdout.write(`${jsonText(value)}\n`);
}

/** JSON text at full precision. What a terminal would obey stands in it as an escape: the value is the same. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_, v) => (ArrayBuffer.isView(v) ? Array.from(v as Float64Array) : v),
    indent,
  ).replace(OBEYED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Control characters but tab and line feed, and marks that turn the direction of text. */
const OBEYED = /(?![\t\n])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text as a terminal may show it: what it would obey instead is spelt out, as names of files and models may hold it. */
export function visible(text: string): string {
  return text.replace(OBEYED, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}

/** Characters of a word, and of a line, that a message repeats of what was typed or found. */
const WORD = 300;
const LINE = 1500;

/** A message without the middle of very long words, and of a very long line. */
export function shortened(line: string): string {
  const words = line.replace(/\S+/g, (word) => cut(word, WORD));
  return cut(words, LINE);
}

function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = Math.floor(most / 4);
  return `${text.slice(0, most - end)}[... left out, characters: ${text.length - most} ...]${text.slice(-end)}`;
}

/** A line of words on stderr. */
export function say(line: string): void {
  process.stderr.write(`${visible(shortened(line))}\n`);
}

/** Words that the next ones replace, in a terminal; `last`: they stay. */
export function sayOver(text: string, { last }: { readonly last: boolean }): void {
  process.stderr.write(`\r\x1b[K${visible(text)}${last ? '\n' : ''}`);
}

let hasFileToWrite = false;

/** From here on a reader who closes stdout (`| head`) does not end the command: it still has a file to write. */
export function goOnWithoutReader(): void {
  hasFileToWrite = true;
}

/** Whether the command continues when stdout is closed. */
export function goesOnWithoutReader(): boolean {
  return hasFileToWrite;
}

export function printLine(text = ''): void {
  process.stdout.write(`${visible(text)}\n`);
}

export function warn(line: string): void {
  say(`losscope: warning: ${line}`);
}

export interface Progress {
  /** One more done; says what comes next. */
  step(next: string): void;
  stop(): void;
}

/** Progress on stderr: a bar with the time left in a terminal, a line each tenth elsewhere. */
export function progress(label: string, total: number): Progress {
  return process.stderr.isTTY ? bar(label, total) : lines(label, total);
}

function bar(label: string, total: number): Progress {
  const bars = new MultiBar(
    {
      format: `${label} {bar} {value}/{total} · {eta_formatted} left · {next}`,
      stream: process.stderr,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  const single = bars.create(total, 0, { next: '' });
  return {
    step: (next) => single.increment(1, { next: visible(next) }),
    stop: () => bars.stop(),
  };
}

function lines(label: string, total: number): Progress {
  const start = performance.now();
  let done = 0;
  let told = 0;
  return {
    step() {
      done++;
      const tenth = Math.floor((10 * done) / total);
      if (tenth === told) return;
      told = tenth;
      const seconds = (performance.now() - start) / 1000;
      say(`${label}: ${done}/${total}, ${seconds.toFixed(0)} s`);
    },
    stop() {},
  };
}

/** Shows how far a piece of work is that tells it itself. */
export async function withProgress<T>(
  label: string,
  work: (onStep: (done: number, of: number) => void) => Promise<T>,
): Promise<T> {
  let bar: Progress | undefined;
  try {
    return await work((done, of) => {
      bar ??= progress(label, of);
      bar.step(`${done} of ${of}`);
    });
  } finally {
    bar?.stop();
  }
}
