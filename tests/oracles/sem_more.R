# More reference values for dyadkit.sem: several groups, robust and clustered errors, weights, ordered
# outcomes, tests of constraints, interactions, scores; on data simulated here.
#
# Run by `make oracles` as `Rscript tests/oracles/sem_more.R`; writes the JSON files in sem_more/ (data
# in data.json, then one per family; names of families as arguments run these only).  Needs the
# packages jsonlite, lavaan, MASS and semTools (on Debian: r-cran-jsonlite r-cran-lavaan r-cran-mass
# r-cran-semtools).  sem_more_facts.md lists the conventions of lavaan that these values rest on.

suppressPackageStartupMessages({
  library(jsonlite)
  library(lavaan)
})
options(warn = 2)  # a reference value that came with a warning is none
packages <- c("jsonlite", "lavaan", "MASS", "semTools")

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
part <- function(folder, name) source(file.path(here, folder, paste0(name, ".R")), local = FALSE)

lines <- function(...) paste(c(...), collapse = "\n")
for (name in c("polish", "measures", "write")) part("sem", name)
# Of the first oracle's data and models, the functions only.
functions_of <- function(file) {
  for (e in parse(file.path(here, "sem", file))) {
    assigned <- is.call(e) && identical(e[[1]], as.name("<-")) && is.name(e[[2]])
    if (assigned && is.call(e[[3]]) && identical(e[[3]][[1]], as.name("function"))) {
      eval(e, globalenv())
    }
  }
}
functions_of("data.R")
functions_of("reference.R")
worst <- new.env()
for (name in c("data", "reference", "write")) part("sem_more", name)
write_datasets()

families <- commandArgs(TRUE)
if (length(families) == 0) {
  families <- c(
    "groups", "robust", "clusters", "tests", "ordinal", "scores", "interactions",
    "small_samples", "by_hand"
  )
}
count <- 0
for (family in families) {
  models <- list()
  fits <- list()
  part("sem_more", family)
  count <- count + length(models)
}
cat(count, "models\n")
for (kind in sort(ls(worst))) {
  cat(sprintf("largest %-12s %.1e  %s\n", kind, worst[[kind]]$value, worst[[kind]]$name))
}
