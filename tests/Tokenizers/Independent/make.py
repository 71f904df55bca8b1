#!/usr/bin/env python3
"""Makes the small tokenizers of this folder and expected.json: what independent programs encode a mixed text to.

Needs Debian's python3-sentencepiece and, from npm, @anush008/tokenizers (HuggingFace's own Rust library):
    npm install --prefix DIR @anush008/tokenizers
    NODE_PATH=DIR/node_modules python3 tests/Tokenizers/Independent/make.py [SHARED]
SHARED is the folder of development data; without it, what expected.json says of the real tokenizers stays.
"""
import hashlib
import io
import json
import random
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

import sentencepiece

HERE = Path(__file__).resolve().parent
SMALL = HERE / "small-bytes"  # a byte-level BPE of 3,072 tokens: that of the first embedded model
RECIPE = json.loads((HERE / "mixed_text.json").read_text())
SPACE = "\u2581"


def numbers(seed):
    """Knuth's MMIX generator, as MixedText.cs has it."""
    state = seed
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield state >> 33


def mixed_text(special):
    draw = numbers(RECIPE["seed"])
    fragments = RECIPE["fragments"] + (RECIPE["special"] if special else [])
    for _ in range(RECIPE["chunks"]):
        text = []
        for _ in range(RECIPE["parts"]):
            kind = next(draw) % 8
            if kind < 2:
                first, last = RECIPE["ranges"][next(draw) % len(RECIPE["ranges"])]
                text.append(chr(first + next(draw) % (last - first + 1)))
            else:
                fragment = fragments[next(draw) % len(fragments)]
                text.append(fragment * (1 + next(draw) % 4 if kind == 7 else 1))
        yield "".join(text)


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def summary(encoded):
    return {"tokens": sum(map(len, encoded)), "chunks": [digest(" ".join(map(str, ids))) for ids in encoded]}


def train(name, **options):
    """A SentencePiece model on the prompts and the fragments; the iterator keeps paths out of the file."""
    prompts = [json.loads(line)["text"] for line in (HERE.parents[2] / "data" / "prompts.jsonl").read_text().splitlines()]
    shuffled = random.Random(1)
    mixed = ["".join(shuffled.choices(RECIPE["fragments"], k=12)).replace("\0", "") for _ in range(2000)]
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(prompts + mixed), model_writer=model, model_type="bpe",
        normalization_rule_name="identity", minloglevel=2, num_threads=1, **options)
    (HERE / name).mkdir(exist_ok=True)
    (HERE / name / "tokenizer.model").write_bytes(model.getvalue())


def with_sentencepiece(path):
    model = sentencepiece.SentencePieceProcessor(model_file=str(path))
    return summary([model.encode(chunk) for chunk in mixed_text(special=False)])


def as_tokenizer_json(path, steps):
    """transformers' conversion of a LLaMA model: every pair of pieces that makes a piece, by score."""
    model = sentencepiece.SentencePieceProcessor(model_file=str(path))
    vocab = {model.id_to_piece(i): i for i in range(model.get_piece_size())}
    merges = []
    for piece, i in vocab.items():
        splits = [(piece[:cut], piece[cut:]) for cut in range(1, len(piece))]
        known = [pair for pair in splits if pair[0] in vocab and pair[1] in vocab]
        merges += [(-model.get_score(i), *pair) for pair in sorted(known, key=lambda p: (vocab[p[0]], vocab[p[1]]))]
    merges.sort(key=lambda merge: merge[0])
    added = [special_token(i, model.id_to_piece(i)) for i in range(3)]
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, **steps,
        "model": {"type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None,
                  "end_of_word_suffix": None, "fuse_unk": True, "byte_fallback": True, "vocab": vocab,
                  "merges": [f"{left} {right}" for _, left, right in merges]},
    }


def special_token(i, content, normalized=False, special=True):
    return {"id": i, "content": content, "single_word": False, "lstrip": False, "rstrip": False,
            "normalized": normalized, "special": special}


DECODER = {"type": "Sequence", "decoders": [
    {"type": "Replace", "pattern": {"String": SPACE}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
    {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}
BOS = {"type": "TemplateProcessing",
       "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
       "pair": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": "<s>", "type_id": 1}}, {"Sequence": {"id": "B", "type_id": 1}}],
       "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}}
LEGACY = {
    "normalizer": {"type": "Sequence", "normalizers": [
        {"type": "Prepend", "prepend": SPACE}, {"type": "Replace", "pattern": {"String": " "}, "content": SPACE}]},
    "pre_tokenizer": None, "post_processor": BOS, "decoder": DECODER}
METASPACE = {
    "normalizer": None,
    "pre_tokenizer": {"type": "Metaspace", "replacement": SPACE, "prepend_scheme": "first", "split": False},
    "post_processor": BOS, "decoder": DECODER}
GEMMA = {
    "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": SPACE},
    "pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False},
    "post_processor": BOS, "decoder": {"type": "Sequence", "decoders": DECODER["decoders"][:3]}}
BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}


def byte_level(vocab, merges, added, normalizer):
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": normalizer,
        "pre_tokenizer": BYTE_LEVEL, "post_processor": BYTE_LEVEL, "decoder": BYTE_LEVEL,
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                  "end_of_word_suffix": None, "fuse_unk": False, "vocab": vocab, "merges": merges}}


def gemma_like(legacy):
    """LLaMA's vocabulary with Gemma's steps: no space in front, runs of newlines and spaces as added tokens."""
    added = [special_token(legacy["model"]["vocab"][text], text, special=False) for text in ("\n\n", SPACE * 2)]
    return legacy | GEMMA | {"added_tokens": legacy["added_tokens"] + added}


def merges_of(path):
    return [line for line in path.read_text().splitlines() if not line.startswith("#version")]


def neox_like():
    """The embedded model's vocabulary with the added tokens and the normaliser of GPT-NeoX."""
    vocab = json.loads((SMALL / "vocab.json").read_text())
    end = vocab["<|endoftext|>"]
    texts = [" " * count for count in range(24, 1, -1)] + ["<mark>", "cafe\u0301"]
    added = [special_token(end, "<|endoftext|>"), special_token(len(vocab), "<|padding|>")]
    added += [special_token(len(vocab) + 1 + i, text, True, False) for i, text in enumerate(texts)]
    return byte_level(vocab, merges_of(SMALL / "merges.txt"), added, {"type": "NFC"})


CONTRACTIONS, SPLIT_REST = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|", r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def split_like(digits):
    return {"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": CONTRACTIONS + digits + SPLIT_REST}, "behavior": "Isolated", "invert": False},
        BYTE_LEVEL | {"use_regex": False}]}


def llama3_like():
    """The embedded model's vocabulary with LLaMA 3's pattern, its BOS, and tokens that no merge makes."""
    vocab = json.loads((SMALL / "vocab.json").read_text())
    for word in ["\u0120residual", "198", "camelCase", "\u0120consectetur", "\u010a\u010a\u010a"]:
        assert word not in vocab, word
        vocab[word] = len(vocab)
    added = [special_token(vocab["<|endoftext|>"], "<|endoftext|>")]
    added += [special_token(len(vocab) + i, text) for i, text in enumerate(["<|begin_of_text|>", "<|eot_id|>"])]
    file = byte_level(vocab, merges_of(SMALL / "merges.txt"), added, None)
    bos = {"type": "TemplateProcessing", **{name: json.loads(json.dumps(BOS[name]).replace("<s>", "<|begin_of_text|>"))
                                            for name in ("single", "pair")},
           "special_tokens": {"<|begin_of_text|>": {"id": "<|begin_of_text|>", "ids": [added[1]["id"]], "tokens": ["<|begin_of_text|>"]}}}
    return file | {
        "pre_tokenizer": split_like(r"\p{N}{1,3}"),
        "post_processor": {"type": "Sequence", "processors": [BYTE_LEVEL, bos]},
        "model": file["model"] | {"ignore_merges": True}}


def qwen_like():
    """The same vocabulary with Qwen's pattern and NFC, and no BOS."""
    vocab = json.loads((SMALL / "vocab.json").read_text())
    added = [special_token(vocab["<|endoftext|>"], "<|endoftext|>"), special_token(len(vocab), "<|im_start|>")]
    file = byte_level(vocab, merges_of(SMALL / "merges.txt"), added, {"type": "NFC"})
    return file | {"pre_tokenizer": split_like(r"\p{N}"), "model": file["model"] | {"ignore_merges": False}}


def without_vocabulary(file):
    return {key: value for key, value in file.items() if key != "model"} | {"model": {
        key: value for key, value in file["model"].items() if key not in ("merges", "vocab")}}


def with_huggingface(tokenizers):
    """Name -> tokenizer.json to name -> summary, by HuggingFace's own library."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "text.json").write_text(json.dumps(list(mixed_text(special=True))))
        found = {}
        for name, tokenizer in tokenizers.items():
            Path(folder, "tokenizer.json").write_text(json.dumps(tokenizer))
            script = str(HERE / "huggingface.cjs")
            found[name] = summary(json.loads(subprocess.check_output(["node", script, folder])))
        return found


def nfc_digest():
    """Each code point alone, then sequences of the kinds that compose."""
    sums = hashlib.sha256()
    for code in range(0x110000):
        if not 0xD800 <= code < 0xE000:
            sums.update(unicodedata.normalize("NFC", chr(code)).encode())
    ranges = [[0x41, 0x17F], [0x300, 0x36F], [0x300, 0x36F], [0x370, 0x3FF], [0x5B0, 0x5EA], [0x93C, 0x9FF],
              [0xF71, 0xF84], [0x1100, 0x11FF], [0x1E00, 0x1FFF], [0x3040, 0x30FF], [0xAC00, 0xD7A3], [0xF900, 0xFAFF],
              [0x1D15E, 0x1D1C0]]
    draw = numbers(7)
    for _ in range(100_000):
        text = ""
        for _ in range(6):
            first, last = ranges[next(draw) % len(ranges)]
            text += chr(first + next(draw) % (last - first + 1))
        sums.update(unicodedata.normalize("NFC", text).encode())
    return sums.hexdigest()


def small():
    train("small-llama", vocab_size=900, byte_fallback=True, remove_extra_whitespaces=False,
          allow_whitespace_only_pieces=True, character_coverage=0.98)
    train("small-plain", vocab_size=500, character_coverage=0.98)
    train("small-phrases", vocab_size=700, byte_fallback=True, remove_extra_whitespaces=False,
          split_by_whitespace=False, character_coverage=0.98)
    model = HERE / "small-llama" / "tokenizer.model"
    legacy = as_tokenizer_json(model, LEGACY)
    (HERE / "small-llama" / "tokenizer.json").write_text(json.dumps(legacy, ensure_ascii=False, indent=0) + "\n")
    (HERE / "small-neox.json").write_text(json.dumps(
        {key: value for key, value in neox_like().items() if key != "model"}, ensure_ascii=False, indent=1) + "\n")
    for name, file in (("llama3", llama3_like()), ("qwen", qwen_like())):
        (HERE / f"small-{name}.json").write_text(json.dumps(without_vocabulary(file), ensure_ascii=False, indent=1) + "\n")
    yield from with_huggingface({
        "small-neox": neox_like(), "small-llama3": llama3_like(), "small-qwen": qwen_like(), "small-llama tokenizer.json": legacy,
        "small-llama metaspace": legacy | METASPACE, "small-gemma": gemma_like(legacy)}).items()
    for name in ["small-llama", "small-plain", "small-phrases"]:
        yield f"{name} tokenizer.model", with_sentencepiece(HERE / name / "tokenizer.model")


def real(tokenizers):
    gpt2 = json.loads((tokenizers / "gpt2" / "encoder.json").read_text())
    end = [special_token(gpt2["<|endoftext|>"], "<|endoftext|>")]
    llama = tokenizers / "llama2" / "tokenizer.model"
    yield from with_huggingface({
        "gpt2": byte_level(gpt2, merges_of(tokenizers / "gpt2" / "vocab.bpe"), end, None),
        "gpt-neox": json.loads((tokenizers / "gpt-neox" / "20B_tokenizer.json").read_text()),
        "llama2": as_tokenizer_json(llama, LEGACY),
        "llama2 metaspace": as_tokenizer_json(llama, METASPACE)}).items()
    yield "llama2 tokenizer.model", with_sentencepiece(llama)


expected = json.loads((HERE / "expected.json").read_text()) if (HERE / "expected.json").exists() else {}
expected |= {"text": digest("".join(mixed_text(special=True))), "nfc": nfc_digest()}
expected |= dict(small())
if len(sys.argv) > 1:
    expected |= dict(real(Path(sys.argv[1]) / "data" / "tokenizers"))
(HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
