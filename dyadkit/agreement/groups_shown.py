"""What a report shows of the agreement of groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dyadkit.agreement.behind_groups import index_key, supports_of_index
from dyadkit.agreement.group_agreement import GroupAgreement
from dyadkit.agreement.group_rows import GroupRatings
from dyadkit.agreement.grouping import GroupIndex
from dyadkit.agreement.guide import GROUPS
from dyadkit.agreement.shown import Shown, estimate_cells, estimate_columns, index_row
from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.results import Support

_ENOUGH = 0.70


@dataclass(frozen=True, slots=True, eq=False)
class GroupFound:
    """The answers of groups to one scale, and their agreement."""

    ratings: GroupRatings
    found: GroupAgreement
    nulls_left_out: tuple[str, ...] = ()

    def supports(self, whole: Support) -> Iterator[Support]:
        """Yield who stands behind each index, given who stands behind all."""
        for name, index, _ in _within(self.found):
            yield from supports_of_index(whole, name, index, _ENOUGH)


def show_groups(found: Sequence[GroupFound], percent: str, words: str) -> Shown:
    """Lay out estimates, tables and sentences of all scales.

    Parameters
    ----------
    found : sequence of GroupFound
    percent : str
        What the intervals are.
    words : str
        What the groups are, such as "teams".
    """
    shown = Shown()
    if not found:
        return shown
    for each in found:
        shown.rows += _rows(each)
        shown.sentences += _sentences(each, percent)
    shown.tables = [_within_table(found), _between_table(found, percent)]
    first = found[0].found
    names = " and ".join(against.null.name for against in first.nulls)
    shown.methods = [
        f"Agreement within {words} is the average deviation, AD (Burke, Finkelstein & Dusig, "
        "1999), and r_wg(j) (James, Demaree & Wolf, 1984), beside Lindell, Brandt and Whitney's "
        "(1999) r*_wg(j) and Brown and Hauenstein's (2005) a_wg(j); null distributions: "
        f"{names} (LeBreton & Senter, 2008). Critical values are simulated (Dunlap, Burke & "
        "Smith-Crowe, 2003; items taken as unrelated).",
        "ICC(1) and ICC(2) are from the one-way analysis of variance (Bliese, 2000), signed, with "
        "the mean group size; random group resampling deals persons to groups of the same sizes "
        "(Bliese & Halverson, 1996).",
    ]
    return shown


def _within(found: GroupAgreement) -> Iterator[tuple[str, GroupIndex, float | None]]:
    """Yield the indices of single groups: name, distribution, critical value."""
    many = found.data.ratings.shape[1] > 1
    j = "(j)" if many else ""
    for against in found.nulls:
        critical = None if against.critical is None else against.critical.estimate
        yield f"r_wg{j}, {against.null.name} null", against.rwg, critical
    for against in found.nulls:
        yield f"r*_wg{j}, {against.null.name} null", against.lindell, None
    yield f"a_wg{j}", found.awg, None
    critical = None if found.ad_critical is None else found.ad_critical.estimate
    yield "AD around the mean", found.ad_mean, critical
    yield "AD around the median", found.ad_median, None
    yield "SD", found.sd, None
    if found.cv is not None:
        yield "Coefficient of variation", found.cv, None


def _rows(each: GroupFound) -> Iterator[tuple[dict[str, Any], str]]:
    ratings, found = each.ratings, each.found

    def row(
        index: str, result: object, key: str = ratings.key, /, **more: float | int | str
    ) -> tuple[dict[str, Any], str]:
        cells = index_row(index, GROUPS, ratings.term, ratings.columns, result, **more)
        return cells, key

    for name, index, critical in _within(found):
        own = index_key(ratings.key, name)
        yield row(name, index, own) if critical is None else row(name, index, own, given=critical)
    if found.reliability is not None:
        anova = found.reliability.anova
        test = {"statistic": anova.f, "df": anova.df1, "df2": anova.df2, "p_value": anova.p_value}
        yield row("ICC(1)", found.reliability.icc1_mean, **test)
        yield row("ICC(1), n0", found.reliability.icc1_n0)
        yield row("ICC(2)", found.reliability.icc2)
    if found.mixed is not None:
        yield row("ICC(1), mixed model", found.mixed.icc1)
        yield row("ICC(2), mixed model", found.mixed.icc2)
    if found.random is not None:
        yield row("variance within groups", found.random, statistic=found.random.z)


def _within_table(found: Sequence[GroupFound]) -> Table:
    body: list[Row] = []
    for each in found:
        key = each.ratings.key
        body.append(Row((Cell(each.ratings.label),), heading=True))
        for name, index, critical in _within(each.found):
            share = index.share_at_least(_ENOUGH) if name.startswith("r_wg") else None
            own, cut, reached, beyond = (
                index_key(key, name, part) for part in ("", "quartiles", "reached", "out of range")
            )
            cells = (
                *(Cell(value, own) for value in (index.n, index.estimate, index.sd)),
                *(Cell(value, cut) for value in (index.q25, index.median, index.q75)),
                *(Cell(share, reached), Cell(critical, key)),
                *(Cell(index.undefined, own), Cell(index.out_of_range, beyond)),
            )
            body.append(Row((Cell(name), *cells)))
    return Table(
        name="within_groups",
        title="How far members of groups agree",
        columns=(
            Column("index", "Index"),
            Column("n_groups", "Groups", "count"),
            Column("mean", "M", "statistic"),
            Column("sd", "SD", "statistic"),
            Column("q25", "25 %", "statistic", "Quartiles"),
            Column("median", "50 %", "statistic", "Quartiles"),
            Column("q75", "75 %", "statistic", "Quartiles"),
            Column("at_least_70", "≥ .70", "percent"),
            Column("critical", "Critical", "statistic"),
            Column("undefined", "Undefined", "count"),
            Column("out_of_range", "Out of range", "count"),
        ),
        rows=tuple(body),
        notes=(
            "Distribution over groups. AD and SD in points of the scale: less is more agreement; "
            "AD up to a sixth of the number of options counts as agreement in practice (Burke & "
            "Dunlap, 2002). Critical: 5 % of groups of "
            f"{found[0].found.usual_size} who answer at random by the null agree as much. Out of "
            "range: groups that vary more than the null; r_wg is 0 there, r*_wg negative. The "
            "coefficient of variation (SD ÷ mean) supposes that 0 is a true zero.",
        ),
    )


def _between_table(found: Sequence[GroupFound], percent: str) -> Table:
    body = []
    for each in found:
        key, result = each.ratings.key, each.found
        persons = int(result.data.size.sum())
        cells: list[Cell] = [
            Cell(each.ratings.label),
            Cell(result.data.groups, key),
            Cell(persons, key),
            Cell(persons / result.data.groups, key),
        ]
        if result.reliability is None:
            cells += [Cell(None)] * 9
        else:
            reliability = result.reliability
            mixed = None if result.mixed is None else result.mixed.icc1.estimate
            cells += [
                *estimate_cells(reliability.icc1_mean, key),
                Cell(reliability.icc1_n0.estimate, key),
                Cell(mixed, key),
                *estimate_cells(reliability.icc2, key),
                Cell(reliability.anova.f, key),
                Cell(reliability.anova.p_value, key),
                Cell(None if result.random is None else result.random.z, key),
            ]
        body.append(Row(tuple(cells)))
    return Table(
        name="between_groups",
        title="How much groups differ, and how reliable their means are",
        columns=(
            Column("variable", "Variable"),
            Column("n_groups", "Groups", "count"),
            Column("n_persons", "Persons", "count"),
            Column("mean_size", "Mean size", "statistic"),
            *estimate_columns("icc1", "ICC(1)", "correlation", percent, "One member"),
            Column("icc1_n0", "n₀", "correlation", "One member"),
            Column("icc1_mixed", "Mixed", "correlation", "One member"),
            *estimate_columns("icc2", "ICC(2)", "correlation", percent, "Group mean"),
            Column("f", "F", "statistic"),
            Column("p", "p", "p_value"),
            Column("random_z", "Random z", "statistic"),
        ),
        rows=tuple(body),
        notes=(
            "ICC(1) with the mean group size, with n₀, and from a mixed model (REML); signed. p of "
            "F is two-sided. Random z: variance within groups beside that of persons dealt to "
            "groups at random; negative where members of real groups are more alike.",
        ),
    )


def _sentences(each: GroupFound, percent: str) -> Iterator[Sentence]:
    key, found = each.ratings.key, each.found
    values = {
        "label": Cell(each.ratings.label),
        "n": Cell(found.data.groups, key, "count"),
        "ad": Cell(found.ad_mean.estimate, key, "statistic"),
    }
    text = "{label}: the mean AD of {n} groups is {ad} points of the scale"
    if found.nulls:
        against = found.nulls[0]
        values["rwg"] = Cell(against.rwg.estimate, key, "correlation")
        text += f", mean r_wg ({against.null.name} null) {{rwg}}"
    if found.reliability is not None:
        one, two = found.reliability.icc1_mean, found.reliability.icc2
        values |= {
            "icc1": Cell(one.estimate, key, "correlation"),
            "interval": Cell((one.conf_low, one.conf_high), key, "correlation_interval"),
            "icc2": Cell(two.estimate, key, "correlation"),
        }
        text += f"; ICC(1) = {{icc1}}, {percent} {{interval}}, ICC(2) = {{icc2}}"
    yield Sentence(f"{text}.", values)
