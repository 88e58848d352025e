# Corrections of chi-square for small samples, written out here and compared with semTools.
#
# N persons, p observed variables, k latent ones, t free parameters of the covariance structure,
# d degrees of freedom, T lavaan's chi-square (N times the discrepancy):
#   swain      1 - (p (2p^2 + 3p - 1) - q (2q^2 + 3q - 1)) / (12 d n),
#              q = (sqrt(1 + 4 p (p + 1) - 8 d) - 1) / 2    (Swain 1975; Herzog and others 2007)
#   bartlett   1 - (2p + 4k + 5) / (6 n)                    (Bartlett 1950, of factor analysis)
#   yuan_2005  1 - (2p + 2k + 7) / (6 n)                    (Yuan 2005)
#   yuan_2015  (N - (2.381 + 0.361 p + 0.006 t)) / n        (Yuan, Tian and Yanagihara 2015)
# with n = N - 1 on (N - 1) F in the papers, where semTools has n = N on N F and counts means in t.

corrections <- function(n_persons, p, k, d, chisq, n, t) {
  q <- (sqrt(1 + 8 * t) - 1) / 2
  factors <- list(
    swain = 1 - (p * (2 * p^2 + 3 * p - 1) - q * (2 * q^2 + 3 * q - 1)) / (12 * d * n),
    bartlett = 1 - (2 * p + 4 * k + 5) / (6 * n), yuan_2005 = 1 - (2 * p + 2 * k + 7) / (6 * n),
    yuan_2015 = (n_persons - (2.381 + 0.361 * p + 0.006 * t)) / n
  )
  lapply(factors, function(f) list(
    factor = f, chisq = f * chisq, pvalue = pchisq(f * chisq, d, lower.tail = FALSE)
  ))
}
small <- list()
correct <- function(name, ...) {
  reference(name, ..., vcov = FALSE, standardise = FALSE)
  fit <- fits[[name]]$fit
  n <- lavInspect(fit, "ntotal")
  p <- length(lavNames(fit))
  k <- length(lavNames(fit, "lv"))
  d <- fit@test[[1]]$df
  chisq <- fit@test[[1]]$stat
  means <- fit@Model@meanstructure
  t <- p * (p + 1) / 2 - d
  theirs <- suppressMessages(semTools::chisqSmallN(fit, smallN.method = "all"))
  as_theirs <- corrections(n, p, k, d, chisq, n, fit@optim$npar)
  for (key in names(as_theirs)) {
    given <- theirs[[sub("_", ".", key)]]
    stopifnot(abs(given[["smallN.factor"]] - as_theirs[[key]]$factor) < 1e-13)
    stopifnot(abs(given[["chisq"]] - as_theirs[[key]]$chisq) < 1e-9)
  }
  small[[length(small) + 1L]] <<- list(
    model = name, n = n, p = p, k = k, df = d, chisq = chisq, free_covariance = t,
    free_all = fit@optim$npar, semtools = as_theirs,
    published = corrections(n, p, k, d, chisq * (n - 1) / n, n - 1, t)
  )
}
correct("small_cfa", "e =~ e1 + e2 + e3 + e4 + y", "small", auto = "cfa")
correct("small_cfa_means", "e =~ e1 + e2 + e3 + e4 + y", "small", auto = "cfa",
  meanstructure = TRUE)
correct("small_path", lines("y ~ e1 + e2", "e1 ~ e3", "e2 ~ e4"), "small", fixed_x = FALSE)
correct("small_three_factors", lines("s =~ s1 + s2 + s3", "r =~ r1 + r2 + r3", "k =~ k1 + k2 + k3"),
  "product", auto = "cfa")

write_family(
  "small_samples",
  paste(
    "corrections: published (T = (N - 1) F, n = N - 1, free_covariance parameters) and semtools",
    "(chisqSmallN 0.5-6: T = N F, n = N, all free parameters); formulas head small_samples.R."
  ),
  models, corrections = small
)
