# Reference values for dyadkit.sem, on data simulated here and on published moments.
#
# Run by `make oracles` as `Rscript tests/oracles/sem.R`; writes sem.json beside itself.  Needs the
# packages boot, jsonlite, lavaan and MASS (on Debian: r-cran-boot r-cran-jsonlite r-cran-lavaan
# r-cran-mass).  sem_facts.md lists the conventions of lavaan that these values rest on.
#
# Each model is fitted by lavaan as it comes ("default"), then polished by Newton steps on lavaan's
# own discrepancy until its scaled gradient vanishes; everything else is taken at that solution.

suppressPackageStartupMessages({
  library(boot)
  library(jsonlite)
  library(lavaan)
})
options(warn = 2)  # a reference value that came with a warning is none

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
part <- function(name) source(file.path(here, "sem", paste0(name, ".R")), local = FALSE)

part("polish")
part("measures")
part("reference")
part("data")

models <- list()
for (name in c("models_path", "models_latent", "models_panel")) part(name)
names(models) <- vapply(models, `[[`, "", "name")
stopifnot(!anyDuplicated(names(models)))
# What publications report: Wheaton and others (1977); Acitelli's couples, from rounded moments.
near <- function(name, chisq, df, digits = 3) {
  fit <- models[[name]]$fit
  stopifnot(fit$df == df, abs(fit$chisq - chisq) < 0.6 * 10^-digits)
}
near("wheaton", 4.735, 4)
near("acitelli_equal_effects", 0.330, 2)
near("acitelli_equal_outcomes", 7.277, 4, 2)
near("acitelli_indistinguishable", 9.255, 6, 2)
part("resample")

part("write")
packages <- c("boot", "jsonlite", "lavaan", "MASS")
write_reference(
  file.path(here, "sem.json"),
  about = list(
    command = "Rscript tests/oracles/sem.R", r = R.version.string,
    packages = as.list(sapply(packages, function(p) as.character(packageVersion(p))))
  ),
  datasets = datasets, published = published, models = unname(models), bootstraps = bootstraps
)
cat(length(models), "models\n")
for (kind in sort(ls(worst))) {
  cat(sprintf("largest %-12s %.1e  %s\n", kind, worst[[kind]]$value, worst[[kind]]$name))
}
