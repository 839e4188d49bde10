// What a piece of work costs: seconds on the wall, and CPU seconds of all threads of the process, which say what it
// costs when other programs share the machine.

import os from 'node:os';

export interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

export const NOTHING: Cost = { wall: 0, cpu: 0 };

export async function timed<T>(task: () => Promise<T>): Promise<[Cost, T]> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  const result = await task();
  const { user, system } = process.cpuUsage(before);
  return [{ wall: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 }, result];
}

export function plus(a: Cost, b: Cost): Cost {
  return { wall: a.wall + b.wall, cpu: a.cpu + b.cpu };
}

/** Of several runs of the same work: the one that was disturbed least, by each clock. */
export function least(costs: readonly Cost[]): Cost {
  return { wall: Math.min(...costs.map(({ wall }) => wall)), cpu: Math.min(...costs.map(({ cpu }) => cpu)) };
}

/** What a question found, as lines of the table and as numbers. */
export interface Answer {
  readonly question: string;
  readonly rows: readonly Row[];
  readonly figures: unknown;
}

export interface Row {
  readonly what: string;
  readonly cost?: Cost;
  /** Lines. */
  readonly notes?: readonly string[];
}

/** Lines of one table. */
export function tableOf(answers: readonly Answer[]): string[] {
  const rows = answers.flatMap(({ question, rows }) => [
    [question, '', '', ''],
    ...rows.flatMap(({ what, cost, notes = [] }) => [
      [`  ${what}`, seconds(cost?.wall), seconds(cost?.cpu), notes[0] ?? ''],
      ...notes.slice(1).map((note) => ['', '', '', note]),
    ]),
  ]);
  const all = [['', 'wall s', 'CPU s', ''], ...rows];
  // A question is a heading: it does not widen its column.
  const width = Math.max(...rows.filter(([, wall, , note]) => wall || note).map(([what]) => what.length));
  return all.map(([what, wall, cpu, note]) =>
    `${what.padEnd(width)} ${wall.padStart(8)} ${cpu.padStart(8)}  ${note}`.trimEnd(),
  );
}

function seconds(value: number | undefined): string {
  return value === undefined ? '' : value.toFixed(value < 10 ? 2 : 1);
}

export function machine(): string {
  const [{ model }] = os.cpus();
  const gibi = (os.totalmem() / 2 ** 30).toFixed(0);
  return `${os.availableParallelism()} cores of ${model.trim()}, ${gibi} GiB, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}
