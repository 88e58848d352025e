# Reference values for the one-with-many analysis, on data simulated here: several developees to a
# mentor, predictors of the mentor, the developee and the dyad, answers missing on either side.
# Centring and means by mentor are computed dyad by dyad; the models are fitted by the dense likelihood
# of mixed/, and by nlme and lme4.
#
# Run by `make oracles` as `Rscript tests/oracles/one_with_many.R`; writes one_with_many.json.  Needs the
# packages jsonlite, lme4, lmerTest, nlme and numDeriv (on Debian: r-cran-jsonlite r-cran-lme4
# r-cran-lmertest r-cran-nlme r-cran-numderiv).

suppressPackageStartupMessages({
  library(jsonlite)
  library(nlme)
})
packages <- c("jsonlite", "lme4", "lmerTest", "nlme", "numDeriv")
for (package in packages) suppressWarnings(loadNamespace(package))
options(warn = 2)  # a reference value that came with a warning is none
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
for (name in c("dense", "maximise", "inference", "packages", "reference", "write")) {
  source(file.path(here, "mixed", paste0(name, ".R")), local = FALSE)
}

# Data -------------------------------------------------------------------------------------------
# One row per person and dyad; `experience` stands in mentors' rows, `need` in developees', `months` in both.
simulate <- function(n, seed, general, specific, silent = 0.12, gaps = 0.05) {
  set.seed(seed)
  draw <- function(m, s) matrix(rnorm(2 * m), m) %*% chol(s)
  rows <- list()
  for (g in seq_len(n)) {
    m <- sample(1:5, 1)
    b <- draw(1, general)
    e <- draw(m, specific)
    experience <- round(runif(1, 1, 20), 1)
    need <- round(rnorm(1, 3, 0.6) + rnorm(m, 0, 1), 2)
    months <- sample(1:24, m, TRUE)
    one <- function(k) data.frame(
      mentor = sprintf("m%02d", g), pair = sprintf("m%02dp%d", g, seq_len(m)),
      role = c("mentor", "developee")[k],
      who = if (k == 1) sprintf("m%02d", g) else sprintf("m%02dd%d", g, seq_len(m)),
      y = round(c(4, 5)[k] + c(0.05, -0.02)[k] * experience + c(-0.2, 0.3)[k] * need +
        c(0.02, 0.03)[k] * months + b[k] + e[, k], 2),
      experience = if (k == 1) experience else NA, need = if (k == 2) need else NA, months = months
    )
    rows[[g]] <- rbind(one(1), one(2))
  }
  x <- do.call(rbind, rows)
  x$y[sample(nrow(x), round(silent * nrow(x)))] <- NA
  x$need[sample(which(x$role == "developee"), round(gaps * sum(x$role == "developee")))] <- NA
  rownames(x) <- NULL
  x
}
raw <- list(
  mentors40 = simulate(40, 9301, cbind(c(0.5, -0.15), c(-0.15, 0.4)), cbind(c(1, 0.35), c(0.35, 0.7))),
  # What mentors give and what they get go together perfectly.
  together24 = simulate(24, 9305, cbind(c(0.5, 0.4471), c(0.4471, 0.4)), cbind(c(1, 0.2), c(0.2, 0.8)), 0, 0)
)
prepare_focal <- function(x) {
  dyads <- unique(x$pair)
  at <- function(name, role) x[[name]][match(paste(dyads, role), paste(x$pair, x$role))]
  d <- data.frame(pair = dyads, mentor = x$mentor[match(dyads, x$pair)], experience = at("experience", "mentor"),
    need = at("need", "developee"), months = at("months", "mentor"))
  for (name in c("experience", "need", "months")) d[[name]] <- d[[name]] - mean(d[[name]], na.rm = TRUE)
  d$need_b <- NA_real_
  for (i in seq_len(nrow(d))) d$need_b[i] <- mean(d$need[d$mentor == d$mentor[i]], na.rm = TRUE)
  d$need_w <- d$need - d$need_b
  more <- d[match(x$pair, d$pair), c("experience", "need", "months", "need_b", "need_w")]
  x <- cbind(x[c("mentor", "pair", "role", "who", "y")], more)
  x$role <- factor(x$role, c("mentor", "developee"))
  x
}
datasets <- lapply(raw, prepare_focal)
for (role in c("mentor", "developee")) datasets[[role]] <- datasets$mentors40[datasets$mentors40$role == role, ]

# Models -----------------------------------------------------------------------------------------
by_role <- function(...) paste(c("y ~ 0 + role", if (...length()) paste0("role:", c(...))), collapse = " + ")
sides <- function(...) term("~ 0 + role", "mentor", ...)
pair_un <- residual_un(unit = "pair")
in_lmer <- function(x) check_lmer(x, "(0 + role | mentor) + (0 + role | pair)")
in_both <- function(x) check_lme(in_lmer(x), list(mentor = pdSymm(~ 0 + role)),
  corSymm(form = ~ as.integer(role) | mentor / pair), varIdent(form = ~ 1 | role))
both("three_levels", "mentors40", by_role("experience", "need", "months"), pair_un, random = list(sides()),
  cluster = "mentor", checks = in_both)
both("divided", "mentors40", by_role("experience", "need_b", "need_w"), pair_un, random = list(sides()),
  cluster = "mentor", checks = in_both, methods = "REML")
both("empty", "mentors40", by_role(), pair_un, random = list(sides()), cluster = "mentor", checks = in_both)
for (role in c("mentor", "developee")) {
  both(paste0("one_side_", role), role, "y ~ experience + need + months", residual_ind("mentor"),
    random = list(term("~ 1", "mentor")),
    checks = function(x) check_lme(check_lmer(x, "(1 | mentor)"), list(mentor = ~ 1)))
}
both("together", "together24", by_role(), pair_un, random = list(sides(rank = 1)), cluster = "mentor",
  checks = in_lmer, methods = "REML")

# Variances, reciprocities and shares ------------------------------------------------------------
# Standard errors by the delta method from the observed information; intervals on the scale of the
# logarithm, Fisher's z and the logit.
scales <- list(
  variance = list(log, exp), correlation = list(atanh, tanh), share = list(qlogis, plogis)
)
component <- function(fit, kind, f) {
  psi <- setNames(fit$best$psi, fit$problem$names)
  value <- f(psi)
  g <- numDeriv::grad(function(p) f(setNames(p, names(psi))), psi)
  se <- sqrt(drop(g %*% (2 * solve(fit$best$h)) %*% g))
  to <- scales[[kind]][[1]]
  slope <- numDeriv::grad(to, value)
  ends <- scales[[kind]][[2]](to(value) + c(-1, 1) * qnorm(0.975) * se * slope)
  list(estimate = value, se = se, low = ends[1], high = ends[2])
}
share <- function(a, b) function(p) p[[a]] / (p[[a]] + p[[b]])
correlation <- function(c, a, b) function(p) p[[c]] / sqrt(p[[a]] * p[[b]])
components_of <- function(fit) {
  if (fit$spec$residual$structure == "independent") {
    a <- "random1|(Intercept)|(Intercept)"
    e <- "residual|variance"
    return(list(
      focal = component(fit, "variance", function(p) p[[a]]), rest = component(fit, "variance", function(p) p[[e]]),
      share = component(fit, "share", share(a, e))
    ))
  }
  g <- function(a, b = a) paste0("random1|role", a, "|role", b)
  r <- function(a, b = a) paste0("residual|", a, "|", b)
  m <- "mentor"
  d <- "developee"
  list(
    actor = component(fit, "variance", function(p) p[[g(m)]]),
    partner = component(fit, "variance", function(p) p[[g(d)]]),
    generalised = component(fit, "correlation", correlation(g(m, d), g(m), g(d))),
    rest_mentor = component(fit, "variance", function(p) p[[r(m)]]),
    rest_developee = component(fit, "variance", function(p) p[[r(d)]]),
    dyadic = component(fit, "correlation", correlation(r(m, d), r(m), r(d))),
    share_mentor = component(fit, "share", share(g(m), r(m))),
    share_developee = component(fit, "share", share(g(d), r(d)))
  )
}
# ICC(1) from the analysis of variance of the rows used, with both sizes.
analysis_of_variance <- function(fit) {
  frame <- fit$problem$frame
  lapply(split(frame, droplevels(frame$role)), function(x) {
    table <- anova(lm(y ~ factor(mentor), x))
    ms <- table[["Mean Sq"]]
    size <- as.numeric(table(factor(x$mentor)))
    icc <- function(k) (ms[1] - ms[2]) / (ms[1] + (k - 1) * ms[2])
    list(f = table[["F value"]][1], mean = icc(mean(size)), n0 = icc((sum(size) - sum(size^2) / sum(size)) / (length(size) - 1)))
  })
}
for (name in c("mentor", "developee")) for (method in c("reml", "ml")) {
  key <- paste0("one_side_", name, "_", method)
  fits[[key]]$problem$frame$role <- factor(rep(name, nrow(fits[[key]]$problem$frame)))
}

# JSON -------------------------------------------------------------------------------------------
lines_of <- function(x) block(lapply(x, encode), "    ")
about <- list(command = "Rscript tests/oracles/one_with_many.R", r = R.version.string,
  packages = as.list(sapply(packages, function(p) as.character(packageVersion(p)))))
kept <- c("name", "dataset", "formula", "method", "n", "n_clusters", "n_parameters", "loglik", "columns", "coef",
  "se", "df", "covariance", "gradient", "checks")
models <- lapply(unname(fits), function(x) {
  found <- entry(x)[kept]
  if (x$name != "together_reml") found$components <- components_of(x)
  found$anova <- analysis_of_variance(x)
  lines_of(found)
})
top <- list(
  about = block(lapply(about, encode), "  "),
  datasets = block(lapply(raw, function(d) block(lapply(as.list(d), encode), "    ")), "  "),
  models = block(models, "  ", "[", "]")
)
writeLines(block(top, ""), file.path(here, "one_with_many.json"))
for (kind in sort(ls(worst))) {
  cat(sprintf("largest %-28s %.1e  %s\n", kind, worst[[kind]]$value, worst[[kind]]$name))
}
