# One JSON: data once, then models, comparisons and what is about items.

shown <- function(model) {
  p <- model$parameters
  model$parameters <- lapply(p[c("lhs", "op", "rhs", "group", "label", "free", "est", "se")],
    function(x) if (is.numeric(x)) signif(x, 13) else x)
  model[c(
    "name", "dataset", "auto", "syntax", "options", "effective", "n_free", "gradient",
    "group_labels", "group_n", "parameters", "tests", "fit"
  )]
}
write_invariance <- function(target) {
  about <- list(
    command = "Rscript tests/oracles/invariance.R",
    how = paste(
      "Ladders of invariance in lavaan, polished by Newton steps. models: a name is family, estimator,",
      "step (and marker); comparisons: lavTestLRT of each step against the one before, change is narrow",
      "minus wide; scores: lavTestScore with an item's equalities released together; alternatives: the",
      "model with an item's parameters free in every place, and the model against it; sizes: dMACS,",
      "[reference, focal], first by partial model, then by the configural one on item a's metric."
    ),
    r = R.version.string,
    packages = as.list(sapply(packages, function(p) as.character(packageVersion(p))))
  )
  sets <- lapply(datasets, function(d) block(lapply(as.list(d), encode), "    "))
  rows <- function(x) block(vapply(unname(x), function(e) encode(filled(e)), ""), "  ", "[", "]")
  alternatives <- lapply(alternatives, function(a) {
    a$syntax <- I(strsplit(a$syntax, "\n")[[1]])
    a
  })
  top <- list(
    about = block(lapply(about, encode), "  "), datasets = block(sets, "  "),
    models = block(lapply(unname(models), function(m) more_model_json(shown(m))), "  ", "[", "]"),
    comparisons = rows(comparisons), scores = rows(scores), alternatives = rows(alternatives),
    sizes = rows(sizes)
  )
  writeLines(block(top, ""), target)
}
