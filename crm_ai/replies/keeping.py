"""A model of intents as one file: arrays and JSON in a zip, nothing that runs when it is read."""

import io
import json
from typing import Any
from zipfile import BadZipFile

import numpy as np

from crm_ai.errors import BadFile
from crm_ai.replies.intents import Intents, Tried
from crm_ai.replies.meaning import Meaning
from crm_ai.replies.scope import Scope
from crm_ai.replies.wording import Vocabulary, Wording

FORMAT = 1


def to_bytes(model: Intents) -> bytes:
    """The file of a model."""
    document = {
        "format": FORMAT,
        "names": model.names,
        "reading": model.reading,
        "texts": model.texts,
        "words": model.vocabulary.words,
        "pieces": model.vocabulary.pieces,
        "mix": model.mix,
        "scope": [model.scope.weights, model.scope.offset, model.scope.least],
    }
    arrays = {
        "document": np.frombuffer(json.dumps(document, ensure_ascii=False).encode(), np.uint8),
        "intent": model.intent,
        "idf": model.vocabulary.idf,
        "word_weights": model.wording.weights,
        "word_offset": model.wording.offset,
    }
    arrays |= {f"tried_{name}": value for name, value in vars(model.tried).items()}
    if model.meaning:
        arrays |= {"places": model.meaning.places, "place_weights": model.meaning.weights}
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def from_bytes(content: bytes) -> Intents:
    """The model of a file.

    Raises:
        BadFile: it is none, or of another version of this program.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        document = json.loads(arrays["document"].tobytes())
        if document["format"] != FORMAT:
            raise ValueError
        return _model(document, arrays)
    except (ValueError, KeyError, TypeError, AttributeError, OSError, EOFError, BadZipFile) as error:
        raise BadFile("This is not a model of intents of this version: learn it anew from the examples.") from error


def _model(document: dict[str, Any], arrays: dict[str, np.ndarray]) -> Intents:
    weights, offset, least = document["scope"]
    tried = {name.removeprefix("tried_"): value for name, value in arrays.items() if name.startswith("tried_")}
    return Intents(
        tuple(document["names"]),
        document["reading"],
        tuple(document["texts"]),
        arrays["intent"],
        Vocabulary(tuple(document["words"]), tuple(document["pieces"]), arrays["idf"]),
        Wording(arrays["word_weights"], arrays["word_offset"]),
        Meaning(arrays["places"], arrays["place_weights"]) if "places" in arrays else None,
        (document["mix"][0], document["mix"][1]),
        Scope(tuple(weights), offset, least),
        Tried(**tried),
    )
