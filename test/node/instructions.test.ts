// The instruction set of a processor, from the flags that Linux lists.

import { expect, test } from 'vitest';
import { flagsOf, instructionSet, setOf } from '../../src/node/instructions.js';

const cpuinfo = (flags: string): string =>
  `processor\t: 0\nmodel name\t: Some CPU\nflags\t\t: ${flags}\nbugs\t\t: none\n`;

test.each([
  ['x64', 'fpu sse2 avx fma avx2 avx512f avx512bw', 'avx512'],
  ['x64', 'fpu sse2 avx fma avx2', 'avx2'],
  ['x64', 'fpu sse2 avx avx2', 'avx'],
  ['x64', 'fpu sse2', 'sse2'],
  ['x64', 'fpu', 'x64'],
  ['arm64', 'fp asimd', 'neon'],
  ['riscv64', '', 'riscv64'],
])('%s with %s is %s', (architecture, flags, set) => {
  expect(setOf(architecture, flagsOf(cpuinfo(flags)))).toBe(set);
});

test('of a system that does not tell is its architecture; of this machine it is always the same', () => {
  expect(setOf('x64', undefined)).toBe('x64');
  expect(instructionSet()).toBe(instructionSet());
});
