# Reference values for two ratings of one thing (dyadkit.agreement): simulated ratings, indices by
# formulas written out here, by psych (ICC) and by stats (t.test, cor.test, lm).
#
# Run by `make oracles` as `Rscript tests/oracles/agreement_two.R`; writes agreement_two.json.  Needs
# the packages jsonlite and psych (on Debian: r-cran-jsonlite r-cran-psych).
#
# Noncentral t bounds are roots of a distribution function that is integrated here.

suppressPackageStartupMessages({
  library(jsonlite)
  library(psych)
})
options(warn = 2)  # a reference value that came with a warning is none
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))

draws <- function(seed) set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion",
                                 sample.kind = "Rejection")

pairs_of <- function(seed, n, shared, apart, digits, origin = 4) {
  draws(seed)
  z <- rnorm(n)
  first <- origin + sign(shared) * sqrt(abs(shared)) * z + sqrt(1 - abs(shared)) * rnorm(n)
  second <- origin + apart + sqrt(abs(shared)) * z + 1.2 * sqrt(1 - abs(shared)) * rnorm(n)
  list(first = round(first, digits), second = round(second, digits))
}

data <- list(
  usual = pairs_of(1, 60, 0.5, 0.3, 1),
  scale = local({
    d <- pairs_of(2, 120, 0.6, -0.2, 3)
    lapply(d, function(v) pmin(7, pmax(1, round(v))))
  }),
  opposite = pairs_of(3, 40, -0.6, 0.1, 2),
  few = pairs_of(4, 5, 0.7, 0.5, 2),
  alike = local({
    d <- pairs_of(5, 80, 0.9, 0, 2)
    list(first = d$first, second = round(d$first + 0.01 * (d$second - d$first) + 0.02, 4))
  }),
  far = pairs_of(6, 50, 0.4, 0.4, 2, origin = 1e6)
)

# R's pt() warns that it loses digits for large noncentralities, so that the distribution function
# is integrated here: T <= t when a normal variable is below t s - ncp, with s = chi / sqrt(df).
p_nct <- function(t, df, ncp) {
  density <- function(s) {
    exp(log(2) + df / 2 * log(df / 2) - lgamma(df / 2) + (df - 1) * log(s) - df * s^2 / 2)
  }
  wide <- 14 / sqrt(2 * df)
  ends <- c(max(1e-12, 1 - wide), 1 + wide)
  integrate(function(s) pnorm(t * s - ncp) * density(s), ends[1], ends[2], rel.tol = 1e-12,
            abs.tol = 0, subdivisions = 2000L)$value
}
# The noncentrality under which t has this lower tail.
noncentrality <- function(t, df, tail) {
  uniroot(function(d) p_nct(t, df, d) - tail, t + c(-12, 12), tol = 1e-13, extendInt = "yes")$root
}
# The quantile of a noncentral t.
quantile_nct <- function(p, df, d) {
  uniroot(function(t) p_nct(t, df, d) - p, d + c(-8, 8), tol = 1e-13, extendInt = "yes")$root
}

of_mean <- function(x, y, level) {
  test <- t.test(x, y, paired = TRUE, conf.level = level)
  n <- length(x)
  d <- x - y
  t <- unname(test$statistic)
  low <- noncentrality(t, n - 1, (1 + level) / 2)
  high <- noncentrality(t, n - 1, (1 - level) / 2)
  spread <- sqrt((var(x) + var(y)) / 2)
  per <- sd(d) / sqrt(n) / spread
  list(estimate = mean(d), std_error = sd(d) / sqrt(n), conf_low = test$conf.int[1],
       conf_high = test$conf.int[2], statistic = t, df = n - 1, p_value = test$p.value,
       d_av = mean(d) / spread, d_av_low = low * per, d_av_high = high * per,
       d_z = mean(d) / sd(d), d_z_low = low / sqrt(n), d_z_high = high / sqrt(n))
}

of_equivalence <- function(x, y, margin, level) {
  a <- 1 - level
  above <- t.test(x, y, paired = TRUE, mu = -margin, alternative = "greater")
  below <- t.test(x, y, paired = TRUE, mu = margin, alternative = "less")
  ci <- t.test(x, y, paired = TRUE, conf.level = 1 - 2 * a)$conf.int
  list(p_value = max(above$p.value, below$p.value), conf_low = ci[1], conf_high = ci[2])
}

of_correlations <- function(x, y, level) {
  r <- cor.test(x, y, conf.level = level)
  rho <- cor(rank(x), rank(y))
  n <- length(x)
  z <- qnorm((1 + level) / 2)
  reach <- z * sqrt((1 + rho^2 / 2) / (n - 3))
  t <- rho * sqrt((n - 2) / (1 - rho^2))
  list(r = list(estimate = unname(r$estimate), conf_low = r$conf.int[1],
                conf_high = r$conf.int[2], statistic = unname(r$statistic), p_value = r$p.value),
       rho = list(estimate = rho, conf_low = tanh(atanh(rho) - reach),
                  conf_high = tanh(atanh(rho) + reach), p_value = 2 * pt(-abs(t), n - 2)))
}

# Lin (1989), divisor n; variance of z as corrected in Lin (2000).
of_concordance <- function(x, y, level) {
  n <- length(x)
  s <- function(a, b) mean((a - mean(a)) * (b - mean(b)))
  r <- cor(x, y)
  ccc <- 2 * s(x, y) / (s(x, x) + s(y, y) + (mean(x) - mean(y))^2)
  v <- sqrt(s(x, x) / s(y, y))
  u <- (mean(x) - mean(y)) / (s(x, x) * s(y, y))^0.25
  z <- atanh(ccc)
  variance <- ((1 - r^2) * ccc^2 / ((1 - ccc^2) * r^2) +
    2 * ccc^3 * (1 - ccc) * u^2 / (r * (1 - ccc^2)^2) -
    ccc^4 * u^4 / (2 * r^2 * (1 - ccc^2)^2)) / (n - 2)
  reach <- qnorm((1 + level) / 2) * sqrt(variance)
  list(estimate = ccc, conf_low = tanh(z - reach), conf_high = tanh(z + reach),
       bias_factor = ccc / r, location_shift = u, scale_shift = v)
}

of_limits <- function(x, y, level) {
  d <- x - y
  n <- length(d)
  z <- qnorm(0.975)
  a <- (1 - level) / 2
  near <- quantile_nct(a, n - 1, z * sqrt(n)) / sqrt(n)
  far <- quantile_nct(1 - a, n - 1, z * sqrt(n)) / sqrt(n)
  reach <- qt(1 - a, n - 1) * sd(d) * sqrt(1 / n + z^2 / (2 * (n - 1)))
  fit <- summary(lm(d ~ I((x + y) / 2)))$coefficients[2, ]
  ends <- fit[1] + c(-1, 1) * qt(1 - a, n - 2) * fit[2]
  list(sd = sd(d), lower = mean(d) - z * sd(d), upper = mean(d) + z * sd(d),
       exact = list(lower_low = mean(d) - far * sd(d), lower_high = mean(d) - near * sd(d),
                    upper_low = mean(d) + near * sd(d), upper_high = mean(d) + far * sd(d)),
       approximate = list(lower_low = mean(d) - z * sd(d) - reach,
                          upper_high = mean(d) + z * sd(d) + reach),
       slope = unname(fit[1]), slope_low = unname(ends[1]), slope_high = unname(ends[2]),
       slope_p = unname(fit[4]))
}

# Quantile of |D| and share of |D| within a distance, for normal D; delta method with numerical
# derivatives by mean and standard deviation.
of_deviation <- function(x, y, share, within, level) {
  d <- x - y
  n <- length(d)
  held <- function(q, m, s) pnorm((q - m) / s) - pnorm((-q - m) / s)
  tdi <- function(m, s) {
    uniroot(function(q) held(q, m, s) - share, c(0, abs(m) + 20 * s), tol = 1e-14)$root
  }
  central <- function(f, at, step) (f(at - 2 * step) - 8 * f(at - step) + 8 * f(at + step) -
    f(at + 2 * step)) / (12 * step)
  m <- mean(d)
  s <- sd(d)
  step <- s * 1e-3
  error <- function(f) {
    sqrt(central(function(v) f(v, s), m, step)^2 * s^2 / n +
      central(function(v) f(m, v), s, step)^2 * s^2 / (2 * (n - 1)))
  }
  z <- qnorm((1 + level) / 2)
  index <- tdi(m, s)
  wide <- z * error(function(m, s) log(tdi(m, s)))
  cover <- function(m, s) held(within, m, s)
  odds <- z * error(function(m, s) qlogis(cover(m, s)))
  p <- cover(m, s)
  list(tdi = list(estimate = index, conf_low = index * exp(-wide), conf_high = index * exp(wide)),
       coverage = list(estimate = p, conf_low = plogis(qlogis(p) - odds),
                       conf_high = plogis(qlogis(p) + odds)))
}

of_icc <- function(ratings, level) {
  found <- suppressMessages(ICC(ratings, lmer = FALSE, alpha = 1 - level))$results
  lapply(seq_len(nrow(found)), function(i) {
    list(shrout_fleiss = c("ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)",
                           "ICC(3,k)")[i],
         estimate = found$ICC[i], statistic = found$F[i], df = found$df1[i], df2 = found$df2[i],
         upper_tail = found$p[i], conf_low = found[["lower bound"]][i],
         conf_high = found[["upper bound"]][i])
  })
}

raters_of <- function(seed, n, k, shared) {
  draws(seed)
  target <- rnorm(n, 0, sqrt(shared))
  leniency <- rnorm(k, 0, 0.5)
  round(outer(target, leniency, `+`) + matrix(rnorm(n * k), n), 2)
}
more <- list(three = raters_of(11, 30, 3, 1), four = raters_of(12, 12, 4, 0.5),
             none = raters_of(13, 20, 3, 0.01))

cases <- lapply(names(data), function(name) {
  x <- data[[name]]$first
  y <- data[[name]]$second
  level <- if (name == "usual") 0.9 else 0.95
  margin <- if (name == "alike") 0.05 else 0.5
  within <- if (name == "alike") 0.03 else 1
  c(list(data = name, confidence = level, margin = margin, within = within, share = 0.9),
    list(difference = of_mean(x, y, level), equivalence = of_equivalence(x, y, margin, level)),
    of_correlations(x, y, level),
    list(concordance = of_concordance(x, y, level), limits = of_limits(x, y, level)),
    of_deviation(x, y, 0.9, within, level), list(icc = of_icc(cbind(x, y), level)))
})
written <- list(
  made_by = paste(R.version.string, "psych", packageVersion("psych")),
  data = data, cases = cases,
  raters = lapply(names(more), function(name) {
    list(ratings = more[[name]], icc = of_icc(more[[name]], 0.95))
  })
)
write_json(written, file.path(here, "agreement_two.json"), digits = 15, auto_unbox = TRUE)
