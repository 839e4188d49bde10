// The store as commands use it. DuckDB is loaded with the first of these calls: a quarter of a second that commands
// without a store need not wait.

import type { checkStore as Check } from './check.js';
import type { exportFile as ExportFile, streamText as StreamText } from './export.js';
import type { finishStore as Finish } from './finish.js';
import type { mergeStores as Merge } from './merge.js';
import type { processesAt as At, storeStatus as Status, storedTwice as Twice } from './status.js';
import type { isStore as IsStore, openStore as Open } from './store.js';

export type { StoreCheck } from './check.js';
export type { StoreStatus } from './status.js';

export const openStore: typeof Open = async (...given) => (await import('./store.js')).openStore(...given);
export const isStore: typeof IsStore = async (...given) => (await import('./store.js')).isStore(...given);
export const checkStore: typeof Check = async (...given) => (await import('./check.js')).checkStore(...given);
export const mergeStores: typeof Merge = async (...given) =>
  (await import('./merge.js')).mergeStores(...given);
export const exportFile: typeof ExportFile = async (...given) =>
  (await import('./export.js')).exportFile(...given);
export const streamText: typeof StreamText = async (...given) =>
  (await import('./export.js')).streamText(...given);
export const finishStore: typeof Finish = async (...given) =>
  (await import('./finish.js')).finishStore(...given);
export const processesAt: typeof At = async (...given) => (await import('./status.js')).processesAt(...given);
export const storedTwice: typeof Twice = async (...given) =>
  (await import('./status.js')).storedTwice(...given);
export const storeStatus: typeof Status = async (...given) =>
  (await import('./status.js')).storeStatus(...given);
