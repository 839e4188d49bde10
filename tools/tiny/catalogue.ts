// The pieces of the corpus by name: `rock-003` is a looped piece (compose.ts), `song-rock-003` an arranged song
// (arrange.ts). A name is all that it takes to compose a piece again.
import { arrange, SONG_STYLES, type SongStyle } from './arrange.js';
import { compose, type Piece } from './compose.js';
import { STYLES, type StyleName } from './styles.js';

export interface Amounts {
  /** Pieces of every style. */
  readonly loops: number;
  readonly songs: number;
  /** Index of the first; default 0. */
  readonly first?: number;
}

interface Entry {
  readonly name: string;
  readonly make: () => Piece;
}

const numbered = (style: string, index: number): string => `${style}-${String(index).padStart(3, '0')}`;

/** Index by index over all styles, so that work that was stopped has seen every style. */
export const catalogue = ({ loops, songs, first = 0 }: Amounts): Entry[] => {
  const entries: Entry[] = [];
  for (let index = first; index < first + Math.max(loops, songs); index++) {
    for (const style of Object.keys(STYLES) as StyleName[]) {
      if (index - first < loops)
        entries.push({ name: numbered(style, index), make: () => compose(style, index) });
    }
    for (const style of Object.keys(SONG_STYLES) as SongStyle[]) {
      if (index - first < songs)
        entries.push({ name: numbered(`song-${style}`, index), make: () => arrange(style, index) });
    }
  }
  return entries;
};
