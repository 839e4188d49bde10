// The viewer: what plays and how it is seen, over the lanes. One for every page.

import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { Help } from './help.js';
import { whenIdle } from './idle.js';
import { keyAction } from './keys.js';
import { LanesView } from './lanes_view.js';
import type { Player } from './player.js';
import { SaveMenu } from './save_menu.js';
import { type Scene, type Side, secondsOf, tokenSeconds } from './scene.js';
import type { Actions, Stage } from './stage.js';
import type { TimeView } from './time_view.js';

interface Props {
  readonly scene: Scene;
  readonly stage: Stage;
  /** It stands beside another viewer, which hears the page's keys. */
  readonly besides?: boolean;
  /** The page as one HTML file, where it can be made. */
  readonly saveHtml?: () => Promise<Blob>;
}

export function Viewer({ scene, stage, saveHtml, besides = false }: Props) {
  const { time, player } = stage;
  const help = useSignal(false);
  useScene(scene, stage);
  const actions = useMemo(() => actionsOf(stage, () => (help.value = !help.value)), [stage, help]);
  const { disturbed } = scene.sound ?? {};
  useEffect(() => {
    if (besides) return;
    const hear = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      // A field or a button has its own keys.
      if (target.closest('input, select, textarea, dialog, .lanes')) return;
      if (event.key === ' ' && target.closest('button, a, summary, [role=tab], [role=radio]')) return;
      if (
        event.key === 'Tab' ||
        (event.key.startsWith('Arrow') && target.closest('[role=tablist], [role=radiogroup]'))
      )
        return;
      keyAction(event, actions);
    };
    document.addEventListener('keydown', hear);
    return () => document.removeEventListener('keydown', hear);
  }, [actions, besides]);
  return (
    <div class="viewer">
      <div class="transport" role="toolbar" aria-label="Player">
        <button
          type="button"
          class="play"
          disabled={!scene.sound}
          aria-label={player.playing.value ? 'Pause' : 'Play'}
          title={`${player.playing.value ? 'Pause' : 'Play'} (Space)`}
          onClick={actions.playPause}
        >
          {player.playing.value ? <PauseSign /> : <PlaySign />}
          <span aria-hidden="true">{player.playing.value ? 'Pause' : 'Play'}</span>
        </button>
        {disturbed && <Sides player={player} />}
        <span class="clock" aria-hidden="true">
          <Clock time={time} />
        </span>
        <span class="tools">
          <Tool
            label="Loop"
            keys="L"
            title="Play the marked stretch round and round"
            onClick={actions.loop}
            pressed={time.brushed.value !== undefined}
          />
          <Tool label="−" name="Zoom out" keys="−" title="See more" onClick={actions.zoomOut} />
          <Tool label="+" name="Zoom in" keys="+" title="See closer" onClick={actions.zoomIn} />
          <Tool
            label="All"
            name="All of the clip"
            keys="0"
            title="See the whole clip"
            onClick={actions.whole}
          />
          <SaveMenu scene={scene} stage={stage} {...(saveHtml ? { saveHtml } : {})} />
          <Tool
            label="?"
            name="Keys and words"
            keys="?"
            title="What the keys and words are"
            onClick={actions.help}
          />
        </span>
      </div>
      <LanesView
        scene={scene}
        time={time}
        player={player}
        onKey={(event) => keyAction(event, actions, { inLanes: true })}
      />
      <Help open={help} />
    </div>
  );
}

/** Gives stage and sound to a new scene; another version of the same clip keeps its place. */
function useScene(scene: Scene, { time, player }: Stage): void {
  useEffect(() => {
    const same = time.seconds === secondsOf(scene) && known.get(time) === scene.name;
    if (!same) time.reset(secondsOf(scene), tokenSeconds(scene));
    known.set(time, scene.name);
    player.load(scene.sound, { keep: same });
    return whenIdle(() => player.prepare());
  }, [scene, time, player]);
  // What is no longer shown is no longer heard.
  useEffect(() => () => player.pause(), [player]);
}
const known = new WeakMap<TimeView, string>();

function actionsOf({ time, player }: Stage, help: () => void): Actions {
  const go = (seconds: number): void => {
    player.seek(Math.max(0, Math.min(time.seconds, seconds)));
    time.cursor.value = player.place();
    time.follow(time.cursor.value);
  };
  return {
    playPause: () => (player.playing.value ? player.pause() : player.play(time.brushed.value)),
    otherSide: () => player.hear(player.side.value === 'clean' ? 'disturbed' : 'clean'),
    loop() {
      if (time.brushed.value) {
        time.brushed.value = undefined;
        player.loop(undefined);
        return;
      }
      const { lo, hi } = time.seen.value;
      time.brush(lo, hi);
      player.loop(time.brushed.value);
    },
    zoomIn: () => time.zoom(1 / 1.6, time.hovered.value ?? time.cursor.value),
    zoomOut: () => time.zoom(1.6, time.hovered.value ?? time.cursor.value),
    whole: () => time.showAll(),
    toMarked: () => time.brushed.value && time.show(time.brushed.value),
    move: (tokens) => go((Math.round(player.place() / time.token) + tokens) * time.token),
    moveTo: (share) => go(share * time.seconds),
    help,
  };
}

function Sides({ player }: { player: Player }) {
  const choices: readonly (readonly [Side, string])[] = [
    ['clean', 'Clean'],
    ['disturbed', 'Disturbed'],
  ];
  return (
    <div class="sides" role="radiogroup" aria-label="Which version you hear (D)">
      {choices.map(([side, label]) => (
        // biome-ignore lint/a11y/useSemanticElements: a native radio cannot look like this in all browsers
        <button
          type="button"
          role="radio"
          key={side}
          class={side}
          aria-checked={player.side.value === side}
          title={`Hear the ${side} version (D, or Tab on the curves)`}
          onClick={() => player.hear(side)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

function Tool(props: {
  label: string;
  name?: string;
  keys: string;
  title: string;
  pressed?: boolean;
  onClick: () => void;
}) {
  const { label, name = label, keys, title, pressed, onClick } = props;
  return (
    <button
      type="button"
      aria-label={name}
      aria-pressed={pressed}
      title={`${title} (${keys})`}
      onClick={onClick}
    >
      {label}
    </button>
  );
}

/** Ten new texts a second at most, though the cursor moves with every frame. */
function Clock({ time }: { time: TimeView }) {
  const text = useComputed(() => `${time.cursor.value.toFixed(1)} / ${time.seconds.toFixed(1)} s`);
  return <>{text}</>;
}

function PlaySign() {
  return (
    <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
      <path d="M7 4.5v15l13-7.5z" fill="currentColor" />
    </svg>
  );
}

function PauseSign() {
  return (
    <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
      <path d="M6 4.5h4v15H6zM14 4.5h4v15h-4z" fill="currentColor" />
    </svg>
  );
}
