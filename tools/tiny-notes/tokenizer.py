# MIDI files as the token ids of Aria (EleutherAI's model of symbolic music; ids as its published tokenizer gives
# them). A note is three tokens (note, onset, duration), a drum stroke two (drum, onset); <T> opens every further
# segment of 5 s. Prefix tokens stand in the order of the list, where training at EleutherAI shuffles them.
from collections import defaultdict

import mido

BEGIN, END, PAD, UNKNOWN, SEGMENT = 0, 1, 2, 3, 5
# General MIDI has sixteen families of eight programs. Notes of a family that is not here are left out.
FAMILIES = {'piano': 0, 'organ': 2, 'guitar': 3, 'bass': 4, 'strings': 5, 'ensemble': 6, 'brass': 7, 'reed': 8,
            'pipe': 9, 'synth_lead': 10}
CLASSES = {family: index for index, family in enumerate(FAMILIES.values())}
FIRST_PREFIX, DRUM_PREFIX = 6, 16
FIRST_NOTE, VELOCITIES = 39, 13  # note: class, pitch, velocity in steps of 10
FIRST_DRUM, LOWEST_DRUM, HIGHEST_DRUM = 16679, 35, 81
FIRST_DURATION, FIRST_ONSET, VOCABULARY = 16726, 17227, 17727
STEP, SEGMENT_MS = 10, 5000  # ms
DRUMS = 9  # the channel of percussion
KINDS = ('note', 'onset', 'duration', 'segment')


def kind_of(token):
  """Index in KINDS (a drum is a note), or None for prefixes and special tokens."""
  if token == SEGMENT:
    return 3
  if token < FIRST_NOTE:
    return None
  return 0 if token < FIRST_DURATION else 2 if token < FIRST_ONSET else 1


def closest(value, step, most):
  """Which of the steps 0 to `most` is nearest to `value`. Halfway between two it is the one that a bisection of the
  list meets first, as published: no rule of rounding gives the same ids."""
  below, rest = divmod(max(0, value), step)
  if below >= most or 2 * rest != step:
    return min(most, below + (2 * rest > step))
  left, right = 0, most
  while True:
    middle = (left + right) // 2
    if middle in (below, below + 1):
      return middle
    left, right = (middle + 1, right) if middle < below else (left, middle - 1)


class Clock:
  """Milliseconds between two ticks of a file with these (tick, microseconds a quarter), in order."""

  def __init__(self, tempi, ticks):
    self.tempi, self.ticks = tempi or [(0, 500000)], ticks

  def between(self, start, end):
    """Whole milliseconds. Before the first tempo message its tempo holds already. From behind the last of several
    tempi the published tokenizer goes back to that message at the tempo before it, and so does this."""
    total, last = 0.0, len(self.tempi) - 1
    if last > 0 and start > self.tempi[last][0]:
      at, tempo = self.tempi[last]
      back = (at - start) * self.tempi[last - 1][1]
      return round((back + (end - at) * tempo) * 1e-3 / self.ticks)
    for index, (tick, tempo) in enumerate(self.tempi):
      first = start if index == 0 else max(start, tick)
      stop = end if index == last else min(end, self.tempi[index + 1][0])
      if stop > first:
        total += (stop - first) * tempo * 1e-6 / self.ticks
    return round(total * 1e3)


def read(path):
  """(notes, programs, pedals, clock). Notes are (start, end, pitch, velocity, channel), by start."""
  file = mido.MidiFile(path)
  notes, programs, pedals, tempi = [], [], [], []
  for track in file.tracks:
    tick, sounding = 0, defaultdict(list)
    for message in track:
      tick += message.time
      if message.type == 'set_tempo':
        tempi.append((tick, message.tempo))
      elif message.type == 'program_change':
        programs.append((tick, message.channel, message.program))
      elif message.type == 'control_change' and message.control == 64:
        pedals.append((tick, message.channel, message.value >= 64))
      elif message.type in ('note_on', 'note_off'):
        at = (message.note, message.channel)
        if message.type == 'note_on' and message.velocity > 0:
          sounding[at].append((tick, message.velocity))
          continue
        # One release ends all notes of the key, save those that begin on this very tick.
        ended = [note for note in sounding[at] if note[0] != tick]
        notes += [(start, tick, message.note, velocity, message.channel) for start, velocity in ended]
        sounding[at] = [note for note in sounding[at] if note[0] == tick] if ended else []
  by_tick = {'key': lambda item: item[0]}
  clock = Clock(sorted(tempi, **by_tick), file.ticks_per_beat)
  return sorted(notes, **by_tick), sorted(programs, **by_tick), sorted(pedals, **by_tick), clock


def held(pedals, last):
  """{channel: [(down, up) ...]}; a pedal that is never released is released at tick `last`."""
  down, spans = {}, defaultdict(list)
  for tick, channel, pressed in pedals:
    if pressed:
      down.setdefault(channel, tick)
    elif channel in down:
      spans[channel].append((down.pop(channel), tick))
  for channel, tick in down.items():
    spans[channel].append((tick, last))
  return spans


def tokenize(path):
  """Token ids: prefixes, <S>, the notes. No <E>.

  Raises ValueError when no note of a known instrument is left.
  """
  notes, programs, pedals, clock = read(path)
  dropped = {channel for _, channel, program in programs
             if program // 8 not in CLASSES and program > 0 and channel != DRUMS}
  notes = [note for note in notes if note[4] not in dropped]
  if not notes:
    raise ValueError(f'{path}: no note of an instrument that Aria knows')
  classes = {channel: CLASSES[program // 8] for _, channel, program in programs
             if channel != DRUMS and channel not in dropped}
  channels = {note[4] for note in notes}
  for channel in channels - {DRUMS}:
    classes.setdefault(channel, 0)
  spans = held(pedals, notes[-1][1])
  prefix = sorted({FIRST_PREFIX + index for index in classes.values()})
  ids = prefix + ([DRUM_PREFIX] if DRUMS in channels else []) + [BEGIN]
  first, before = notes[0][0], 0
  for start, end, pitch, velocity, channel in notes:
    now = clock.between(first, start)
    ids += [SEGMENT] * (now // SEGMENT_MS - before // SEGMENT_MS)
    before = now
    onset = FIRST_ONSET + closest(now % SEGMENT_MS, STEP, SEGMENT_MS // STEP - 1)
    if channel == DRUMS:
      ids += [drum(pitch), onset]
      continue
    end = next((up for down, up in spans[channel] if down < end < up), end)
    length = max(1, closest(clock.between(start, end), STEP, SEGMENT_MS // STEP))
    level = max(1, closest(velocity, 10, VELOCITIES - 1))
    note = FIRST_NOTE + (classes[channel] * 128 + pitch) * VELOCITIES + level
    ids += [note, onset, FIRST_DURATION + length]
  return ids


def drum(pitch):
  """A drum outside General MIDI's is unknown."""
  return FIRST_DRUM + pitch - LOWEST_DRUM if LOWEST_DRUM <= pitch <= HIGHEST_DRUM else UNKNOWN
