# Reference values for dyadkit.multilevel.teams: members of simulated teams of unequal sizes, some
# answers missing, whose others' means are computed here, person by person.
#
# Run by `make oracles` as `Rscript tests/oracles/teams.R`; writes teams.json.  Needs the packages
# jsonlite, lmerTest, multilevel, nlme and numDeriv (on Debian: r-cran-jsonlite r-cran-lmertest
# r-cran-multilevel r-cran-nlme r-cran-numderiv).
#
# Where members are alike, the compound-symmetric gls is the random intercept of lme and lmer; the
# script stops where these differ.  Default settings of gls stop early: tolerances are 1e-12 here.

suppressPackageStartupMessages({
  library(jsonlite)
  library(nlme)
})
for (package in c("lmerTest", "multilevel", "numDeriv")) suppressWarnings(loadNamespace(package))
options(warn = 2)  # a reference value that came with a warning is none
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))

teams_of <- function(seed, n, sizes, r) {
  set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  k <- sample(sizes, n, TRUE)
  d <- do.call(rbind, lapply(seq_len(n), function(g) {
    m <- k[g]
    x <- rnorm(m, 3)
    z <- 0.3 * x + rnorm(m)
    root <- chol(matrix(r, m, m) + diag(1 - r, m))
    others <- if (m > 1) (sum(x) - x) / (m - 1) else rep(0, m)
    data.frame(team = g, person = 100 * g + seq_len(m),
               role = ifelse(seq_len(m) == 1, "leader", "member"), x = x, z = z, age = rnorm(m, 40, 9),
               y = 1 + 0.5 * x - 0.3 * others + 0.1 * m + drop(rnorm(m) %*% root))
  }))
  for (name in c("x", "z", "y")) {
    d[[name]] <- round(d[[name]], 3)
    d[[name]][sample(nrow(d), nrow(d) %/% 15)] <- NA
  }
  d$age <- round(d$age)
  d
}

# The mean of the others who answered; of nobody, it is missing.
others_of <- function(v, team) {
  vapply(seq_along(v), function(i) {
    rest <- v[team == team[i] & seq_along(v) != i]
    rest <- rest[!is.na(rest)]
    if (length(rest)) mean(rest) else NA_real_
  }, 0)
}

prepared <- function(d) {
  size <- as.vector(table(d$team)[as.character(d$team)])
  d$size <- size - mean(size)
  for (name in c("x", "z", "age")) {
    centred <- d[[name]] - mean(d[[name]], na.rm = TRUE)
    d[[paste0("own_", name)]] <- centred
    d[[paste0("others_", name)]] <- others_of(centred, d$team)
  }
  d
}

control <- glsControl(tolerance = 1e-12, msTol = 1e-12, msMaxIter = 500, maxIter = 500)
fit_of <- function(formula, d, method, weights = NULL) {
  gls(formula, d, correlation = corCompSymm(form = ~ 1 | team), method = method, weights = weights,
      control = control)
}

# The Wald interval of the correlation on the scale of Fisher's z for k members, from a Hessian of
# the dense likelihood.  (That of nlme's `intervals` is the same by a coarser one: it is .006 to .04
# off in the data `alike`, and agrees to 1e-5 in `unlike`.)
interval_of <- function(fit, formula, d, method) {
  k <- max(table(d$team))
  x <- model.matrix(formula, d)
  half_deviance <- function(w) {
    rho <- (exp(w[1]) - 1) / (exp(w[1]) + k - 1)
    v <- exp(2 * w[2]) * (outer(d$team, d$team, "==") * rho + diag(1 - rho, nrow(d)))
    inverse <- solve(v)
    info <- t(x) %*% inverse %*% x
    left <- d$y - x %*% solve(info, t(x) %*% inverse %*% d$y)
    own <- determinant(v)$modulus + t(left) %*% inverse %*% left
    as.numeric(own + if (method == "REML") determinant(info)$modulus else 0) / 2
  }
  rho <- unname(coef(fit$modelStruct$corStruct, unconstrained = FALSE))
  at <- c(log((1 + (k - 1) * rho) / (1 - rho)), log(fit$sigma))
  if (max(abs(numDeriv::grad(half_deviance, at))) > 1e-3) stop("not the optimum")
  error <- sqrt(solve(numDeriv::hessian(half_deviance, at))[1, 1])
  z <- at[1] + c(-1, 1) * qnorm(0.975) * error
  (exp(z) - 1) / (exp(z) + k - 1)
}

close_to <- function(one, two, tolerance, what) {
  worst <- max(abs(one - two) / pmax(abs(one), 1e-8))
  cat(sprintf("  %-34s %.1e\n", what, worst))
  if (!is.finite(worst) || worst > tolerance) stop(what)
}

model_of <- function(name, data, formula, method, alike) {
  d <- prepared(datasets[[data]])
  d <- d[complete.cases(d[all.vars(formula)]), ]
  fit <- fit_of(formula, d, method)
  rho <- unname(coef(fit$modelStruct$corStruct, unconstrained = FALSE))
  found <- list(name = name, data = data, method = method, formula = deparse1(formula), n = nrow(d),
                teams = length(unique(d$team)), terms = names(coef(fit)), coef = unname(coef(fit)),
                variance = fit$sigma^2, correlation = rho, loglik = as.numeric(logLik(fit)))
  found$interval <- interval_of(fit, formula, d, method)
  if (method == "REML") found$se <- unname(sqrt(diag(fit$varBeta)))
  cat(name, "\n")
  if (alike) {
    mixed <- lme(formula, d, random = ~ 1 | team, method = method,
                 control = lmeControl(tolerance = 1e-12, msTol = 1e-12, opt = "optim"))
    close_to(coef(fit), fixef(mixed), 1e-5, "lme: coefficients")
    v <- as.numeric(VarCorr(mixed)[, "Variance"])
    close_to(c(fit$sigma^2, rho), c(sum(v), v[1] / sum(v)), 1e-4, "lme: variance, correlation")
    if (method == "REML") {
      tested <- lmerTest::lmer(update(formula, . ~ . + (1 | team)), d,
                               control = lme4::lmerControl(optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-14)))
      s <- coef(summary(tested))
      close_to(found$se, unname(s[, "Std. Error"]), 1e-5, "lmerTest: standard errors")
      found$df <- unname(s[, "df"])
    }
  }
  found
}

# Effects and residual standard deviations by role.
by_role <- function(data, method) {
  d <- prepared(datasets[[data]])
  formula <- y ~ 0 + role + role:own_x + role:others_x + size
  d <- d[complete.cases(d[all.vars(formula)]), ]
  fit <- fit_of(formula, d, method, varIdent(form = ~ 1 | role))
  # The role of the first row is gls's reference.
  ratio <- coef(fit$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE)
  found <- list(data = data, method = method, n = nrow(d), terms = names(coef(fit)),
                coef = unname(coef(fit)), loglik = as.numeric(logLik(fit)),
                variance = unname((fit$sigma * ratio["leader"])^2),
                ratio = unname(ratio["member"] / ratio["leader"]),
                correlation = unname(coef(fit$modelStruct$corStruct, unconstrained = FALSE)))
  if (method == "REML") found$se <- unname(sqrt(diag(fit$varBeta)))
  found
}

icc_of <- function(data, variable) {
  d <- datasets[[data]]
  d <- d[!is.na(d[[variable]]), ]
  d$v <- d[[variable]]
  d$team <- factor(d$team)
  table <- anova(aov(v ~ team, d))
  high <- table[1, "Mean Sq"]
  low <- table[2, "Mean Sq"]
  sizes <- as.vector(table(d$team))
  n0 <- (sum(sizes) - sum(sizes^2) / sum(sizes)) / (length(sizes) - 1)
  tails <- c(pf(high / low, table[1, "Df"], table[2, "Df"]),
             pf(high / low, table[1, "Df"], table[2, "Df"], lower.tail = FALSE))
  list(data = data, variable = variable, mean_size = multilevel::ICC1(aov(v ~ team, d)),
       n0 = (high - low) / (high + (n0 - 1) * low), f = high / low, df = table[1, "Df"],
       p = min(1, 2 * min(tails)))
}

datasets <- list(alike = teams_of(9101, 45, 1:7, 0.35), unlike = teams_of(9102, 60, 2:5, -0.18))
short <- y ~ own_x + others_x + size
full <- y ~ own_x + others_x + own_x:others_x + own_z + others_z + own_z:others_z + own_age + size
models <- list()
for (method in c("REML", "ML")) {
  for (data in names(datasets)) {
    for (kind in c("short", "full")) {
      name <- paste(data, kind, tolower(method), sep = "_")
      models[[name]] <- model_of(name, data, get(kind), method, data == "alike")
    }
  }
}
roles <- list()
for (method in c("REML", "ML")) for (data in names(datasets)) {
  roles[[length(roles) + 1]] <- by_role(data, method)
}
iccs <- list()
for (data in names(datasets)) for (v in c("y", "x", "z")) iccs[[length(iccs) + 1]] <- icc_of(data, v)

version_of <- function(p) paste(p, packageVersion(p))
write_json(
  list(
    about = "Written by teams.R; see there.",
    versions = c(R.version.string, sapply(c("nlme", "lme4", "lmerTest", "multilevel", "numDeriv"), version_of)),
    datasets = datasets, models = unname(models), by_role = roles, iccs = iccs
  ),
  file.path(here, "teams.json"), auto_unbox = TRUE, digits = I(15), na = "null", dataframe = "columns"
)
