// A file that Git LFS has not fetched: a clone without it holds a text of three lines in its place.

const SPEC = 'version https://git-lfs.github.com/spec/';

/** Throws one line when a file begins as a pointer of Git LFS does; `what` names the file. */
export function refuseLfsPointer(start: Uint8Array, what: string): void {
  for (let i = 0; i < SPEC.length; i++) if (start[i] !== SPEC.charCodeAt(i)) return;
  throw new Error(`${what}: is a Git LFS pointer, not the file itself: run git lfs pull in its folder`);
}
