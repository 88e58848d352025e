# Fit measures from log-likelihoods and moments, in lavaan's definitions; each is compared with
# lavaan's own, whose baseline and saturated models stop earlier and whose RMSEA interval comes
# from a root with a tolerance of 1e-4.

rmsea_interval <- function(chisq, df, n, level = 0.90) {
  tail <- (1 - level) / 2
  noncentrality <- function(probability) {
    if (df < 1 || pchisq(chisq, df) < probability) return(0)
    f <- function(lambda) pchisq(chisq, df, ncp = lambda) - probability
    uniroot(f, c(0, max(n, 4 * chisq, 10)), tol = 1e-13, maxiter = 10000)$root
  }
  if (df < 1) return(c(0, 0))
  sqrt(c(noncentrality(1 - tail), noncentrality(tail)) / (n * df))
}

root_mean_residual <- function(s, m, sigma, mu, scale) {
  residual <- ((s - sigma) / outer(scale, scale))[lower.tri(s, diag = TRUE)]
  if (!is.null(m)) residual <- c(residual, (m - mu) / scale)
  sqrt(mean(residual^2))
}

fit_measures <- function(n, npar, df, loglik, saturated, baseline, baseline_df, h1, implied,
                         means) {
  chisq <- 2 * (saturated - loglik)
  if (df == 0 && abs(chisq) < 1e-7) chisq <- 0  # rounding of a saturated model
  chisq0 <- 2 * (saturated - baseline)
  excess <- max(chisq - df, 0)
  excess0 <- max(chisq - df, chisq0 - baseline_df, 0)
  interval <- rmsea_interval(chisq, df, n)
  scale <- sqrt(diag(h1$cov))
  rms <- function(scale) {
    root_mean_residual(h1$cov, if (means) h1$mean, implied$cov, implied$mean, scale)
  }
  list(
    npar = npar, n = n, logl = loglik, unrestricted_logl = saturated,
    chisq = chisq, df = df, pvalue = if (df > 0) pchisq(chisq, df, lower.tail = FALSE) else NA,
    baseline_chisq = chisq0, baseline_df = baseline_df, baseline_logl = baseline,
    cfi = if (excess0 == 0) 1 else 1 - excess / excess0,
    tli = if (df == 0) 1 else 1 - (chisq - df) * baseline_df / ((chisq0 - baseline_df) * df),
    rni = 1 - (chisq - df) / (chisq0 - baseline_df),
    ifi = (chisq0 - chisq) / (chisq0 - df),
    rmsea = if (df > 0) sqrt(max(chisq / n / df - 1 / n, 0)) else 0,
    rmsea_ci_lower = interval[1], rmsea_ci_upper = interval[2],
    rmsea_pvalue = if (df > 0) pchisq(chisq, df, ncp = n * df * 0.05^2, lower.tail = FALSE) else NA,
    srmr = rms(scale), rmr = rms(rep(1, length(scale))),
    aic = -2 * loglik + 2 * npar, bic = -2 * loglik + npar * log(n),
    bic2 = -2 * loglik + npar * log((n + 2) / 24)
  )
}

measures_named <- c(
  npar = "npar", logl = "logl", chisq = "chisq", df = "df", pvalue = "pvalue",
  baseline_chisq = "baseline.chisq", baseline_df = "baseline.df", cfi = "cfi", tli = "tli",
  rni = "rni", ifi = "ifi", rmsea = "rmsea", rmsea_ci_lower = "rmsea.ci.lower",
  rmsea_ci_upper = "rmsea.ci.upper", rmsea_pvalue = "rmsea.pvalue", srmr = "srmr", rmr = "rmr",
  aic = "aic", bic = "bic", bic2 = "bic2"
)
measures_compared <- c(unname(measures_named), "gfi", "crmr")

compare_measures <- function(ours, lavaan, complete, name, except = character(0)) {
  for (key in setdiff(names(measures_named), except)) {
    a <- ours[[key]]
    b <- unname(lavaan[measures_named[[key]]])
    if (is.na(a) && is.na(b)) next
    near <- if (grepl("rmsea", key)) 2e-4 else if (complete) 1e-6 else 2e-4
    # lavaan's unclipped indices of a saturated model come from a chi-square of 1e-13.
    if (!isTRUE(abs(a - b) < near * max(1, abs(b)))) {
      stop(name, ": ", key, " is ", format(a, digits = 12), ", lavaan has ", format(b, digits = 12))
    }
  }
}
