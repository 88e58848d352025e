"""The page: well formed, self-contained, escaped, and readable without seeing it."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

INLINE = {"a", "bdi", "code", "em", "i", "span", "strong"}
VOID = {"meta", "img", "br", "link", "hr", "input"}


class Page(HTMLParser):
    """Collects elements and checks that each end tag ends what is open."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice"
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag not in INLINE:
            self.texts.append(" ")

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())


@pytest.fixture(scope="module", params=["written", "nasty"])
def source(request) -> str:
    return (request.getfixturevalue(request.param) / "report.html").read_text("utf-8")


@pytest.fixture(scope="module")
def plain(written) -> str:
    return (written / "report.html").read_text("utf-8")


def test_every_element_is_closed(source):
    page = Page(source)
    assert page.open == []
    assert [tag for tag, _ in page.tags[:2]] == ["html", "head"]
    assert source.startswith("<!DOCTYPE html>")


def test_nothing_is_fetched(source):
    page = Page(source)
    addresses = [
        value
        for _, attributes in page.tags
        for name, value in attributes.items()
        if name in {"src", "href", "action", "data", "srcset", "poster", "background"}
    ]
    assert addresses
    assert all(value.startswith(("#", "data:image/svg+xml;base64,")) for value in addresses)
    style = re.search(r"<style>(.*?)</style>", source, re.DOTALL)[1]
    assert not re.search(r"url\(|@import|//", style)
    assert "default-src 'none'" in page.all("meta")[1]["content"]


def test_nothing_runs(source):
    page = Page(source)
    assert not {"script", "iframe", "object", "embed", "form", "base"} & {t for t, _ in page.tags}
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]


def test_every_link_has_its_place(source):
    page = Page(source)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    labels = [attrs["aria-labelledby"] for _, attrs in page.tags if "aria-labelledby" in attrs]
    links = [attributes["href"].removeprefix("#") for attributes in page.all("a")]
    assert labels
    assert links
    assert set(labels + links) <= set(ids)


def test_every_row_fills_its_table(source):
    tables = re.findall(r'<figure class="table.*?</figure>', source, re.DOTALL)
    assert tables
    for table in tables:
        counts, carried = [], 0
        for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL):
            cells = Page(row).all("th") + Page(row).all("td")
            counts.append(carried + sum(int(cell.get("colspan", 1)) for cell in cells))
            carried = sum(cell.get("rowspan") == "2" for cell in cells)
        assert len(set(counts)) == 1


def test_figures_are_isolated_images_with_words(source):
    images = Page(source).all("img")
    assert len(images) == source.count('<figure class="picture"')
    for image in images:
        assert image["alt"]
        svg = base64.b64decode(image["src"].split(",")[1])
        for element in ElementTree.fromstring(svg).iter():
            for name, value in element.attrib.items():
                assert not name.endswith("href") or value.startswith("#")


def test_no_character_is_out_of_place(source):
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\u202e]", source)


def test_labels_are_shown_as_they_are(nasty, nasty_texts):
    page = Page((nasty / "report.html").read_text("utf-8"))
    for text in (*nasty_texts[:2], *nasty_texts[5:9], *nasty_texts[10:]):
        assert page.text.count(text) > 20


def test_the_page_speaks_for_itself(plain):
    page = Page(plain)
    assert page.all("html")[0]["lang"] == "en"
    assert page.tags[[t for t, _ in page.tags].index("body") + 1][1]["class"] == "skip"
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")) == 1
    assert all(cell.get("scope") for cell in page.all("th"))
    assert {cell["scope"] for cell in page.all("th")} == {"col", "colgroup", "row", "rowgroup"}


def test_the_order_of_the_parts(plain):
    main = plain[plain.index("<main") : plain.index("</main>")]
    main = Page(re.sub(r"<details.*?</details>", "", main, flags=re.DOTALL)).text
    places = [
        main.index(text)
        for text in (
            "Trust & learning in distance coaching",
            "Complete dyads 58 of 60 at T1",
            "About the data",
            "Two rows were read twice",
            "Descriptive statistics Analysis “who answered” of type descriptives · 1 warning",
            "Trust was 5.25 on average.",
            "Table 1. Means and standard deviations by role",
            "Note. M = mean;",
            "s = suppressed to protect participants",
            "Table 2. Variables with nothing to tell",
            "There is nothing to show.",
            "Figure 1. Share of missing answers",
            "Warning. Satisfaction was answered by very few.",
            "Correlations within and between partners Analysis",
            "Table 3. Correlations of all variables",
            "Figure 3. Participants",
            "Non-independence Analysis",
            "This analysis failed. The model did not converge after 200 iterations.",
            "This analysis was refused. A difference score alone would mislead.",
            "Methods Design.",
            "nothing is generated by a language model.",
            "Software and inputs",
            "ab" * 32,
        )
    ]
    assert places == sorted(places)


def test_the_contents_name_what_did_not_work(plain):
    page = Page(plain[plain.index("<nav") : plain.index("</nav>") + 6])
    assert page.text.endswith("apim failed gap refused Methods Software and inputs")


def test_symbols_are_italic_and_words_are_not(plain):
    assert re.search(r"<th[^>]*><i>n</i></th>", plain)
    assert "<i>Variable</i>" not in plain
    assert "<i>α</i>" not in plain


def test_one_warning_leads_to_its_place(plain):
    page = Page(plain)
    flags = [link for link in page.all("a") if "warning" in (link.get("class") or "")]
    assert [flag["href"] for flag in flags] == [
        "#analysis-who-answered-notes",
        "#analysis-all-correlations-notes",
    ]


def test_soft_text_has_contrast(plain):
    """Every text colour reaches 4.5:1 on every ground (WCAG 2.2, 1.4.3)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    style = re.search(r"<style>(.*?)</style>", plain, re.DOTALL)[1]
    inks = set(re.findall(r"(?<![-\w])color: (#[0-9a-f]{6})", style))
    inks |= set(re.findall(r"--(?:ink|soft|accent): (#[0-9a-f]{6})", style))
    grounds = set(re.findall(r"background: (#[0-9a-f]{6})", style)) | {"#ffffff"}
    assert len(inks) >= 7
    for ink in inks:
        for ground in grounds:
            light, dark = sorted((luminance(ground), luminance(ink)), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)
