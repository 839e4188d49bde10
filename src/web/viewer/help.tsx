// What the keys are, and what the words mean.

import type { Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { KEYS } from './keys.js';

const WORDS: readonly (readonly [string, string])[] = [
  [
    'token',
    'A piece of sound 1/50 of a second long, as the model reads it: a few numbers, one from each codebook.',
  ],
  [
    'loss',
    'How little the model expected a token: minus the logarithm of the probability it gave to it. Not the quality of the music.',
  ],
  [
    'nat',
    'The unit of loss. One nat more means a token e = 2.7 times less likely; a blind guess among N codes is ln N nats (6.2 for 512 codes, 7.6 for 2,048).',
  ],
  [
    'choice',
    'The rank of the token that came: its first choice is the one that the model held for likeliest. Point at “Difference by codebook” to read it.',
  ],
  ['Peak', 'A jump of the loss where the disturbance starts.'],
  [
    'Assimilation',
    'The level it settles on inside: below zero, the model finds the disturbance easier than the music.',
  ],
  ['Rebound', 'A second jump, where the music comes back.'],
  ['Recovery', 'How the difference dies away after it.'],
  [
    'chance',
    'How often other music of the clip gives as much under the same rule. 0.05 or more is no evidence.',
  ],
];

export function Help({ open }: { open: Signal<boolean> }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const wanted = open.value;
  useEffect(() => {
    if (wanted && !dialog.current?.open) dialog.current?.showModal();
    if (!wanted) dialog.current?.close();
  }, [wanted]);
  return (
    <dialog ref={dialog} class="help" aria-label="Keys and words" onClose={() => (open.value = false)}>
      <form method="dialog">
        <button type="submit" class="close" aria-label="Close">
          ×
        </button>
      </form>
      <h2>Keys</h2>
      <dl>
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <h2>Words</h2>
      <dl>
        {WORDS.map(([word, what]) => (
          <div key={word}>
            <dt>{word}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
