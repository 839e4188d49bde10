"""Makes test/golden/tokenizer: a tokenizer.json with T5's structure, and the ids that Python gives for some prompts.

    pip install sentencepiece tokenizers
    python tools/tokenizer/make.py test/golden/tokenizer

The vocabulary is trained here, on sentences written here; all else is as in the tokenizer.json that MusicGen has from
t5-base: sentencepiece's nmt_nfkc as a precompiled table, pieces by white space and "▁", a Unigram model with <pad>,
</s> and <unk> as 0, 1 and 2, <extra_id_N> at the end, and </s> after every text.
"""

import io
import json
import random
import sys
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

EXTRA_IDS = 4

MOODS = "sad happy calm dark bright epic gentle angry dreamy slow fast warm cold lush sparse".split()
KINDS = "piano guitar violin cello flute drum bass synth organ choir string brass".split()
STYLES = "jazz rock pop techno house folk blues classical ambient disco reggae metal".split()
REST = "with and of the a in at from 80s 90s 120 bpm music song track loop melody rhythm beat, solo. recording".split()

PROMPTS = [
    "sad piano",
    "80s pop track with bassy drums and synth",
    "  two   spaces, tabs\tand\nlines \r\n at the end  ",
    "A gentle, dreamy Folk song: 120 bpm!",
    "unknown \u2605 signs \u2605\u2605 in a row",
    # What nmt_nfkc makes another of: widths, ligatures, fractions, circled and Roman numbers, composition.
    "\uff33\uff21\uff24\u3000\uff50\uff49\uff41\uff4e\uff4f",
    "\ufb01ddle \u00bd time \u2460 \u2163 \u2122",
    "cafe\u0301 caf\u00e9 \u212b \u1e9b\u0323",
    "\u1112\u1161\u11ab \ud55c \uff76\uff9e \u30ac",
    # Spaces and things of no width, controls, soft hyphens, quotes.
    "no\u00a0break en\u2002quad zero\u200bwidth bom\ufeff",
    "bell\u0007 null-like\u0001 del\u007f line\u2028sep para\u2029sep",
    "soft\u00adhyphen \u2018quotes\u2019 \u201cdouble\u201d dash\u2014dash ellipsis\u2026",
    "tilde \uff5e wave \u301c minus \u2212",
    "emoji \U0001f3b9 flag \U0001f1eb\U0001f1f7",
    # The characters on which test/models/tokenizer.test.ts knows the tokenizers of losscope and of Python to differ.
    "next\u0085line",
    "family \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "marks a\u0344",
    # Tokens by their names in the text.
    "piano <extra_id_0> drum",
    "the end</s> or not",
    "<pad><unk>",
    "under_score \u2581 lower one eighth block",
    # Nothing that the vocabulary lacks, but long.
    " ".join(["slow", "warm", "organ", "loop"] * 12),
]


def sentences():
    rng = random.Random(20260101)
    for _ in range(4000):
        words = [rng.choice(MOODS), rng.choice(KINDS), rng.choice(STYLES)]
        words += [rng.choice(REST) for _ in range(rng.randrange(6))]
        rng.shuffle(words)
        yield " ".join(words)


def trained():
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=sentences(),
        model_writer=model,
        model_type="unigram",
        vocab_size=130,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        normalization_rule_name="nmt_nfkc",
        num_threads=1,
        minloglevel=2,
    )
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model.getvalue())
    return proto


def tokenizer_of(proto):
    pieces = [(piece.piece, piece.score) for piece in proto.pieces]
    pieces += [(f"<extra_id_{n}>", 0.0) for n in reversed(range(EXTRA_IDS))]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=2, byte_fallback=False))
    tokenizer.normalizer = normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    special = ["<pad>", "</s>", "<unk>"] + [f"<extra_id_{n}>" for n in reversed(range(EXTRA_IDS))]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    return tokenizer


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = tokenizer_of(trained())
    stored = json.loads(tokenizer.to_str())
    (folder / "tokenizer.json").write_text(json.dumps(stored, ensure_ascii=False) + "\n", encoding="utf-8")
    expected = [{"prompt": prompt, "ids": tokenizer.encode(prompt).ids} for prompt in PROMPTS]
    lines = ",\n".join("  " + json.dumps(row) for row in expected)
    (folder / "expected.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
