# Reads and writes safetensors files (sorted names, data aligned to 8 bytes) and 16-bit mono WAV. Needs only
# numpy.
import json
import os
import wave

import numpy as np

DTYPES = {'F64': np.float64, 'F32': np.float32, 'F16': np.float16,
          'I64': np.int64, 'I32': np.int32, 'U8': np.uint8}
NAMES = {np.dtype(dtype): name for name, dtype in DTYPES.items()}


def read_safetensors(path):
  """{name: array}; every array owns its memory."""
  with open(path, 'rb') as file:
    size = int.from_bytes(file.read(8), 'little')
    header = json.loads(file.read(size))
    data = file.read()
  header.pop('__metadata__', None)
  tensors = {}
  for name, entry in header.items():
    start, end = entry['data_offsets']
    tensors[name] = np.frombuffer(data[start:end], DTYPES[entry['dtype']]).reshape(entry['shape']).copy()
  return tensors


def write_safetensors(path, tensors, metadata=None):
  """Writes to a temporary name and renames. Widest types first, then by name: every tensor is aligned."""
  names = sorted(tensors, key=lambda name: (-tensors[name].dtype.itemsize, name))
  header, offset = {'__metadata__': dict({'format': 'pt'}, **(metadata or {}))}, 0
  for name in names:
    array = tensors[name]
    header[name] = {'dtype': NAMES[array.dtype], 'shape': list(array.shape),
                    'data_offsets': [offset, offset + array.nbytes]}
    offset += array.nbytes
  text = json.dumps(header, separators=(',', ':')).encode()
  text += b' ' * (-len(text) % 8)
  with open(path + '.part', 'wb') as file:
    file.write(len(text).to_bytes(8, 'little') + text)
    for name in names:
      file.write(np.ascontiguousarray(tensors[name]).tobytes())
  os.replace(path + '.part', path)


def write_json(path, value):
  with open(path + '.part', 'w') as file:
    json.dump(value, file, indent=2, sort_keys=True)
    file.write('\n')
  os.replace(path + '.part', path)


def read_wav(path):
  """int16 samples of a mono 16-bit WAV; 1.0 is 32768."""
  with wave.open(path) as file:
    assert (file.getnchannels(), file.getsampwidth()) == (1, 2), f'{path}: expected 16-bit mono'
    return np.frombuffer(file.readframes(file.getnframes()), '<i2')


def write_wav(path, signal, rate=32000):
  with wave.open(path, 'wb') as file:
    file.setnchannels(1)
    file.setsampwidth(2)
    file.setframerate(rate)
    file.writeframes(np.clip(np.round(signal * 32768), -32768, 32767).astype('<i2').tobytes())
