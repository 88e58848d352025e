# Reference values for agreement within groups (dyadkit.agreement): simulated teams of unequal sizes,
# analysed by the packages multilevel, lme4 and nlme.
#
# Run by `make oracles` as `Rscript tests/oracles/agreement_groups.R`; writes agreement_groups.json.
# Needs the packages jsonlite, lme4, multilevel and nlme (on Debian: r-cran-jsonlite r-cran-lme4
# r-cran-multilevel r-cran-nlme).

suppressPackageStartupMessages({
  library(jsonlite)
  library(multilevel)
  library(nlme)
})
invisible(suppressWarnings(loadNamespace("lme4")))
options(warn = 2)  # a reference value that came with a warning is none
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))

teams_of <- function(seed, groups, sizes, items, shared, options) {
  set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  size <- sizes[sample(length(sizes), groups, TRUE)]
  group <- rep(seq_len(groups), size)
  level <- rnorm(groups, 0, sqrt(shared))[group]
  middle <- (options + 1) / 2
  raw <- middle + level + matrix(rnorm(length(group) * items, 0, 1), length(group))
  list(group = group, options = options, ratings = pmin(pmax(round(raw), 1), options))
}

data <- list(
  usual = teams_of(1, 40, 3:7, 4, 0.6, 5),
  single = teams_of(2, 30, 2:6, 1, 0.4, 7),
  equal = teams_of(3, 25, 5, 3, 0.5, 5),
  none = teams_of(4, 30, 3:5, 3, 0, 5),
  pairs = teams_of(5, 45, 2, 2, 0.5, 5),
  # Members who balance each other: ICCs are negative.
  opposed = local({
    d <- teams_of(6, 40, 2, 2, 0, 5)
    second <- seq(2, nrow(d$ratings), 2)
    turned <- 6 - d$ratings[second - 1, ] + sample(-1:1, 2 * length(second), TRUE)
    d$ratings[second, ] <- pmin(pmax(turned, 1), 5)
    d
  })
)
nulls <- list("5" = c(uniform = 2, `slight skew` = 1.34), "7" = c(uniform = 4, `slight skew` = 2.9))

# REML with correlated members: gls allows the correlation to be negative.
of_model <- function(score, group) {
  fit <- gls(score ~ 1, correlation = corCompSymm(form = ~ 1 | group), method = "REML",
             control = glsControl(tolerance = 1e-12, msTol = 1e-12, msMaxIter = 500))
  rho <- unname(coef(fit$modelStruct$corStruct, unconstrained = FALSE))
  list(icc1 = rho, loglik = as.numeric(logLik(fit)), mean = unname(coef(fit)))
}

of_anova <- function(score, group) {
  fit <- aov(score ~ factor(group))
  table <- summary(fit)[[1]]
  size <- as.vector(table(group))
  n <- length(score)
  groups <- length(size)
  n0 <- (n - sum(size^2) / n) / (groups - 1)
  between <- table[1, "Mean Sq"]
  within <- table[2, "Mean Sq"]
  icc <- function(k) (between - within) / (between + (k - 1) * within)
  upper <- table[1, "Pr(>F)"]
  list(icc1 = ICC1(fit), icc2 = ICC2(fit), icc1_n0 = icc(n0), f = table[1, "F value"],
       p_value = 2 * min(upper, 1 - upper), n0 = n0)
}

# Of equal sizes: the exact F interval.
of_interval <- function(score, group) {
  table <- summary(aov(score ~ factor(group)))[[1]]
  f <- table[1, "F value"]
  df <- table[, "Df"]
  k <- length(score) / (df[1] + 1)
  low <- f / qf(0.975, df[1], df[2])
  high <- f * qf(0.975, df[2], df[1])
  list(icc1_low = (low - 1) / (low + k - 1), icc1_high = (high - 1) / (high + k - 1),
       icc2_low = 1 - 1 / low, icc2_high = 1 - 1 / high)
}

cases <- lapply(names(data), function(name) {
  d <- data[[name]]
  x <- d$ratings
  group <- d$group
  variances <- nulls[[as.character(d$options)]]
  by_null <- lapply(names(variances), function(null) {
    v <- variances[[null]]
    r <- if (ncol(x) > 1) rwg.j(x, group, v)[, 2] else rwg(x[, 1], group, v)[, 2]
    l <- if (ncol(x) > 1) rwg.j.lindell(x, group, v)[, 2] else NULL
    list(null = null, rwg = r, lindell = l)
  })
  one <- if (ncol(x) > 1) x else x[, 1]
  score <- rowMeans(x)
  found <- list(
    data = name, nulls = by_null, ad_mean = ad.m(one, group)[, 2],
    ad_median = ad.m(one, group, type = "median")[, 2],
    awg = suppressWarnings(awg(one, group, range = c(1, d$options)))[, 2],
    sd = as.vector(tapply(seq_along(group), group, function(i) {
      mean(apply(x[i, , drop = FALSE], 2, sd))
    })),
    anova = of_anova(score, group), mixed = of_model(score, group)
  )
  found$awg[is.nan(found$awg)] <- NA
  if (name %in% c("equal", "pairs", "opposed")) found$interval <- of_interval(score, group)
  if (name == "usual") {
    fit <- lme4::lmer(score ~ 1 + (1 | group), control = lme4::lmerControl(
      optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12)))
    v <- as.data.frame(lme4::VarCorr(fit))$vcov
    found$lmer <- list(variance_between = v[1], variance_within = v[2])
    w <- suppressWarnings(waba(x[, 1], x[, 2], group))
    found$waba <- as.list(w$Cov.Theorem)
  }
  found
})
write_json(
  list(made_by = paste(R.version.string, "multilevel", packageVersion("multilevel"), "nlme",
                       packageVersion("nlme"), "lme4", packageVersion("lme4")),
       data = data, cases = cases),
  file.path(here, "agreement_groups.json"), digits = 15, auto_unbox = TRUE, na = "null"
)
