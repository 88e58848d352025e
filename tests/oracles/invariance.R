# Reference values for measurement invariance: ladders across roles, waves, both and groups, item by
# item tests, and dMACS; on data simulated here.
#
# Run by `make oracles` as `Rscript tests/oracles/invariance.R`; writes invariance.json beside itself.
# Needs the packages jsonlite, lavaan and MASS (on Debian: r-cran-jsonlite r-cran-lavaan r-cran-mass).

suppressPackageStartupMessages({
  library(jsonlite)
  library(lavaan)
})
options(warn = 2)  # a reference value that came with a warning is none
packages <- c("jsonlite", "lavaan", "MASS")

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
part <- function(folder, name) source(file.path(here, folder, paste0(name, ".R")), local = FALSE)
# Of the other oracles' files, the functions only.
functions_of <- function(folder, name) {
  for (e in parse(file.path(here, folder, paste0(name, ".R")))) {
    assigned <- is.call(e) && identical(e[[1]], as.name("<-")) && is.name(e[[2]])
    if (assigned && is.call(e[[3]]) && identical(e[[3]][[1]], as.name("function"))) {
      eval(e, globalenv())
    }
  }
}

lines <- function(...) paste(c(...), collapse = "\n")
for (name in c("polish", "measures", "write")) part("sem", name)
functions_of("sem", "data")
functions_of("sem", "reference")
worst <- new.env()
part("sem_more", "reference")
for (name in c("data", "write")) functions_of("sem_more", name)
functions_of("sem_more", "ordinal")
em_tolerance <- 1e-12
for (name in c("data", "ladder", "items", "write")) part("invariance", name)

began <- proc.time()[[3]]
parts <- commandArgs(TRUE)  # these only, for a look: nothing is written then
if (length(parts) == 0) parts <- c("places", "groups", "ordinal")
for (name in parts) part("invariance", name)
cat(length(models), "models,", length(alternatives), "with an item freed,", proc.time()[[3]] - began, "s\n")
for (kind in sort(ls(worst))) {
  cat(sprintf("largest %-12s %.1e  %s\n", kind, worst[[kind]]$value, worst[[kind]]$name))
}
if (length(commandArgs(TRUE)) == 0) write_invariance(file.path(here, "invariance.json"))
