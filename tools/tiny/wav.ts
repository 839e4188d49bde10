// Mono 16-bit PCM WAV, the only audio file the recipe of `tiny` writes. Scale: 1.0 is 32768, clipped.

export const encodeWav = (signal: Float32Array, sampleRate: number): Uint8Array => {
  const bytes = new Uint8Array(44 + 2 * signal.length);
  const view = new DataView(bytes.buffer);
  const text = (offset: number, value: string): void => {
    for (let i = 0; i < value.length; i++) view.setUint8(offset + i, value.charCodeAt(i));
  };
  text(0, 'RIFF');
  view.setUint32(4, 36 + 2 * signal.length, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 2 * sampleRate, true); // bytes a second
  view.setUint16(32, 2, true); // bytes a frame
  view.setUint16(34, 16, true); // bits
  text(36, 'data');
  view.setUint32(40, 2 * signal.length, true);
  for (let i = 0; i < signal.length; i++) {
    view.setInt16(44 + 2 * i, Math.max(-32768, Math.min(32767, Math.round((signal[i] ?? 0) * 32768))), true);
  }
  return bytes;
};
