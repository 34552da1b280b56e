"""Bytes as they come: looked at before they are read, unpacked, and brought to UTF-8; never held whole."""

import codecs
import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol

from katalod.errors import SourceError

CHUNK = 1 << 16

# Only encodings that turn letters into letters: Python also knows zip, rot13 and unicode_escape.
_ENCODINGS = re.compile(
    r"(?i)utf-?(8|16(-?[bl]e)?)|us-ascii|ascii|iso-?8859-\d\d?|latin-?[19]|(windows-|cp)125\d|koi8-[ru]|macintosh"
    r"|gb2312|gbk|gb18030|big5|shift_jis|euc-(jp|kr)"
)
_DECLARED = re.compile(rb"""\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([^"'>]{1,40})["']""")


class Readable(Protocol):
    """What bytes can be read from, once and in order."""

    def read(self, size: int = -1, /) -> bytes:
        """Give up to so many bytes; none at the end."""
        ...


class Head:
    """A stream whose first bytes can be looked at before it is read."""

    def __init__(self, stream: Readable) -> None:
        """Take over a stream; whoever reads it elsewhere loses bytes."""
        self._stream = stream
        self._head = b""

    def peek(self, size: int = 1024) -> bytes:
        """Give the first bytes, and leave them to be read."""
        while len(self._head) < size and (chunk := self._stream.read(size - len(self._head))):
            self._head += chunk
        return self._head[:size]

    def read(self, size: int = -1, /) -> bytes:
        """Give up to so many bytes, those looked at before first; none at the end."""
        if size is None or size < 0:
            head, self._head = self._head, b""
            return head + self._stream.read()
        if self._head:
            head, self._head = self._head[:size], self._head[size:]
            return head
        return self._stream.read(size)


class Recoded:
    """A stream of another encoding, given as UTF-8."""

    def __init__(self, stream: Readable, encoding: str) -> None:
        """Take over a stream; SourceError for an encoding that nobody knows."""
        if not _ENCODINGS.fullmatch(encoding):
            raise SourceError(f"the file says that it is in {encoding!r}, which is not known here; convert it to UTF-8")
        self._decode: Callable[[bytes, bool], str] = codecs.getincrementaldecoder(encoding)().decode
        self._stream = stream
        self._rest = b""

    def read(self, size: int = -1, /) -> bytes:
        """Give up to so many bytes of UTF-8; SourceError where the bytes are not what they are said to be."""
        while not self._rest and (chunk := self._stream.read(CHUNK)):
            self._rest = self._utf8(chunk, last=False)
        if not self._rest:
            return self._utf8(b"", last=True)
        if size < 0:
            rest, self._rest = self._rest, b""
            return rest + b"".join(iter(lambda: self.read(CHUNK), b""))
        part, self._rest = self._rest[:size], self._rest[size:]
        return part

    def _utf8(self, chunk: bytes, last: bool) -> bytes:
        try:
            return self._decode(chunk, last).encode()
        except UnicodeError as error:
            raise SourceError(f"the file is not in the encoding that it says ({error}); convert it to UTF-8") from error


def plain(stream: Readable) -> Head:
    """Unpack gzip, however the file is called; only once, because nobody packs twice but to do harm."""
    head = Head(stream)
    if head.peek(2) == b"\x1f\x8b":
        return Head(_Gunzipped(head))
    return head


class _Gunzipped:
    """The content of a gzip stream; SourceError where it is broken or cut off."""

    def __init__(self, stream: Head) -> None:
        self._file = gzip.GzipFile(fileobj=stream, mode="rb")  # type: ignore[call-overload]

    def read(self, size: int = -1, /) -> bytes:
        try:
            return bytes(self._file.read(size))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise SourceError(f"unpacking gzip: {error}; fetch or pack the file again") from error


def as_utf8(head: Head) -> Head:
    """Give the text of a file as UTF-8 without a byte order mark, whatever it was written in."""
    start = head.peek(512)
    if start.startswith(codecs.BOM_UTF8):
        head.read(len(codecs.BOM_UTF8))
        if head.peek(3) == codecs.BOM_UTF8:
            raise SourceError("the file begins with two byte order marks; take one out")
        return head
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Head(Recoded(head, "utf-16"))
    for encoding in ("utf-16-le", "utf-16-be"):
        if start.startswith(("<".encode(encoding), "{".encode(encoding), "[".encode(encoding))):
            return Head(Recoded(head, encoding))
    declared = _DECLARED.match(start)
    encoding = declared[1].decode("ascii", "replace") if declared else "utf-8"
    if encoding.lower() in ("utf-8", "utf8", "us-ascii", "ascii"):
        return head
    # Where the first bytes can be read as ASCII, UTF-16 is said but not so; the parser will judge UTF-8.
    return head if encoding.lower().startswith("utf-16") else Head(Recoded(head, encoding))


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """Open a file to be read; SourceError where it cannot be."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a path may also be a pipe given by the shell
            yield file
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceError(f"reading {path}: {reason}; check the path and the rights to it") from error
