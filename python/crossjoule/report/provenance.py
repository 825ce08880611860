# SPDX-License-Identifier: BSD-3-Clause
"""Where every number of the page comes from: command, input, build, system, digests."""

from .html import definitions, escape, slug

#: Hidden from the page: bookkeeping of the file format itself.
_SKIPPED = ("description",)


def section(records, arguments):
    """One block per record, and the line that makes this page again."""
    out = [_command(arguments)] if arguments else []
    out += [_record(record, index) for index, record in enumerate(records)]
    return "".join(out)


def _command(arguments):
    return (
        "<p>This page holds no time stamp: the same records give the same bytes. Command: "
        f"<code>crossjoule-report {escape(' '.join(arguments))}</code></p>"
    )


def _record(record, index):
    network = record.network
    facts = [("verb", escape(record.verb)), ("file SHA-256", f"<code>{record.sha256()}</code>")]
    facts += [
        (name, _value(value))
        for name, value in record.meta.items()
        if name not in ("verb", *_SKIPPED)
    ]
    if network:
        facts += [
            ("network", escape(network.name)),
            ("graph digest", f"<code>{escape(network.digest)}</code>"),
            ("parameters", _count(network.params)),
            ("MACs per sample", _count(network.macs)),
        ]
    parts = [definitions(facts)]
    parts.append(
        _block(
            "Input, verbatim",
            (
                f"<pre class='toml'>{escape(record.input)}</pre>"
                if record.input.strip()
                else "<p>The verb ran its documented default.</p>"
            ),
        )
    )
    if network and network.text:
        parts.append(_block("Network", f"<pre>{escape(network.text)}</pre>"))
    for title, values in (
        ("Build", record.build),
        ("System", record.system),
        ("Error", record.error),
    ):
        if values:
            parts.append(
                _block(
                    title,
                    definitions(
                        [
                            (key, _value(value))
                            for key, value in values.items()
                            if key not in _SKIPPED
                        ]
                    ),
                )
            )
    return (
        f'<article class="provenance" id="record-{index + 1}-{slug(record.name)}">'
        f"<h3>{escape(record.name)}</h3>{''.join(parts)}</article>"
    )


def _block(title, content):
    return f"<details open><summary>{escape(title)}</summary>{content}</details>"


def _value(value):
    if isinstance(value, list):
        return escape(", ".join(map(str, value)))
    text = str(value)
    return f"<pre>{escape(text)}</pre>" if "\n" in text.strip() else escape(text.strip())


def _count(number):
    return f"{number:,}".replace(",", " ")
