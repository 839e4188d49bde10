"""The usual way, for comparison: Hugging Face's own EnCodec and MusicGen decoder on a checkpoint of bench/.

    python bench/peer.py FOLDER [THREADS]

Answers one line of JSON on stdin with one on stdout, so that whoever asks can take turns with it:
asked {"samples": base64 float32, "precision": "fp32" | "bf16"}, it encodes the mono clip, lays the codes out in
MusicGen's delay pattern and scores them in one full pass: {"codes": [K][T], "loss": [K][T] nats, "encode": seconds,
"score": seconds, "cpu": seconds of all threads}. bf16 is of the decoder; the codec stays float32.
"""

import base64
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.torch import load_file
from transformers import EncodecConfig, EncodecModel, MusicgenForCausalLM
from transformers.models.musicgen.configuration_musicgen import MusicgenDecoderConfig

PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16}


def load(folder):
    config = json.loads((folder / "config.json").read_text())
    tensors = load_file(folder / "model.safetensors")
    decoder_config = MusicgenDecoderConfig(**config["decoder"])
    start = config["decoder"]["vocab_size"]
    codec = filled(EncodecModel(EncodecConfig(**config["audio_encoder"])), tensors, "audio_encoder.")
    decoder = filled(MusicgenForCausalLM(decoder_config), tensors, "decoder.")
    return codec, decoder, start


def filled(model, tensors, prefix):
    """The model with the checkpoint's weights; parts that the checkpoint leaves out (cross-attention, which an
    unconditional pass does not run) stay as they are."""
    named = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
    _, unexpected = model.load_state_dict(named, strict=False)
    # A stored table of positions is the one that is computed.
    unexpected = [name for name in unexpected if not name.endswith("embed_positions.weights")]
    if unexpected:
        raise ValueError(f"{type(model).__name__} has no {unexpected[0]} (and {len(unexpected) - 1} more)")
    return model.eval()


def encode(codec, samples):
    """[samples] -> codes [K, T]."""
    return codec.encode(samples[None, None]).audio_codes[0, 0]


def score(decoder, codes, start):
    """Codes [K, T] -> loss [K, T]: codebook k lags k steps behind one column of start tokens."""
    books, frames = codes.shape
    columns = torch.full((books, frames + books - 1), start)
    for k in range(books):
        # The newest code is in no column: nothing is predicted from it.
        end = min(k + 1 + frames, columns.shape[1])
        columns[k, k + 1 : end] = codes[k, : end - k - 1]
    logits = decoder(input_ids=columns, use_cache=False).logits.view(books, columns.shape[1], -1)
    rows = [
        torch.nn.functional.cross_entropy(logits[k, k : k + frames].float(), codes[k], reduction="none")
        for k in range(books)
    ]
    return torch.stack(rows)


def main():
    folder = Path(sys.argv[1])
    if len(sys.argv) > 2:
        torch.set_num_threads(int(sys.argv[2]))
    transformers.logging.set_verbosity_error()
    codec, decoder, start = load(folder)
    decoders = {"fp32": decoder}
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    print(json.dumps({**versions, "threads": torch.get_num_threads()}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        precision = asked["precision"]
        if precision not in decoders:
            _, fresh, _ = load(folder)
            decoders[precision] = fresh.to(PRECISIONS[precision])
        samples = torch.from_numpy(np.frombuffer(base64.b64decode(asked["samples"]), dtype="<f4").copy())
        with torch.inference_mode():
            began, cpu = time.perf_counter(), time.process_time()
            codes = encode(codec, samples)
            encoded = time.perf_counter()
            loss = score(decoders[precision], codes, start)
            scored, cpu = time.perf_counter(), time.process_time() - cpu
        answer = {"encode": encoded - began, "score": scored - encoded, "cpu": cpu}
        print(json.dumps({"codes": codes.tolist(), "loss": loss.tolist(), **answer}), flush=True)


main()
