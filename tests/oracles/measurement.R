# Reference values for composites: alpha, omega and composite reliability, average variance extracted,
# discriminant validity, and the reliability of a dyad's difference and mean; formulas written out.
#
# Run by `make oracles` as `Rscript tests/oracles/measurement.R`; writes measurement.json beside itself.
# Needs the packages jsonlite, lavaan, MASS and, to compare with, semTools (on Debian: r-cran-jsonlite
# r-cran-lavaan r-cran-mass r-cran-semtools).

suppressPackageStartupMessages({
  library(jsonlite)
  library(lavaan)
})
options(warn = 2)  # a reference value that came with a warning is none
packages <- c("jsonlite", "lavaan", "MASS", "semTools")
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
for (name in c("polish", "write")) source(file.path(here, "sem", paste0(name, ".R")))
filled <- function(x) x[!vapply(x, is.null, NA)]
worst <- c()
near <- function(ours, theirs, within, what) {
  off <- max(abs(ours - theirs))
  if (!isTRUE(off < within)) stop(what, " is ", toString(ours), ", compared with ", toString(theirs))
  worst[what] <<- max(worst[what], off, na.rm = TRUE)
}

# Trust (four items) and support (three) of mentor and developee; trust has one reversed item, already
# turned round in "plain", not in "keyed".  "crossed" has a weak item and one negative correlation
# between the traits.
simulate <- function(seed, n, phi, weak = 0.8) {
  set.seed(seed)
  f <- matrix(rnorm(4 * n), n) %*% chol(phi)
  own <- matrix(rnorm(7 * n, 0, 0.3), n)
  one <- function(trust, support, sd) {
    cbind(outer(trust, c(0.9, 0.8, 0.7, weak)), outer(support, c(0.8, 0.9, 0.7))) + own +
      matrix(rnorm(7 * n, 0, sd), n)
  }
  x <- cbind(one(f[, 1], f[, 2], 0.6), one(f[, 3], f[, 4], 0.75)) + 3.5
  names <- c(paste0("t", 1:4), paste0("s", 1:3))
  setNames(as.data.frame(round(x, 3)), c(paste0(names, "_m"), paste0(names, "_d")))
}
phi <- rbind(
  c(1, 0.5, 0.4, 0.2), c(0.5, 1, 0.25, 0.3), c(0.4, 0.25, 1.2, 0.6), c(0.2, 0.3, 0.6, 1.1)
)
keyed <- function(x) {
  for (v in c("t3_m", "t3_d")) x[[v]] <- 7 - x[[v]]
  x
}
datasets <- list(
  plain = simulate(9301, 240, phi), keyed = keyed(simulate(9301, 240, phi)),
  crossed = simulate(9302, 180, phi * rbind(
    c(1, 0.1, 1, 1), c(0.1, 1, 1, -0.5), c(1, 1, 1, 0.1), c(1, -0.5, 0.1, 1)
  ), weak = 0.35)
)
factors <- list(
  trust_m = paste0("t", 1:4, "_m"), support_m = paste0("s", 1:3, "_m"),
  trust_d = paste0("t", 1:4, "_d"), support_d = paste0("s", 1:3, "_d")
)
syntax <- c(
  vapply(names(factors), function(f) paste(f, "=~", paste(factors[[f]], collapse = " + ")), ""),
  paste(factors$trust_m, "~~", factors$trust_d), paste(factors$support_m, "~~", factors$support_d)
)

cronbach <- function(s) nrow(s) / (nrow(s) - 1) * (1 - sum(diag(s)) / sum(s))

analyse <- function(x) {
  n <- nrow(x)
  fit <- cfa(paste(syntax, collapse = "\n"), x, std.lv = TRUE)
  found <- polish(fit)
  est <- getFromNamespace("lav_model_set_parameters", "lavaan")(fit@Model, x = found$x)@GLIST
  y <- lavNames(fit, "ov")
  lambda <- est$lambda
  phi <- est$psi
  theta <- est$theta
  dimnames(lambda) <- list(y, names(factors))
  dimnames(theta) <- list(y, y)
  dimnames(phi) <- list(names(factors), names(factors))
  sigma <- lambda %*% phi %*% t(lambda) + theta
  s <- cov(x[y])
  r <- cor(x[y])
  scale_of <- function(f) {
    i <- factors[[f]]
    l <- lambda[i, f]
    e <- diag(theta)[i]
    std <- l / sqrt(diag(sigma)[i])
    list(
      factor = f, items = I(i), loadings = unname(l), residuals = unname(e),
      std_loadings = unname(std), alpha = cronbach(s[i, i]),
      # Jöreskog (1971): implied variance of the sum; McDonald: observed variance (divisor n).
      composite_reliability = sum(l)^2 / (sum(l)^2 + sum(e)),
      composite_reliability_std = sum(std)^2 / (sum(std)^2 + sum(1 - std^2)),
      omega_observed = sum(l)^2 / (sum(s[i, i]) * (n - 1) / n),
      # Fornell & Larcker (1981, equation 11); with standardised loadings the mean square.
      ave = sum(l^2) / (sum(l^2) + sum(e)), ave_std = mean(std^2)
    )
  }
  scales <- lapply(names(factors), scale_of)
  names(scales) <- names(factors)
  pair_of <- function(one, two) {
    a <- factors[[one]]
    b <- factors[[two]]
    within <- function(i, r) r[i, i][lower.tri(r[i, i])]
    geometric <- function(v) exp(mean(log(abs(v))))
    ratio <- function(r) mean(r[a, b]) / sqrt(mean(within(a, r)) * mean(within(b, r)))
    signed <- mean(within(a, r)) * mean(within(b, r))
    # Items of one kind, answered by both members: their residuals correlate, and count among the
    # correlations between traits in htmt; htmt_other leaves pairs of the same item out.
    same <- outer(sub("_.$", "", a), sub("_.$", "", b), "==")
    between <- abs(r[a, b])
    list(
      pair = I(c(one, two)), correlation = phi[one, two],
      fornell_larcker = min(scales[[one]]$ave_std, scales[[two]]$ave_std) > phi[one, two]^2,
      # Henseler, Ringle & Sarstedt (2015) with absolute correlations (the default) and as they are;
      # HTMT2 (Roemer, Schuberth & Henseler, 2021): geometric means, of absolute correlations.
      htmt = ratio(abs(r)), htmt_signed = if (signed > 0) ratio(r),
      htmt2 = geometric(r[a, b]) / sqrt(geometric(within(a, r)) * geometric(within(b, r))),
      htmt_other = if (any(same)) mean(between[!same]) / sqrt(
        mean(abs(within(a, r))) * mean(abs(within(b, r)))
      )
    )
  }
  pairs <- combn(names(factors), 2, simplify = FALSE)
  # Mean scores of one construct of both members.
  dyad_of <- function(construct) {
    two <- paste0(construct, c("_m", "_d"))
    i <- factors[two]
    score <- sapply(i, function(v) rowMeans(x[v]))
    sd <- apply(score, 2, sd)
    both <- cor(score)[1, 2]
    # Classical test theory: true over total variance, errors of both members independent.
    of <- function(reliability, sign) {
      true <- sum(sd^2 * reliability) + sign * 2 * both * sd[1] * sd[2]
      total <- sum(sd^2) + sign * 2 * both * sd[1] * sd[2]
      unname(true / total)
    }
    alpha <- vapply(two, function(f) scales[[f]]$alpha, 0)
    omega <- vapply(two, function(f) scales[[f]]$omega_observed, 0)
    # By the model: what is due to factors in the implied variance; residuals of the same item, which
    # correlate over members, are error.
    implied <- function(sign) {
      w <- setNames(numeric(length(y)), y)
      w[i[[1]]] <- 1 / length(i[[1]])
      w[i[[2]]] <- sign / length(i[[2]])
      true <- drop(w %*% lambda %*% phi %*% t(lambda) %*% w)
      true / drop(w %*% sigma %*% w)
    }
    near(of(alpha, -1) * var(score[, 1] - score[, 2]),
      sum(sd^2 * alpha) - 2 * cov(score)[1, 2], 1e-12, "variance of the difference")
    near(of(alpha, 1) * var(score[, 1] + score[, 2]),
      sum(sd^2 * alpha) + 2 * cov(score)[1, 2], 1e-12, "variance of the sum")
    list(
      construct = construct, sd = unname(sd), correlation = both,
      alpha = unname(alpha), omega = unname(omega),
      difference_alpha = of(alpha, -1), mean_alpha = of(alpha, 1),
      difference_omega = of(omega, -1), mean_omega = of(omega, 1),
      difference_model = implied(-1), mean_model = implied(1)
    )
  }
  result <- list(
    n = n, gradient = found$norm, variables = I(y), factors = I(names(factors)),
    lambda = unname(lambda), phi = unname(phi), theta = unname(theta)
  )
  compare_packages(fit, x, scales, pairs, pair_of)
  list(
    model = result, scales = unname(scales),
    pairs = lapply(pairs, function(p) pair_of(p[1], p[2])),
    dyads = lapply(c("trust", "support"), dyad_of)
  )
}
# semTools on lavaan's own solution (hence within 1e-5), and its HTMT on the same correlations.
compare_packages <- function(fit, x, scales, pairs, pair_of) {
  suppressPackageStartupMessages(loadNamespace("semTools"))
  of <- function(key) vapply(scales, function(s) s[[key]], 0)
  near(of("omega_observed"), unlist(semTools::compRelSEM(fit)), 1e-5, "omega_observed")
  near(of("composite_reliability"), unlist(semTools::compRelSEM(fit, obs.var = FALSE)), 1e-5,
    "composite_reliability")
  near(of("alpha"), unlist(semTools::compRelSEM(fit, tau.eq = TRUE)), 1e-10, "alpha")
  near(of("ave"), unlist(semTools::AVE(fit, obs.var = FALSE)), 1e-5, "ave")
  measured <- paste(syntax[seq_along(factors)], collapse = "\n")
  plain <- unclass(semTools::htmt(measured, x, htmt2 = FALSE))
  geometric <- unclass(semTools::htmt(measured, x, htmt2 = TRUE))
  raw <- unclass(semTools::htmt(measured, x, htmt2 = FALSE, absolute = FALSE))
  for (p in pairs) {
    ours <- pair_of(p[1], p[2])
    near(ours$htmt, plain[p[1], p[2]], 1e-8, "htmt")
    near(ours$htmt2, geometric[p[1], p[2]], 1e-8, "htmt2")
    if (!is.null(ours$htmt_signed)) near(ours$htmt_signed, raw[p[1], p[2]], 1e-8, "htmt_signed")
  }
}

results <- lapply(datasets, analyse)
about <- list(
  command = "Rscript tests/oracles/measurement.R",
  how = paste(
    "A dyadic CFA of both members' scales (factor variances 1, residuals of the same item correlated),",
    "maximum likelihood, polished; lambda, phi, theta in the order of variables and factors.",
    "Covariances of composites have divisor n - 1, omega's observed variance n. Formulas are in the",
    "script, compared with semTools there. Null: not defined, or no pair of the same item."
  ),
  r = R.version.string,
  packages = as.list(sapply(packages, function(p) as.character(packageVersion(p))))
)
sets <- lapply(datasets, function(d) block(lapply(as.list(d), encode), "    "))
rows <- function(x) block(vapply(x, function(e) encode(filled(e)), ""), "      ", "[", "]")
out <- lapply(results, function(r) block(list(
  model = encode(r$model), scales = rows(r$scales), pairs = rows(r$pairs), dyads = rows(r$dyads)
), "    "))
writeLines(block(list(
  about = block(lapply(about, encode), "  "), syntax = encode(I(unname(syntax))),
  datasets = block(sets, "  "), results = block(out, "  ")
), ""), file.path(here, "measurement.json"))
for (what in names(worst)) cat(sprintf("%-28s within %.1e\n", what, worst[[what]]))
