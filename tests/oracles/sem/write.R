# JSON with one line per entry: compact, and readable in a diff.

encode <- function(x) {
  as.character(toJSON(x, digits = NA, auto_unbox = TRUE, na = "null", null = "null"))
}
block <- function(entries, indent, open = "{", close = "}") {
  named <- if (is.null(names(entries))) "" else paste0(vapply(names(entries), encode, ""), ": ")
  inner <- paste0(indent, "  ", named, unlist(entries), collapse = ",\n")
  paste0(open, "\n", inner, "\n", indent, close)
}
model_json <- function(model) {
  columns <- function(x) block(lapply(x, function(v) encode(I(v))), "      ")
  entries <- lapply(filled(model), encode)
  entries$parameters <- columns(model$parameters)
  entries$syntax <- encode(I(strsplit(model$syntax, "\n")[[1]]))
  entries$options <- encode(filled(model$options))
  if (!is.null(model$constraints)) entries$constraints <- encode(lapply(model$constraints, I))
  if (!is.null(model$residuals)) {
    entries$residuals <- block(lapply(model$residuals, encode), "      ")
  }
  block(entries, "    ")
}
bootstrap_json <- function(x) {
  by_row <- function(m) block(apply(m, 1, encode), "      ", "[", "]")
  entries <- lapply(x, encode)
  for (key in intersect(c("counts", "draws", "jackknife"), names(x))) {
    if (is.matrix(x[[key]])) entries[[key]] <- by_row(x[[key]])
  }
  block(entries, "    ")
}
write_reference <- function(target, about, datasets, published, models, bootstraps) {
  sets <- lapply(datasets, function(d) block(lapply(as.list(d), encode), "    "))
  moments <- lapply(published, function(m) {
    encode(filled(list(
      source = m$source, n = m$n, variables = colnames(m$cov), cov = unname(m$cov),
      mean = if (!is.null(m$mean)) unname(m$mean)
    )))
  })
  top <- list(
    about = block(lapply(about, encode), "  "), datasets = block(sets, "  "),
    moments = block(moments, "  "),
    models = block(lapply(models, model_json), "  ", "[", "]"),
    bootstraps = block(lapply(bootstraps, bootstrap_json), "  ")
  )
  writeLines(block(top, ""), target)
}
