// Colours of what is drawn on canvas: the page's own custom properties, so that light and dark are said once, in CSS.

import { signal } from '@preact/signals';

export interface Theme {
  readonly ink: string;
  readonly quiet: string;
  readonly line: string;
  readonly paper: string;
  readonly clean: string;
  readonly disturbed: string;
  readonly delta: string;
  readonly window: string;
  readonly peak: string;
  readonly assimilation: string;
  readonly rebound: string;
  readonly recovery: string;
  readonly entropy: string;
  readonly dark: boolean;
}

const NAMES = [
  'ink',
  'quiet',
  'line',
  'paper',
  'clean',
  'disturbed',
  'delta',
  'window',
  'peak',
  'assimilation',
  'rebound',
  'recovery',
  'entropy',
] as const;

function read(): Theme {
  const style = getComputedStyle(document.documentElement);
  const colours = NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]);
  return { ...Object.fromEntries(colours), dark: style.getPropertyValue('--dark').trim() === '1' } as Theme;
}

/** The theme now; it follows the system. */
export const theme = signal<Theme | undefined>(undefined);

export function watchTheme(): void {
  theme.value = read();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    theme.value = read();
  });
}

/** The colour of a region of the difference. */
export function regionColour(colours: Theme, name: string): string {
  if (name === 'peak' || name === 'assimilation' || name === 'rebound' || name === 'recovery') {
    return colours[name];
  }
  return colours.quiet;
}
