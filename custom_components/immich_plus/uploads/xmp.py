"""A sidecar for an upload: description, date and tags as an XMP file that Immich reads with the picture.

Set afterwards through the API they would race with the reading of the file's own metadata, which replaces tags:
seen on a real 3.1.0, where tags set right after an upload were lost. A sidecar is read in the same moment as the
file, needs no further requests, and no other scope than the upload itself.
"""

from collections.abc import Sequence
from datetime import datetime
import re
from typing import Final
from xml.sax.saxutils import escape

# What XML can't hold at all, not even escaped.
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_FRAME: Final = """\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:exif="http://ns.adobe.com/exif/1.0/"
    xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
    xmlns:digiKam="http://www.digikam.org/ns/1.0/">
{properties}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
"""


def write_sidecar(
    *, description: str | None = None, taken_at: datetime | None = None, tags: Sequence[str] = ()
) -> bytes | None:
    """Return an XMP file with what is given, None if nothing is.

    `taken_at` has a zone; `tags` are paths such as `Home/Doorbell`.
    """
    properties: list[str] = []
    if description is not None:
        text = f'<rdf:Alt><rdf:li xml:lang="x-default">{_text(description)}</rdf:li></rdf:Alt>'
        # Both: a description inside the picture is an ImageDescription, which only its own kind outranks.
        properties.append(f"   <dc:description>{text}</dc:description>")
        properties.append(f"   <tiff:ImageDescription>{text}</tiff:ImageDescription>")
    if taken_at is not None:
        moment = taken_at.isoformat(timespec="seconds")
        properties.append(f"   <exif:DateTimeOriginal>{moment}</exif:DateTimeOriginal>")
    if tags:
        rows = "".join(f"<rdf:li>{_text(tag)}</rdf:li>" for tag in tags)
        properties.append(f"   <digiKam:TagsList><rdf:Seq>{rows}</rdf:Seq></digiKam:TagsList>")
    if not properties:
        return None
    return _FRAME.format(properties="\n".join(properties)).encode()


def _text(value: str) -> str:
    return escape(_NOT_XML.sub("", value))
