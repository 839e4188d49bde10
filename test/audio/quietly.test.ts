// Decoders of others write to the console; nobody hears of it, and everybody else is heard again.

import { expect, test, vi } from 'vitest';
import { quietly } from '../../src/audio/quietly.js';

test('what is written during the work goes nowhere, and afterwards as before, also after an error', () => {
  const spies = (['log', 'warn', 'error'] as const).map((how) =>
    vi.spyOn(console, how).mockImplementation(() => {}),
  );
  const write = () => {
    const out = globalThis.console;
    out.log('raw');
    out.warn('raw');
    out.error('raw');
    return 7;
  };
  expect(quietly(write)).toBe(7);
  for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  expect(() =>
    quietly(() => {
      throw new Error('as it is');
    }),
  ).toThrow('as it is');
  write();
  for (const spy of spies) expect(spy).toHaveBeenCalledTimes(1);
});
