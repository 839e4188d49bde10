// The sound in these files: a rising tone, a steady tone that differs by channel, both faded in and out.

/** Samples in [-0.7, 0.7] at full precision. */
export function signal(sampleRate: number, samples: number, channels: number): Float64Array[] {
  return Array.from({ length: channels }, (_, c) =>
    Float64Array.from({ length: samples }, (_, i) => {
      const t = i / sampleRate;
      const fade = Math.sin((Math.PI * (i + 0.5)) / samples) ** 0.5;
      const rising = 0.4 * Math.sin(2 * Math.PI * (200 * t + 1500 * t * t));
      return fade * (rising + 0.3 * Math.sin(2 * Math.PI * (440 + 220 * c) * t + c));
    }),
  );
}

/** The nearest integers at a bit depth. */
export function quantised(channel: Float64Array, bits: number): Int32Array {
  return Int32Array.from(channel, (v) => Math.round(v * 2 ** (bits - 1)));
}

/** How a file was made: coder arguments of ffmpeg, and what its reader must give. */
export interface Golden {
  readonly file: string;
  readonly sampleRate: number;
  readonly channels: number;
  readonly samples: number;
  /** Integer bit depth of the sound that was encoded; 64 for floats. */
  readonly bits: 8 | 16 | 24 | 32 | 64;
  readonly ffmpeg: string;
}

const wav = (file: string, rate: number, channels: number, bits: Golden['bits'], ffmpeg: string): Golden => ({
  file,
  sampleRate: rate,
  channels,
  samples: Math.floor(rate / 10) + 1,
  bits,
  ffmpeg,
});
const lossy = (file: string, rate: number, channels: number, ffmpeg: string): Golden => ({
  file,
  sampleRate: rate,
  channels,
  samples: rate / 2 + 123,
  bits: 16,
  ffmpeg: `${ffmpeg} -fflags +bitexact -flags:a +bitexact`,
});

export const WAVS: readonly Golden[] = [
  wav('u8-44100-2.wav', 44100, 2, 8, '-c:a pcm_u8'),
  wav('s16-48000-2.wav', 48000, 2, 16, '-c:a pcm_s16le -metadata title=odd'),
  wav('s24-44100-1-extensible.wav', 44100, 1, 24, '-c:a pcm_s24le'),
  wav('s32-32000-1.wav', 32000, 1, 32, '-c:a pcm_s32le'),
  wav('f32-32000-1.wav', 32000, 1, 64, '-c:a pcm_f32le'),
  wav('f64-32000-1.wav', 32000, 1, 64, '-c:a pcm_f64le'),
  wav('s16-32000-1-rf64.wav', 32000, 1, 16, '-c:a pcm_s16le -rf64 always'),
  wav('s16-32000-1-streamed.wav', 32000, 1, 16, '-c:a pcm_s16le'),
];
export const FLACS: readonly Golden[] = [
  wav('s8-44100-2.flac', 44100, 2, 8, ''),
  wav('s16-44100-2.flac', 44100, 2, 16, ''),
  wav('s16-32000-1.flac', 32000, 1, 16, ''),
  wav('s24-48000-1.flac', 48000, 1, 24, ''),
];
export const LOSSY: readonly Golden[] = [
  lossy('44100-2.mp3', 44100, 2, '-c:a libmp3lame -b:a 160k'),
  lossy('32000-1.mp3', 32000, 1, '-c:a libmp3lame -b:a 96k'),
  lossy('48000-1-untagged.mp3', 48000, 1, '-c:a libmp3lame -b:a 96k -write_xing 0 -id3v2_version 0'),
  lossy('44100-2.ogg', 44100, 2, '-c:a libvorbis -q:a 6 -page_duration 100000'),
  lossy('32000-1.ogg', 32000, 1, '-c:a libvorbis -q:a 6 -page_duration 100000'),
  lossy('48000-2.opus', 48000, 2, '-c:a libopus -b:a 160k -page_duration 100000'),
  lossy('48000-1.opus', 48000, 1, '-c:a libopus -b:a 96k -page_duration 100000'),
];
