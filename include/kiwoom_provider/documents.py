"""What is stored as JSON, or travels between tasks as JSON: one typed, bounded, frozen model a document."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from kiwoom_provider.errors import KiwoomProviderError

MOST_TEXT = 2000
"""Characters of any one text; messages of the API are cut to less on arrival."""
MOST_NUMBER = 2**63 - 1
_MOST_NAME = 100

Text = Annotated[str, Field(max_length=MOST_TEXT)]
Count = Annotated[int, Field(ge=0, le=MOST_NUMBER)]
Figure = Annotated[int, Field(ge=-MOST_NUMBER, le=MOST_NUMBER)]
Instant = AwareDatetime
"""A moment with its offset; a text without one is refused."""


class DocumentError(KiwoomProviderError, ValueError):
    """A stored or handed-over document is damaged, or of another format; the message names it and the element."""

    is_final = True
    remedy = (
        "clear resolve_session with what follows, so that it is written anew; a stored document comes back by a replay"
    )


class Document(BaseModel):
    """
    Base of the documents. Unknown elements are refused, and so are texts and numbers beyond their bounds.

    Reads and writes JSON: :meth:`to_bytes` and :meth:`from_bytes` for objects in a store, :meth:`to_json` and
    :meth:`from_json` for XCom.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def to_bytes(self) -> bytes:
        """Return the document as JSON text in UTF-8, Korean readable."""
        return self.model_dump_json(indent=1).encode()

    def to_json(self) -> dict[str, Any]:
        """Return the document as plain JSON-ready values."""
        return self.model_dump(mode="json")

    @classmethod
    def from_bytes(cls, data: bytes, name: str) -> Self:
        """
        Read :meth:`to_bytes` back.

        :param name: what the error calls the document, such as its key in the store.
        :raises DocumentError: when it is anything else.
        """
        try:
            return cls.model_validate_json(data)
        except ValidationError as error:
            raise _refusal(error, name) from None

    @classmethod
    def from_json(cls, data: object, name: str) -> Self:
        """
        Read :meth:`to_json` back.

        :raises DocumentError: when it is anything else.
        """
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise _refusal(error, name) from None


def first_problem(error: ValidationError) -> str:
    """Name the first element that is wrong, and never its value: it may be of any size and hold anything."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part)[:_MOST_NAME] for part in first["loc"]) or "the whole"
    return f"{where}: {first['msg']}"


def _refusal(error: ValidationError, name: str) -> DocumentError:
    return DocumentError(f"{name} cannot be read: {first_problem(error)}")
