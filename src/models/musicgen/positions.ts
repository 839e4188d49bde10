// MusicGen's sinusoidal positions, [cos | sin], in float32 arithmetic step by step as Hugging Face computes them
// (MusicgenSinusoidalPositionalEmbedding.get_embedding) with PyTorch on a CPU: position 1500 times a frequency
// that is one rounding off is an angle 1e-4 off, more than all other rounding in the decoder together.

const { fround } = Math;

/** Rows [columns, size] of positions 0.. */
export function sinusoids(columns: number, size: number): Float32Array {
  const half = Math.floor(size / 2);
  const step = fround(-(Math.log(10_000) / (half - 1)));
  const frequencies = Float32Array.from({ length: half }, (_, i) => expf(fround(i * step)));
  const rows = new Float32Array(columns * size); // an odd size leaves its last entry 0
  for (let position = 0; position < columns; position++) {
    for (let i = 0; i < half; i++) {
      const angle = fround(position * frequencies[i]);
      rows[position * size + i] = Math.cos(angle);
      rows[position * size + half + i] = Math.sin(angle);
    }
  }
  return rows;
}

/** Positions for runs of so many columns, computed when first needed: a table in the file is left, as Hugging Face does. */
export function positionsOf(hidden: number): (columns: number) => Float32Array {
  let computed: Float32Array = new Float32Array(0);
  return (columns) => {
    if (computed.length < columns * hidden) computed = sinusoids(columns, hidden);
    return computed;
  };
}

/** ln 2 in two parts, the first short enough that its product with a small integer is exact. */
const LN2_HIGH = 0.693145751953125;
const LN2_LOW = fround(1.428606765330187e-6);
const POLYNOMIAL = [0.00019852761, 0.0013930436, 0.0083333608, 0.041666485, 0.16666667, 0.5].map(fround);

/**
 * exp of a float32 as PyTorch's CPU kernels have it: SLEEF's expf_u10 (Shibata and Petrogalli, IEEE TPDS 31(6),
 * 2020), within 1 ulp but not always the nearest float32, so Math.exp differs in 2 of 32 frequencies of
 * a 64-wide model. x = q ln 2 + s, exp x = 2^q (1 + s + s^2 P(s)). For -80 < x <= 0.
 */
function expf(x: number): number {
  const q = Math.round(fround(x * fround(Math.LOG2E)));
  const s = fma(q, -LN2_LOW, fma(q, -LN2_HIGH, x));
  const p = POLYNOMIAL.reduce((sum, coefficient) => fma(sum, s, coefficient));
  return fround(1 + fma(fround(s * s), p, s)) * 2 ** q;
}

/** a b + c, rounded once (a b is exact in float64). */
function fma(a: number, b: number, c: number): number {
  return fround(a * b + c);
}
