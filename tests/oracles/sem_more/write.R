# JSON of one family: about, models (one line per entry), and whatever else it holds.

more_model_json <- function(model, indent = "    ") {
  columns <- function(x) block(lapply(x, function(v) encode(I(v))), paste0(indent, "  "))
  entries <- lapply(filled(model), encode)
  if (!is.null(model$parameters)) entries$parameters <- columns(model$parameters)
  if (is.character(model$syntax)) entries$syntax <- encode(I(strsplit(model$syntax, "\n")[[1]]))
  if (!is.null(model$options)) entries$options <- encode(filled(model$options))
  if (!is.null(model$constraints)) entries$constraints <- encode(lapply(model$constraints, I))
  block(entries, indent)
}
about_family <- function(how) list(
  command = "Rscript tests/oracles/sem_more.R", how = how, r = R.version.string,
  packages = as.list(sapply(packages, function(p) as.character(packageVersion(p))))
)
write_family <- function(family, how, models = list(), ...) {
  extra <- list(...)
  top <- list(about = block(lapply(about_family(how), encode), "  "))
  if (length(models)) {
    top$models <- block(lapply(unname(models), more_model_json), "  ", "[", "]")
  }
  for (key in names(extra)) {
    top[[key]] <- block(lapply(unname(extra[[key]]), more_model_json), "  ", "[", "]")
  }
  writeLines(block(top, ""), file.path(here, "sem_more", paste0(family, ".json")))
}
write_datasets <- function() {
  sets <- lapply(datasets, function(d) block(lapply(as.list(d), encode), "    "))
  about <- about_family("Simulated data by name; models in the other files name them.")
  writeLines(
    block(list(about = block(lapply(about, encode), "  "), datasets = block(sets, "  ")), ""),
    file.path(here, "sem_more", "data.json")
  )
}
