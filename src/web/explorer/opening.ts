// What is said while a checkpoint that the user gave is opened.

/** How far the opening of a checkpoint is; its weights are read first, then the model is built and tried. */
export function openingWords(name: string, done: number, of: number): string {
  const size = of >= 1e9 ? `${(of / 1e9).toFixed(1)} GB` : `${Math.ceil(of / 1e6)} MB`;
  return done < of
    ? `reading ${name}: ${Math.floor((100 * done) / of)}% of ${size}`
    : `building ${name} (${size}) and trying it on a second of sound: some minutes for a large one`;
}
