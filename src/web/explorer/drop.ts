// What users drop on the page: sound files, or the folder of a checkpoint.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ExplorerSession } from './session.js';

const CONFIG = 'config.json';

/** Takes what is dropped anywhere on the page; tells whether something hovers over it. */
export function useDrop(session: ExplorerSession): boolean {
  const over = useSignal(false);
  useEffect(() => {
    const stop = new AbortController();
    const on = (name: 'dragover' | 'dragleave' | 'drop', hear: (event: DragEvent) => void) =>
      document.addEventListener(name, hear, { signal: stop.signal });
    on('dragover', (event) => {
      event.preventDefault();
      over.value = true;
    });
    on('dragleave', (event) => {
      if (event.relatedTarget === null) over.value = false;
    });
    on('drop', (event) => {
      event.preventDefault();
      over.value = false;
      const { items, files } = event.dataTransfer ?? {};
      const folder = [...(items ?? [])]
        .map((item) => item.webkitGetAsEntry())
        .find((entry) => entry?.isDirectory);
      if (folder)
        void filesIn(folder as FileSystemDirectoryEntry).then((inside) => takeFolder(session, inside));
      else void session.add([...(files ?? [])]);
    });
    return () => stop.abort();
  }, [session, over]);
  return over.value;
}

/** A folder with a config.json is a checkpoint; any other one holds sounds. */
export async function takeFolder(session: ExplorerSession, files: readonly File[]): Promise<void> {
  const config = files.find(({ name }) => name === CONFIG);
  if (!config) return session.add(files.filter(({ name }) => /\.(wav|mp3|flac|ogg|oga|opus)$/i.test(name)));
  const folder = config.webkitRelativePath.split('/').at(-2) ?? 'dropped checkpoint';
  await session.openCheckpoint(folder, new Map(files.map((file) => [file.name, file])));
}

/** The files directly in a folder. */
async function filesIn(folder: FileSystemDirectoryEntry): Promise<File[]> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  // A reader gives a part of the entries at a time, and none at the end.
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (part.length === 0) break;
    entries.push(...part);
  }
  const files = entries.filter((entry): entry is FileSystemFileEntry => entry.isFile);
  return Promise.all(
    files.map((entry) => new Promise<File>((resolve, reject) => entry.file(resolve, reject))),
  );
}
