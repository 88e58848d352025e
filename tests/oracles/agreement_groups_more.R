# More reference values for agreement of groups: summaries over groups, intervals of unequal groups
# and of restricted likelihood, within-and-between analysis, random groups and critical values.
#
# Run by `make oracles` as `Rscript tests/oracles/agreement_groups_more.R`; writes a JSON of
# the same name beside itself.  Needs the packages jsonlite, lme4 and multilevel (on Debian: r-cran-jsonlite
# r-cran-lme4 r-cran-multilevel).

suppressPackageStartupMessages({
  library(jsonlite)
  library(multilevel)
  library(lme4)
})
options(warn = 2)

here <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
target <- file.path(dirname(here), "agreement_groups_more.json")

set.seed(8101)
likert <- function(z, options) pmin(pmax(round(z), 1), options)

# ---------------------------------------------------------------- data

# Teams of 2 to 8 with four items on 5 options; three persons have a missing item, two are alone.
size <- c(sample(2:8, 24, replace = TRUE), 1, 1)
team <- rep(seq_along(size), size)
level <- rnorm(length(size), 3.2, 0.6)[team]
trait <- rnorm(length(team), 0, 0.5)
items <- likert(level + trait + matrix(rnorm(4 * length(team), 0, 0.8), ncol = 4), 5)
items[cbind(c(4, 30, 57), c(1, 3, 4))] <- NA
other <- likert(0.5 * level + 0.4 * trait + rnorm(length(team), 1.5, 0.6), 5)

# Balanced: 12 teams of 4, one score with decimals on 7 options.
even_team <- rep(1:12, each = 4)
even <- round(pmin(pmax(rnorm(12, 4, 0.7)[even_team] + rnorm(48, 0, 1), 1), 7), 2)

# Members alike less than strangers: deviations that sum to nearly nothing.
opposed_team <- rep(1:10, each = 3)
opposed <- round(3 + as.vector(apply(matrix(rnorm(30), 3), 2, function(z) z - 0.9 * mean(z))), 2)

# Pairs.
pair <- rep(1:15, each = 2)
paired <- likert(rnorm(15, 3, 0.9)[pair] + rnorm(30, 0, 0.9), 5)

# ---------------------------------------------------------------- indices

per_group <- function(x, g, null, range) {
  x <- as.data.frame(x)
  keep <- complete.cases(x)
  x <- x[keep, , drop = FALSE]
  g <- g[keep]
  big <- g %in% as.numeric(names(which(table(g) > 1)))
  x <- x[big, , drop = FALSE]
  g <- g[big]
  one <- ncol(x) == 1
  # rwg.j.lindell of one item fails, since its apply() needs columns; of one item it is this.
  lindell <- if (one) 1 - tapply(x[[1]], g, var) / null else rwg.j.lindell(x, g, null)[, 2]
  put <- function(v) unname(as.vector(v))
  ratings <- if (one) x[[1]] else x
  list(
    rwg = put(if (one) rwg(ratings, g, null)[, 2] else rwg.j(ratings, g, null)[, 2]),
    lindell = put(lindell),
    awg = put(awg(ratings, g, range)[, 2]),
    ad_mean = put(ad.m(ratings, g, "mean")[, 2]),
    ad_median = put(ad.m(ratings, g, "median")[, 2]),
    sd = put(sapply(split(x, g), function(q) mean(apply(q, 2, sd)))),
    cv = put(sapply(split(x, g), function(q) mean(apply(q, 2, sd) / colMeans(q)))),
    size = put(table(g)),
    code = sort(unique(g))
  )
}
# split() orders groups by their names as text where they are not numbers: ours are numbers.

summaries <- function(v) {
  v <- v[!is.na(v)]
  m <- mean(v)
  reach <- qt(0.975, length(v) - 1) * sd(v) / sqrt(length(v))
  c(
    list(estimate = m, conf_low = m - reach, conf_high = m + reach, sd = sd(v), n = length(v)),
    as.list(setNames(quantile(v, c(0.25, 0.5, 0.75), names = FALSE), c("q25", "median", "q75")))
  )
}

# ---------------------------------------------------------------- reliability

reliability <- function(y, g, confidence) {
  keep <- !is.na(y)
  y <- y[keep]
  g <- g[keep]
  big <- g %in% as.numeric(names(which(table(g) > 1)))
  y <- y[big]
  g <- factor(g[big])
  fit <- aov(y ~ g)
  table <- summary(fit)[[1]]
  n <- as.numeric(table(g))
  total <- sum(n)
  groups <- length(n)
  n0 <- (total - sum(n^2) / total) / (groups - 1)
  msb <- table[1, 3]
  msw <- table[2, 3]
  f <- msb / msw
  balanced <- length(unique(n)) == 1
  if (balanced) {
    k <- n[1]
    base <- f
  } else {
    k <- groups / sum(1 / n)  # harmonic mean; Thomas and Hultquist (1978)
    base <- k * var(tapply(y, g, mean)) / msw
  }
  tail <- (1 - confidence) / 2
  low <- base / qf(1 - tail, groups - 1, total - groups)
  high <- base * qf(1 - tail, total - groups, groups - 1)
  rho <- (c(low, high) - 1) / (c(low, high) + k - 1)
  mean_size <- total / groups
  up <- mean_size * rho / (1 + (mean_size - 1) * rho)
  list(
    confidence = confidence,
    icc1_mean = list(estimate = ICC1(fit), conf_low = rho[1], conf_high = rho[2], n = groups),
    icc1_n0 = list(
      estimate = (msb - msw) / (msb + (n0 - 1) * msw), conf_low = rho[1], conf_high = rho[2]
    ),
    icc2 = list(estimate = ICC2(fit), conf_low = up[1], conf_high = up[2]),
    anova = list(
      f = f, df1 = groups - 1, df2 = total - groups, ms_between = msb, ms_within = msw,
      n0 = n0, mean_size = mean_size,
      p_value = min(1, 2 * min(pf(f, groups - 1, total - groups), table[1, "Pr(>F)"]))
    )
  )
}

# lme4's random intercept, and its profile under REML written out by a dense likelihood.
dense <- function(rho, y, g) {
  n <- length(y)
  v <- outer(g, g, "==") * rho
  diag(v) <- 1
  inverse <- solve(v)
  one <- rep(1, n)
  info <- sum(inverse)
  mu <- sum(inverse %*% y) / info
  q <- as.numeric(t(y - mu) %*% inverse %*% (y - mu))
  s <- q / (n - 1)
  list(
    deviance = (n - 1) * (1 + log(2 * pi * s)) + as.numeric(determinant(v)$modulus) + log(info),
    mean = mu, variance = s
  )
}
mixed <- function(y, g) {
  keep <- !is.na(y)
  y <- y[keep]
  g <- g[keep]
  big <- g %in% as.numeric(names(which(table(g) > 1)))
  y <- y[big]
  g <- g[big]
  most <- max(table(g))
  lowest <- -1 / (most - 1) + 1e-6
  at <- function(rho) dense(rho, y, g)$deviance
  best <- optimize(at, c(lowest, 0.999), tol = 1e-10)
  rho <- best$minimum
  # The root of a central difference is sharper than a minimum found by comparing values.
  slope <- function(r) (at(r + 1e-5) - at(r - 1e-5)) / 2e-5
  rho <- uniroot(slope, c(max(rho - 0.01, lowest + 1e-4), min(rho + 0.01, 0.998)), tol = 1e-13)$root
  found <- dense(rho, y, g)
  level <- at(rho) + qchisq(0.95, 1)
  over <- function(r) at(r) - level
  low <- if (over(lowest) > 0) uniroot(over, c(lowest, rho), tol = 1e-12)$root else -1 / (most - 1)
  high <- uniroot(over, c(rho, 0.999), tol = 1e-12)$root
  out <- list(
    estimate = rho, conf_low = low, conf_high = high,
    variance_between = rho * found$variance, variance_within = (1 - rho) * found$variance,
    mean = found$mean, loglik = -found$deviance / 2
  )
  if (rho > 0) {
    tight <- lmerControl(optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-14))
    fit <- lmer(y ~ 1 + (1 | g), control = tight)
    parts <- as.data.frame(VarCorr(fit))$vcov
    out$lme4 <- list(
      variance_between = parts[1], variance_within = parts[2], mean = unname(fixef(fit)),
      loglik = as.numeric(logLik(fit))
    )
    frame <- data.frame(y = y, again = y)
    out$mult_icc <- as.list(mult.icc(frame, g)[1, 2:3])
  }
  out
}

scale_of_items <- rowMeans(items)

# ---------------------------------------------------------------- within and between

waba_case <- function(x, y, g) {
  keep <- !is.na(x) & !is.na(y)
  x <- x[keep]
  y <- y[keep]
  g <- g[keep]
  big <- g %in% as.numeric(names(which(table(g) > 1)))
  found <- waba(x[big], y[big], g[big])
  etas <- found$Cov.Theorem
  n <- found$n.obs
  groups <- found$n.grps
  e <- etas$EtaBx / etas$EtaWx
  f <- e^2 * (n - groups) / (groups - 1)
  fisher <- function(r, count) tanh(atanh(r) + c(-1, 1) * qnorm(0.975) / sqrt(count - 3))
  apart <- atanh(abs(etas$CorrB)) - atanh(abs(etas$CorrW))
  z <- apart / sqrt(1 / (groups - 3) + 1 / (n - groups - 2))
  list(
    raw = etas$RawCorr, eta_bx = etas$EtaBx, eta_by = etas$EtaBy, r_b = etas$CorrB,
    eta_wx = etas$EtaWx, eta_wy = etas$EtaWy, r_w = etas$CorrW, n = n, groups = groups,
    e_ratio = e, f = f, f_aov = summary(aov(x[big] ~ factor(g[big])))[[1]][1, 4],
    between = fisher(etas$CorrB, groups), within = fisher(etas$CorrW, n - groups + 1),
    a_difference = acos(abs(etas$CorrW)) - acos(abs(etas$CorrB)), z = z,
    p_value = 2 * pnorm(-abs(z))
  )
}

# ---------------------------------------------------------------- random groups, critical values

random_groups <- function(y, g, seed) {
  keep <- !is.na(y)
  y <- y[keep]
  g <- g[keep]
  big <- g %in% as.numeric(names(which(table(g) > 1)))
  set.seed(seed)
  count <- 4000 * length(unique(g[big]))
  found <- rgr.agree(y[big], g[big], count)
  list(
    actual = found$AvGrpVar, random_mean = found$AvRGRVar, random_sd = found$SDRGRVar,
    z = found$zvalue, count = found$NRanGrp, variance = var(y[big])
  )
}
critical <- function(seed) {
  set.seed(seed)
  five <- rwg.sim(5, 5, 20000)
  ten <- rwg.j.sim(10, 4, 5, NULL, 4000)
  related <- matrix(0.5, 3, 3)
  diag(related) <- 1
  scale <- rwg.j.sim(6, 3, 5, related, 6000)
  apart <- ad.m.sim(8, 1, 5, type = "median", nrep = 6000)
  list(
    list(index = "rwg", size = 5, items = 1, correlation = 0, value = five$rwg.95, at = 0.8,
         share = mean(five$rwg >= 0.8), draws = 20000),
    list(index = "rwg", size = 10, items = 4, correlation = 0, value = ten$rwg.95, at = 0.4,
         share = mean(ten$rwg >= 0.4), draws = 4000),
    list(index = "rwg", size = 6, items = 3, correlation = 0.5, value = scale$rwg.95, at = 0.6,
         share = mean(scale$rwg >= 0.6), draws = 6000),
    list(index = "ad_median", size = 8, items = 1, correlation = 0, value = apart$ad.m.05, at = 0.8,
         share = mean(apart$ad.m <= 0.8), draws = 6000)
  )
}

# ---------------------------------------------------------------- output

teams <- per_group(items, team, 2, c(1, 5))
balanced <- per_group(even, even_team, 4, c(1, 7))
pairs <- per_group(paired, pair, 2, c(1, 5))
skewed <- per_group(items, team, 1.34, c(1, 5))
result <- list(
  versions = list(
    R = R.version.string, multilevel = as.character(packageVersion("multilevel")),
    lme4 = as.character(packageVersion("lme4"))
  ),
  data = list(
    items = unname(as.matrix(items)), team = team, other = other, even = even,
    even_team = even_team, opposed = opposed, opposed_team = opposed_team, paired = paired,
    pair = pair
  ),
  teams = teams, balanced = balanced, pairs = pairs,
  skewed = skewed[c("rwg", "lindell")],
  summaries = lapply(teams[c("rwg", "lindell", "awg", "ad_mean", "ad_median", "sd")], summaries),
  reliability = list(
    teams = reliability(scale_of_items, team, 0.95),
    even = reliability(even, even_team, 0.90),
    opposed = reliability(opposed, opposed_team, 0.95),
    pairs = reliability(paired, pair, 0.99)
  ),
  mixed = list(
    teams = mixed(scale_of_items, team), even = mixed(even, even_team),
    opposed = mixed(opposed, opposed_team), pairs = mixed(paired, pair)
  ),
  waba = waba_case(scale_of_items, other, team),
  random_groups = list(
    teams = random_groups(scale_of_items, team, 5),
    opposed = random_groups(opposed, opposed_team, 6)
  ),
  critical = critical(7)
)
write_json(result, target, digits = I(15), auto_unbox = TRUE, na = "null", matrix = "rowmajor")
