// What a self-contained page may do, as a Content-Security-Policy.

import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

/** Every platform has it; the core's tsconfig knows no platform. */
declare function btoa(binary: string): string;

/**
 * What a page may do: show its own style and pictures, play the sound that it makes, run its one script. Nothing is loaded,
 * from anywhere, whatever got into its text.
 */
export function policyOf(script: string): string {
  const own = script === '' ? "'none'" : `'sha256-${base64(sha256(utf8ToBytes(script)))}'`;
  return [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    'media-src blob: data:',
    `script-src ${own}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
