# JSON of one family: one line per value.

encode <- function(x) {
  as.character(toJSON(x, digits = NA, auto_unbox = TRUE, na = "null", null = "null"))
}
block <- function(entries, indent, open = "{", close = "}") {
  named <- if (is.null(names(entries))) "" else paste0(vapply(names(entries), encode, ""), ": ")
  inner <- paste0(indent, "  ", named, unlist(entries), collapse = ",\n")
  paste0(open, "\n", inner, "\n", indent, close)
}
about_family <- function(how) list(
  command = "Rscript tests/oracles/mixed.R", how = how, r = R.version.string,
  packages = as.list(sapply(packages, function(p) as.character(packageVersion(p))))
)
write_family <- function(family, how, ...) {
  extra <- filled(list(...))
  lines_of <- function(x) block(lapply(x, encode), "    ")
  top <- list(about = block(lapply(about_family(how), encode), "  "))
  if (length(fits)) {
    top$models <- block(lapply(unname(fits), function(x) lines_of(entry(x))), "  ", "[", "]")
  }
  for (key in names(extra)) {
    top[[key]] <- block(lapply(unname(extra[[key]]), lines_of), "  ", "[", "]")
  }
  writeLines(block(top, ""), file.path(here, "mixed", paste0(family, ".json")))
}
write_datasets <- function() {
  sets <- lapply(datasets, function(d) block(lapply(as.list(d), encode), "    "))
  about <- about_family("Simulated data by name, in columns; null: missing.")
  writeLines(
    block(list(about = block(lapply(about, encode), "  "), datasets = block(sets, "  ")), ""),
    file.path(here, "mixed", "data.json")
  )
}
