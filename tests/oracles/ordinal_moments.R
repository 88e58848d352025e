# Reference values for dyadkit.estimation.ordinal_moments, on data simulated here.
#
# Run by `make oracles` as `Rscript tests/oracles/ordinal_moments.R`; writes ordinal_moments.json
# beside itself.  Needs the packages jsonlite and lavaan (on Debian: r-cran-jsonlite
# r-cran-lavaan).
#
# The statistics do not depend on the model: a saturated one is set up, without being fitted.
# Continuous data are rounded before use, so that the JSON holds exactly what R analysed.

suppressPackageStartupMessages({
  library(jsonlite)
  library(lavaan)
})
options(warn = 2)  # a reference value that came with a warning is none

here <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
target <- file.path(dirname(here), "ordinal_moments.json")

set.seed(1984)
one_factor <- function(n, loadings) {
  f <- rnorm(n)
  sapply(loadings, function(l) l * f + sqrt(1 - l^2) * rnorm(n))
}
cut_at <- function(x, ...) as.integer(findInterval(x, c(...)))

# lavaan's optimiser leaves a polyserial correlation up to 1e-5 from where the likelihood equation
# holds; this solves it.  p(u = c | z) = pnorm(upper) - pnorm(lower), with limits of (cut - rho z) / r.
polyserial <- function(u, x, start) {
  z <- (x - mean(x)) / sqrt(mean((x - mean(x))^2))
  cuts <- c(-Inf, qnorm(cumsum(table(u)) / length(u)))
  cuts[length(cuts)] <- Inf
  score <- function(rho) {
    r <- sqrt(1 - rho^2)
    at <- function(cut) (cut - rho * z) / r
    slope <- function(cut) ifelse(is.finite(cut), dnorm(at(cut)) * (rho * cut - z) / r^3, 0)
    low <- cuts[u + 1]
    high <- cuts[u + 2]
    sum((slope(high) - slope(low)) / (pnorm(at(high)) - pnorm(at(low))))
  }
  uniroot(score, start + c(-1, 1) * 1e-3, tol = 1e-15)$root
}

cases <- list()
add <- function(name, columns, ordered) {
  data <- as.data.frame(columns)
  names(data) <- paste0("y", seq_along(data))
  p <- ncol(data)
  pairs <- which(lower.tri(diag(p)), arr.ind = TRUE)
  model <- c(
    sprintf("y%d ~~ y%d", pairs[, 2], pairs[, 1]),
    sprintf("y%d ~~ y%d", seq_len(p)[!ordered], seq_len(p)[!ordered])
  )
  # An empty cell of a two-by-two table is announced by a warning, and is the point here.
  fit <- suppressWarnings(lavaan(model, data,
    ordered = names(data)[ordered], estimator = "WLSMV", do.fit = FALSE, auto.th = TRUE,
    int.ov.free = TRUE, auto.delta = TRUE
  ))
  moments <- lavTech(fit, "sampstat")[[1]]
  polished <- matrix(0, 0, 3)
  for (u in which(ordered)) for (x in which(!ordered)) {
    rho <- moments$cov[u, x] / sqrt(moments$cov[x, x])
    polished <- rbind(polished, c(u - 1, x - 1, polyserial(data[[u]], data[[x]], rho)))
  }
  cases[[name]] <<- list(
    ordered = I(ordered), values = unname(as.matrix(data)),
    covariances = unname(unclass(moments$cov)),
    means = I(as.numeric(moments$mean)),
    thresholds = I(as.numeric(moments$th)),
    threshold_names = I(lavNames(fit, "th")),
    statistics = I(as.numeric(lavTech(fit, "wls.obs")[[1]])),
    polyserial = unname(polished),
    gamma = signif(unname(lavTech(fit, "gamma")[[1]]), 11)
  )
}

x <- one_factor(120, c(0.8, 0.7, 0.6, -0.6))
add("binary", list(cut_at(x[, 1], 0.2), cut_at(x[, 2], -0.7), cut_at(x[, 3], 1), cut_at(x[, 4], 0)),
  rep(TRUE, 4))
x <- one_factor(250, c(0.8, 0.7, 0.75, 0.6, 0.5, 0.65))
five <- sapply(1:6, function(j) cut_at(x[, j], -1.5, -0.6, 0.3, 1.2))
add("five categories", as.data.frame(five), rep(TRUE, 6))
x <- one_factor(90, c(0.9, 0.85, 0.8, 0.7))
add("skewed and sparse", list(
  cut_at(x[, 1], 0.8, 1.2, 1.6), cut_at(x[, 2], 0.5, 1, 1.7), cut_at(x[, 3], -1.7, -1.2, 0.6),
  cut_at(x[, 4], 1.2)
), rep(TRUE, 4))
x <- one_factor(200, c(0.9, 0.8, 0.6))
add("two to seven categories", list(
  cut_at(x[, 1], -1.6, -1, -0.4, 0.2, 0.9, 1.5), cut_at(x[, 2], 0.4), cut_at(x[, 3], -0.5, 0.8)
), rep(TRUE, 3))
empty <- function(a, b, c, d) {  # a two-by-two table, by its four frequencies
  list(rep(c(0, 0, 1, 1), c(a, b, c, d)), rep(c(0, 1, 0, 1), c(a, b, c, d)))
}
add("empty cell above", empty(24, 0, 17, 19), c(TRUE, TRUE))
add("empty cell below", empty(24, 11, 0, 19), c(TRUE, TRUE))
add("empty cell of agreement", empty(0, 14, 17, 29), c(TRUE, TRUE))
add("empty last cell", empty(22, 14, 17, 0), c(TRUE, TRUE))
x <- one_factor(180, c(0.8, 0.7, 0.6, 0.75, 0.5))
add("mixed", list(
  cut_at(x[, 1], -1, 0, 1), round(20 + 3 * x[, 2], 2), cut_at(x[, 3], 0.3),
  round(exp(0.6 * x[, 4]), 3), round(-5 + 0.2 * x[, 5], 3)
), c(TRUE, FALSE, TRUE, FALSE, FALSE))
x <- one_factor(70, c(0.95, 0.9, -0.8))
add("mixed and strong", list(
  round(100 * x[, 1] + 500, 1), cut_at(x[, 2], -1.3, -0.4, 1), cut_at(x[, 3], 0.9)
), c(FALSE, TRUE, TRUE))

version <- function(package) as.character(packageVersion(package))
about <- list(
  command = "Rscript tests/oracles/ordinal_moments.R",
  how = paste(
    "lavaan(estimator = 'WLSMV', do.fit = FALSE) of a saturated model: sampstat (cov, mean, th),",
    "wls.obs (statistics) and gamma, the latter to 11 digits. polyserial: the ordered and the",
    "continuous variable, from 0, and the correlation that solves the likelihood equation."
  ),
  r = R.version.string,
  packages = list(jsonlite = version("jsonlite"), lavaan = version("lavaan"))
)
write(
  toJSON(list(about = about, cases = cases), auto_unbox = TRUE, digits = 15, null = "null"),
  target
)
