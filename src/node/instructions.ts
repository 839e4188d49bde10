// The processor's instruction set, as far as onnxruntime chooses its kernels by it: the same graph has other bits with
// AVX-512 than with AVX2 (Softmax sums in another order), and the same bits on all processors of one set.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Sets of x86-64, best first, with the flags of /proc/cpuinfo that each needs. */
const SETS = [
  { name: 'avx512', flags: ['avx512f'] },
  { name: 'avx2', flags: ['avx2', 'fma'] },
  { name: 'avx', flags: ['avx'] },
  { name: 'sse2', flags: ['sse2'] },
] as const;

/** macOS names the same flags otherwise. */
const SYSCTL = {
  avx512f: 'hw.optional.avx512f',
  avx2: 'hw.optional.avx2_0',
  fma: 'hw.optional.fma',
} as const;

let known: string | undefined;

/** The set of this machine: "avx512", "avx2", "neon"; "x64" where the system does not give it. */
export function instructionSet(): string {
  known ??= setOf(process.arch, flagsHere());
  return known;
}

/** The set of a processor with these flags; `undefined` flags are not known. */
export function setOf(architecture: string, flags: ReadonlySet<string> | undefined): string {
  if (architecture === 'arm64') return 'neon';
  if (architecture !== 'x64' || !flags) return architecture;
  return SETS.find((set) => set.flags.every((flag) => flags.has(flag)))?.name ?? architecture;
}

/** Flags of the first processor in the text of /proc/cpuinfo. */
export function flagsOf(cpuinfo: string): ReadonlySet<string> {
  const [, flags = ''] = /^flags\s*:\s*(.*)$/m.exec(cpuinfo) ?? [];
  return new Set(flags.split(' '));
}

function flagsHere(): ReadonlySet<string> | undefined {
  if (process.arch !== 'x64') return undefined;
  try {
    if (process.platform === 'linux') return flagsOf(readFileSync('/proc/cpuinfo', 'utf8'));
    if (process.platform !== 'darwin') return undefined;
    const has = (name: string): boolean =>
      execFileSync('sysctl', ['-n', name], { encoding: 'utf8', stdio: 'pipe' }).trim() === '1';
    const flags = Object.entries(SYSCTL).flatMap(([flag, name]) => (has(name) ? [flag] : []));
    return new Set(['sse2', 'avx', ...flags]);
  } catch {
    // The system does not give it: the set is then only the architecture.
    return undefined;
  }
}
