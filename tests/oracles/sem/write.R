# JSON with one line per entry: compact, and readable in a diff.

encode <- function(x) {
  as.character(toJSON(x, digits = NA, auto_unbox = TRUE, na = "null", null = "null", matrix = "rowmajor"))
}
filled <- function(x) x[!vapply(x, is.null, NA)]
block <- function(entries, indent, open = "{", close = "}") {
  named <- if (is.null(names(entries))) "" else paste0(vapply(names(entries), encode, ""), ": ")
  paste0(open, "\n", paste0(indent, "  ", named, unlist(entries), collapse = ",\n"), "\n", indent, close)
}
model_json <- function(model) {
  always <- c("parameters", "rsquare", "fit", "implied_cov", "implied_mean", "h1_cov", "h1_mean", "vcov", "variables", "syntax")
  columns <- function(x) block(lapply(x, function(v) encode(I(v))), "      ")
  entries <- lapply(filled(model), encode)
  entries$parameters <- columns(model$parameters)
  entries$syntax <- encode(I(model$syntax))
  entries$options <- encode(filled(model$options))
  if (!is.null(model$constraints)) entries$constraints <- encode(lapply(model$constraints, I))
  if (!is.null(model$residuals)) {
    entries$residuals <- block(lapply(model$residuals, encode), "      ")
  }
  block(entries, "    ")
}
write_reference <- function(target, about, datasets, published, models, extra) {
  sets <- lapply(datasets, function(d) block(lapply(as.list(d), encode), "    "))
  moments <- lapply(published, function(m) {
    encode(filled(list(source = m$source, n = m$n, variables = colnames(m$cov), cov = unname(m$cov),
                       mean = if (!is.null(m$mean)) unname(m$mean))))
  })
  top <- c(
    list(
      about = block(lapply(about, encode), "  "), datasets = block(sets, "  "), moments = block(moments, "  "),
      models = block(lapply(models, model_json), "  ", "[", "]")
    ),
    lapply(extra, function(x) block(lapply(x, encode), "  "))
  )
  writeLines(block(top, ""), target)
}
