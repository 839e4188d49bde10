# MIDI files that are hard to read as tokens, and the ids that tools/tiny-notes/tokenizer.py gives (it equals the published
# tokenizer): test/golden/note_tokens.json.      pip install mido;  python tools/rotary/midi_cases.py test/golden/note_tokens.json
import base64
import io
import json
import pathlib
import random
import sys
import tempfile

import mido

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / 'tiny-notes'))
import tokenizer  # noqa: E402

TICKS = 480


def note(start, end, pitch, velocity=80, channel=0):
  on = mido.Message('note_on', note=pitch, velocity=velocity, channel=channel)
  return [(start, 2, on), (end, 0, mido.Message('note_off', note=pitch, channel=channel))]


def pedal(tick, value, channel=0):
  return [(tick, 1, mido.Message('control_change', control=64, value=value, channel=channel))]


def program(tick, number, channel=0):
  return [(tick, 1, mido.Message('program_change', program=number, channel=channel))]


def tempo(tick, microseconds):
  return [(tick, 1, mido.MetaMessage('set_tempo', tempo=microseconds))]


def file(*tracks):
  midi = mido.MidiFile(ticks_per_beat=TICKS)
  for events in tracks:
    track, now = mido.MidiTrack(), 0
    for tick, _, message in sorted(sum(events, []), key=lambda event: event[:2]):
      track.append(message.copy(time=tick - now))
      now = tick
    midi.tracks.append(track)
  return midi


def drawn(seed):
  draw = random.Random(seed)
  events, at = [program(0, 0), program(0, 24, 1), program(0, 40, 2)], 0
  for _ in range(150):
    at += draw.choice([0, 0, 7, 60, 119, 240, 251, 1000])
    channel = draw.choice([0, 0, 1, 2, 9])
    events.append(note(at, at + draw.choice([1, 30, 121, 480, 3000, 6000]), draw.randrange(20, 100), draw.randrange(1, 128), channel))
    if draw.random() < 0.1:
      events.append(pedal(at + draw.randrange(200), draw.choice([0, 63, 64, 127]), draw.choice([0, 1])))
    if draw.random() < 0.05:
      events.append(tempo(at, draw.randrange(200_000, 900_000)))
  return file(events)


CASES = {
  'sustain pedal': file([note(0, 240, 60), pedal(100, 127), note(300, 500, 64), pedal(400, 90), pedal(900, 63),
                         note(1000, 1100, 67), pedal(1050, 64), note(1200, 1300, 72)]),
  'a pedal that is never released': file([pedal(0, 127), note(10, 100, 60), note(200, 300, 62), note(400, 900, 64)]),
  'segments of silence': file([note(0, 100, 60), note(4799, 4900, 61), note(4800, 4900, 62), note(20_000, 20_100, 63)]),
  'drums, known and unknown': file([note(0, 50, 36, 100, 9), note(480, 500, 42, 1, 9), note(960, 1000, 20, 90, 9),
                                    note(960, 1000, 60)]),
  'notes over 5 s': file([note(0, 9600, 48), note(100, 4900, 52), note(100, 4901, 55)]),
  'one release ends all of its key': file([note(0, 480, 60), note(240, 720, 60), note(480, 600, 60), note(500, 510, 60)]),
  'instruments, one without a class': file([program(0, 0), note(0, 100, 60)], [program(0, 32, 1), note(50, 150, 40, 90, 1)],
                                           [program(0, 12, 2), note(60, 160, 70, 90, 2)], [program(0, 73, 3), note(0, 90, 80, 5, 3)]),
  'chords in two tracks': file([note(0, 480, 60), note(0, 240, 64), note(0, 300, 67)], [note(0, 100, 48), note(240, 480, 50)]),
  'halfway between two steps': file([tempo(0, 480_000)] + [note(i * 485, i * 485 + 5 + 10 * i, 60 + i, 5 + 10 * i % 125) for i in range(30)]),
  'velocities': file([note(i * 10, i * 10 + 9, 60, max(1, i)) for i in range(128)]),
  'tempo changes': file([tempo(480, 300_000), tempo(960, 700_000)] + [note(i * 100, i * 100 + 90, 60) for i in range(20)]),
  **{f'drawn {seed}': drawn(seed) for seed in range(6)},
}

found = {}
for name, midi in CASES.items():
  stream = io.BytesIO()
  midi.save(file=stream)
  with tempfile.NamedTemporaryFile(suffix='.mid') as at:
    at.write(stream.getvalue())
    at.flush()
    found[name] = {'midi': base64.b64encode(stream.getvalue()).decode(), 'ids': tokenizer.tokenize(at.name)}
pathlib.Path(sys.argv[1]).write_text(json.dumps(found, separators=(',', ':')).replace('},', '},\n') + '\n')
