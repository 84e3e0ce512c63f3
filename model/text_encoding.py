"""From text to token ids. Text of documents, questions and answers is data: it never becomes a control token.

A rendered prompt is encoded as a whole, as the model's makers do. Only where the control tokens that come out are not
those of the template alone (a document says "<|im_end|>") are template and contents encoded apart.
"""

import hashlib
import itertools
import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from model.language_model import Prompt

_BRACKETED = re.compile(r"[<\[].+[>\]]", re.DOTALL)  # the form of control tokens that a tokenizer does not mark as such


class TextEncoder:
    """Encodes for one tokenizer of transformers.

    Args:
        template: what the chat template writes around contents; its added tokens count as control tokens.
    """

    def __init__(self, tokenizer: Any, template: Sequence[str]) -> None:
        self.tokenizer = tokenizer
        self._of_template: dict[tuple[str, bool], list[int]] = {}
        known = {int(token): added for token, added in tokenizer.added_tokens_decoder.items()}
        written = {token for piece in template for token in self._plain(piece)}
        self.controls = {
            token: str(added.content)
            for token, added in known.items()
            if added.special or token in written or _BRACKETED.fullmatch(added.content)
        }
        if tokenizer.unk_token_id not in (tokenizer.eos_token_id, tokenizer.bos_token_id):
            self.controls.pop(tokenizer.unk_token_id, None)  # what any unknown character becomes

    @cached_property
    def sha256(self) -> str:
        """Digest of all that the tokenizer does."""
        fast = getattr(self.tokenizer, "backend_tokenizer", None)
        content = fast.to_str() if fast else repr(sorted(self.tokenizer.get_vocab().items()))
        return hashlib.sha256(content.encode()).hexdigest()

    def encode(self, text: str) -> list[int]:
        """Token ids of a rendered prompt, or of text, all of which is data."""
        ids = self._plain(text)
        pieces = text.pieces if isinstance(text, Prompt) else ("", text, "")
        wanted = [token for piece in self._template_pieces(pieces) for token in self._controls_in(piece)]
        return ids if self._controls_in(ids) == wanted else self._apart(pieces)

    def _plain(self, text: str) -> list[int]:
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def _controls_in(self, ids: Iterable[int]) -> list[int]:
        controls = self.controls
        return [token for token in ids if token in controls]

    def _template_pieces(self, pieces: Sequence[str]) -> list[list[int]]:
        """Token ids of every second piece; there are few different ones, and they are kept."""
        out = []
        for place in range(0, len(pieces), 2):
            key = (pieces[place], place == 0)
            if key not in self._of_template:
                self._of_template[key] = self._plain(key[0]) if key[1] else self._inner(key[0])
            out.append(self._of_template[key])
        return out

    def _apart(self, pieces: Sequence[str]) -> list[int]:
        """Template as it is, contents without control tokens."""
        template = self._template_pieces(pieces)
        ids = list(template[0])
        for content, after in zip(pieces[1::2], template[1:], strict=True):
            ids += self._data(content)
            ids += after
        return ids

    def _data(self, text: str) -> list[int]:
        """Text that spells control tokens: cut inside each, so that no piece holds one."""
        ids: list[int] = []
        for piece in self._cut(text):
            own = self._inner(piece)
            if self._controls_in(own):  # a form of the same text, full-width letters for instance, that is one as well
                own = [token for character in piece for token in self._inner(character)]
            ids += [token for token in own if token not in self.controls]
        return ids

    def _cut(self, text: str) -> list[str]:
        cuts = [0, *(match.start() + 1 for match in self._spelled.finditer(text)), len(text)]
        return [text[start:end] for start, end in itertools.pairwise(cuts)]

    @cached_property
    def _spelled(self) -> re.Pattern[str]:
        """A place where the text of a control token begins; overlapping ones are found too."""
        texts = sorted(self.controls.values(), key=len, reverse=True)
        return re.compile("|".join(f"(?={re.escape(text)})" for text in texts) if texts else r"(?!)")

    def _inner(self, text: str) -> list[int]:
        """Token ids of a piece that does not begin the prompt.

        Some tokenizers put a space before the first word of what they encode: a control token in front prevents it.
        """
        if not text:
            return []
        if self._opener is None:
            return self._plain(text)
        token, opener = self._opener
        ids = self._plain(opener + text)
        return ids[1:] if ids[:1] == [token] else self._plain(text)

    @cached_property
    def _opener(self) -> tuple[int, str] | None:
        """A control token that leaves the text beside it alone."""
        for token, added in self.tokenizer.added_tokens_decoder.items():
            if token in self.controls and added.special and not (added.rstrip or added.lstrip):
                return int(token), str(added.content)
        return None
