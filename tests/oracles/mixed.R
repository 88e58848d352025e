# Reference values for dyadkit.mixed: Gaussian models of dyads by a dense likelihood, on data simulated
# here, each compared with nlme, lme4 (lmerTest, pbkrtest) or glmmTMB where these can say the model.
#
# Run by `make oracles` as `Rscript tests/oracles/mixed.R`; writes the JSON files in mixed/ (data in
# data.json, then one per family; names of families as arguments run these only).  Needs the packages
# glmmTMB, jsonlite, lme4, lmerTest, MASS, nlme, numDeriv and pbkrtest (on Debian: r-cran-glmmtmb
# r-cran-jsonlite r-cran-lme4 r-cran-lmertest r-cran-mass r-cran-nlme r-cran-numderiv
# r-cran-pbkrtest).  mixed_facts.md lists the conventions.

suppressPackageStartupMessages({
  library(jsonlite)
  library(nlme)
})
packages <- c("glmmTMB", "jsonlite", "lme4", "lmerTest", "MASS", "nlme", "numDeriv", "pbkrtest")
for (package in packages) suppressWarnings(loadNamespace(package))
options(warn = 2)  # a reference value that came with a warning is none

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
part <- function(name) source(file.path(here, "mixed", paste0(name, ".R")), local = FALSE)
for (name in c("dense", "maximise", "inference", "kenward_roger", "packages", "reference", "write", "data", "data_nested")) {
  part(name)
}
write_datasets()

families <- commandArgs(TRUE)
if (length(families) == 0) families <- c("apim", "residual", "random", "serial")
for (family in families) {
  fits <- list()
  part(family)
  cat(family, length(fits), "fits\n")
}
for (kind in sort(ls(worst))) {
  cat(sprintf("largest %-28s %.1e  %s\n", kind, worst[[kind]]$value, worst[[kind]]$name))
}
