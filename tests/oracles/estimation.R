# Reference values for dyadkit.estimation, on data simulated here.
#
# Run by `make oracles` as `Rscript tests/oracles/estimation.R`; writes estimation.json beside
# itself.  Needs the packages boot, jsonlite, lavaan, nlme and psych (on Debian: r-cran-boot
# r-cran-jsonlite r-cran-lavaan r-cran-nlme r-cran-psych).
#
# Data are rounded before use, so that their decimals in the JSON are exactly what R analysed.

suppressPackageStartupMessages({
  library(boot)
  library(jsonlite)
  library(lavaan)
  library(nlme)
  library(psych)
})
options(warn = 2)  # a reference value that came with a warning is none

here <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
target <- file.path(dirname(here), "estimation.json")

matrix_rows <- function(x) unname(as.matrix(x))

# ---------------------------------------------------------------- simulated twins

set.seed(4101)
pairs_of <- function(n, rho, shift = 0, ratio = 1) {
  shared <- rnorm(n)
  a <- sqrt(abs(rho)) * shared + sqrt(1 - abs(rho)) * rnorm(n)
  b <- sign(rho) * sqrt(abs(rho)) * shared + sqrt(1 - abs(rho)) * rnorm(n)
  round(cbind(3.5 + a, 3.5 + shift + ratio * b), 3)
}
dyads <- pairs_of(40, 0.55, shift = 0.4, ratio = 1.3)
dyads[3, 1] <- NA
dyads[17, 2] <- NA
opposed <- pairs_of(25, -0.6)
triads <- round(matrix(rnorm(45), 15) + rnorm(15) * 0.8 + 2, 2)
triads[4, 2] <- NA
shrout_fleiss <- rbind(
  c(9, 2, 5, 8), c(6, 1, 3, 2), c(8, 4, 6, 8), c(7, 1, 2, 6), c(10, 5, 6, 9), c(6, 2, 4, 7)
)

likert <- function(z) pmin(pmax(round(z + 3), 1), 5)
items <- likert(outer(rnorm(60), c(0.9, 0.8, 0.7, 0.6, 0.8, 0.5)) + matrix(rnorm(360), 60) * 0.7)
items[cbind(c(5, 22, 41), c(2, 6, 1))] <- NA
crossed <- round(outer(rnorm(20), c(1, 1, -1, -1)) + matrix(rnorm(80), 20), 2)
# Two items that share more than the factor: item 1 takes a negative residual variance.
doublet <- local({
  f <- rnorm(80)
  extra <- rnorm(80)
  e <- matrix(rnorm(320), 80)
  round(cbind(
    0.8 * f + 0.6 * extra + 0.1 * e[, 1], 0.4 * f + 0.6 * extra + 0.6 * e[, 2],
    0.6 * f + 0.8 * e[, 3], 0.6 * f + 0.8 * e[, 4]
  ), 3)
})
triplet <- round(outer(rnorm(45), c(5, 0.4, 30)) + matrix(rnorm(135), 45) %*% diag(c(4, 0.5, 20)), 3)

# ---------------------------------------------------------------- moments

skewness_g1 <- function(x) {
  n <- length(x)
  m <- function(r) mean((x - mean(x))^r)
  sqrt(n * (n - 1)) / (n - 2) * m(3) / m(2)^1.5
}
describe_one <- function(x) {
  x <- x[!is.na(x)]
  c(
    list(
      n = length(x), mean = mean(x), std_error = sd(x) / sqrt(length(x)), sd = sd(x),
      skewness = skewness_g1(x)
    ),
    as.list(setNames(
      quantile(x, c(0.1, 0.25, 0.5, 0.75, 0.9), type = 7, names = FALSE),
      c("q10", "q25", "median", "q75", "q90")
    ))
  )
}
waiting <- round(rgamma(23, 1.4, 0.2), 1)
moments <- list(
  list(x = waiting, expected = describe_one(waiting)),
  list(x = dyads[, 1], expected = describe_one(dyads[, 1])),
  list(x = items[, 3], expected = describe_one(items[, 3]))
)

# ---------------------------------------------------------------- correlation

pearson_one <- function(x, y, level) {
  test <- cor.test(x, y, conf.level = level)
  list(
    estimate = unname(test$estimate), conf_low = test$conf.int[1], conf_high = test$conf.int[2],
    statistic = unname(test$statistic), df = unname(test$parameter), p_value = test$p.value,
    n = sum(complete.cases(x, y))
  )
}
correlation <- list(
  list(x = dyads[, 1], y = dyads[, 2], confidence = 0.95,
       expected = pearson_one(dyads[, 1], dyads[, 2], 0.95)),
  list(x = opposed[, 1], y = opposed[, 2], confidence = 0.9,
       expected = pearson_one(opposed[, 1], opposed[, 2], 0.9)),
  list(x = items[, 1], y = items[, 6], confidence = 0.99,
       expected = pearson_one(items[, 1], items[, 6], 0.99))
)
pairwise <- items
pairwise[cbind(c(1, 1, 2, 9, 30, 31, 32), c(3, 4, 4, 5, 1, 1, 1))] <- NA
p_of <- function(i, j) cor.test(pairwise[, i], pairwise[, j])$p.value
lower <- which(lower.tri(diag(6)), arr.ind = TRUE)
correlation_matrix <- list(
  values = matrix_rows(pairwise),
  estimate = matrix_rows(cor(pairwise, use = "pairwise.complete.obs")),
  n = matrix_rows(crossprod(!is.na(pairwise))),
  lower = unname(lower),
  p_value = mapply(p_of, lower[, 1], lower[, 2])
)

# ---------------------------------------------------------------- intraclass correlation

icc_one <- function(x, level) {
  x <- x[complete.cases(x), ]
  long <- data.frame(y = c(t(x)), g = factor(rep(seq_len(nrow(x)), each = ncol(x))))
  table <- summary(aov(y ~ g, data = long))[[1]]
  f <- table[["F value"]][1]
  df <- table[["Df"]]
  ms <- table[["Mean Sq"]]
  k <- ncol(x)
  tail <- (1 - level) / 2
  low <- f / qf(1 - tail, df[1], df[2])
  high <- f * qf(1 - tail, df[2], df[1])
  list(
    estimate = (ms[1] - ms[2]) / (ms[1] + (k - 1) * ms[2]),
    conf_low = (low - 1) / (low + k - 1), conf_high = (high - 1) / (high + k - 1),
    f = f, df1 = df[1], df2 = df[2], n = nrow(x), k = k, ms_between = ms[1], ms_within = ms[2],
    p_value = 2 * min(pf(f, df[1], df[2]), pf(f, df[1], df[2], lower.tail = FALSE))
  )
}
psych_one <- function(x) {
  found <- ICC(x[complete.cases(x), ], lmer = FALSE, alpha = 0.05)$results[1, ]
  list(
    estimate = found[["ICC"]], f = found[["F"]], conf_low = found[["lower bound"]],
    conf_high = found[["upper bound"]]
  )
}
gls_rho <- function(x, method) {
  x <- x[complete.cases(x), ]
  long <- data.frame(y = c(t(x)), g = factor(rep(seq_len(nrow(x)), each = ncol(x))))
  fit <- gls(
    y ~ 1, data = long, correlation = corCompSymm(form = ~ 1 | g), method = method,
    control = glsControl(tolerance = 1e-12, msTol = 1e-12, returnObject = FALSE)
  )
  unname(coef(fit$modelStruct$corStruct, unconstrained = FALSE))
}
intraclass_one <- function(x, level) {
  list(
    ratings = matrix_rows(x), confidence = level, expected = icc_one(x, level),
    psych = psych_one(x), gls_reml = gls_rho(x, "REML")
  )
}
intraclass <- list(
  intraclass_one(dyads, 0.95), intraclass_one(opposed, 0.9), intraclass_one(triads, 0.95),
  intraclass_one(shrout_fleiss, 0.95)
)

double_one <- function(x, level) {
  both <- x[complete.cases(x), ]
  n <- nrow(both)
  r <- cor(c(both[, 1], both[, 2]), c(both[, 2], both[, 1]))
  reach <- qnorm(1 - (1 - level) / 2) / sqrt(n - 1.5)
  list(
    first = x[, 1], second = x[, 2], confidence = level, gls_ml = gls_rho(x, "ML"),
    expected = list(
      estimate = r, conf_low = tanh(atanh(r) - reach), conf_high = tanh(atanh(r) + reach),
      statistic = r * sqrt(n), p_value = 2 * pnorm(-abs(r * sqrt(n))), n = n
    )
  )
}
double_entry <- list(double_one(dyads, 0.95), double_one(opposed, 0.9))

# ---------------------------------------------------------------- non-independence

within_one <- function(x) {
  both <- x[complete.cases(x), ]
  role <- rep(1:2, each = nrow(both))
  own <- c(both[, 1], both[, 2])
  other <- c(both[, 2], both[, 1])
  list(
    a = x[, 1], b = x[, 2],
    estimate = cor(resid(lm(own ~ factor(role))), resid(lm(other ~ factor(role))))
  )
}
# The true standard error of a mean under compound symmetry, from the covariance matrix itself.
cost_one <- function(rho, n, k) {
  v <- diag(n) %x% (matrix(rho, k, k) + diag(1 - rho, k))
  ones <- rep(1, n * k)
  half <- rep(c(-1, 1, rep(0, k - 2)), n)
  list(
    rho = rho, n_dyads = n, members = k,
    expected = list(
      design_effect = drop(t(ones) %*% v %*% ones) / (n * k),
      effective_n = (n * k)^2 / drop(t(ones) %*% v %*% ones),
      se_ratio_between = sqrt(drop(t(ones) %*% v %*% ones) / (n * k)),
      se_ratio_within = sqrt(drop(t(half) %*% v %*% half) / sum(half^2))
    )
  )
}
nonindependence <- list(
  within = list(within_one(dyads), within_one(opposed)),
  cost = list(cost_one(0.62, 48, 2), cost_one(-0.4, 30, 2), cost_one(0.2, 12, 4))
)

# ---------------------------------------------------------------- reliability

alpha_one <- function(x, level) {
  both <- x[complete.cases(x), ]
  # psych warns of items that correlate negatively with the total, which is the point here.
  a <- suppressWarnings(suppressMessages({
    sink(nullfile())
    found <- psych::alpha(as.data.frame(both), warnings = FALSE)
    sink()
    found
  }))$total$raw_alpha
  ci <- alpha.ci(a, n.obs = nrow(both), n.var = ncol(both), p.val = 1 - level)
  list(
    items = matrix_rows(x), confidence = level,
    expected = list(
      estimate = a, conf_low = ci$lower.ci, conf_high = ci$upper.ci, n = nrow(both),
      k = ncol(both)
    )
  )
}
alpha <- list(
  alpha_one(items, 0.95), alpha_one(crossed, 0.95), alpha_one(triplet, 0.9),
  alpha_one(items[, 1:2], 0.95)
)

# lavaan stops near the optimum (gradient about 1e-6); Newton steps on the same discrepancy, with
# a Hessian by central differences of the gradient, supply the digits that are left.
one_factor_one <- function(x) {
  x <- as.data.frame(x[complete.cases(x), ])
  names(x) <- paste0("y", seq_along(x))
  model <- paste("f =~", paste(names(x), collapse = " + "))
  # lavaan warns of a negative variance estimate, which is the point of the Heywood case.
  fit <- suppressWarnings(cfa(
    model, data = x, std.lv = TRUE, test = "none", se = "none"
  ))
  stopifnot(lavInspect(fit, "converged"))
  k <- ncol(x)
  s <- cov(x) * (nrow(x) - 1) / nrow(x)
  theta <- unname(coef(fit)[seq_len(2 * k)])
  score <- function(theta) {
    sigma <- tcrossprod(theta[1:k]) + diag(theta[k + 1:k])
    p <- solve(sigma)
    q <- p - p %*% s %*% p
    c(2 * q %*% theta[1:k], diag(q))
  }
  scale <- c(sqrt(diag(s)), diag(s))
  for (round in 1:4) {
    h <- sapply(seq_len(2 * k), function(j) {
      step <- replace(numeric(2 * k), j, 1e-5 * scale[j])
      (score(theta + step) - score(theta - step)) / (2e-5 * scale[j])
    })
    theta <- theta - solve(h, score(theta))
  }
  stopifnot(max(abs(score(theta) * scale)) < 1e-12)
  # Polishing stays at lavaan's optimum: it moves nothing by more than a small part of its error.
  moved <- max(abs(theta - unname(coef(fit)[seq_len(2 * k)])) / scale)
  stopifnot(moved < 1e-4)
  sigma <- tcrossprod(theta[1:k]) + diag(theta[k + 1:k])
  list(
    items = matrix_rows(x), cov = matrix_rows(s),
    lavaan_loadings = unname(coef(fit)[1:k]),
    loadings = theta[1:k] * sign(sum(theta[1:k])), residual_variances = theta[k + 1:k],
    discrepancy = log(det(sigma)) + sum(diag(s %*% solve(sigma))) - log(det(s)) - k,
    omega = sum(theta[1:k])^2 / sum(s), n = nrow(x)
  )
}
one_factor <- list(
  items = one_factor_one(items), heywood = one_factor_one(doublet), triplet = one_factor_one(triplet)
)
stopifnot(any(one_factor$heywood$residual_variances < 0))
resamples <- local({
  full <- items[complete.cases(items), ]
  draws <- t(replicate(12, sample(nrow(full), replace = TRUE)))
  fits <- lapply(seq_len(nrow(draws)), function(b) one_factor_one(full[draws[b, ], ]))
  list(
    items = matrix_rows(full),
    weights = t(apply(draws, 1, tabulate, nbins = nrow(full))),
    omega = sapply(fits, `[[`, "omega"),
    loadings = t(sapply(fits, `[[`, "loadings"))
  )
})

# ---------------------------------------------------------------- percentile interval

replicates <- round(rnorm(180) + rexp(180), 4)
# boot warns where the level asks for order statistics beyond the sample.
perc <- function(t, level) unname(suppressWarnings(boot:::perc.ci(t, level))[1, 4:5])
percentile <- list(
  values = replicates,
  intervals = lapply(c(0.9, 0.95, 0.97, 0.999), function(level) {
    list(confidence = level, interval = perc(replicates, level))
  })
)

# ---------------------------------------------------------------- comparison

welch_one <- function(x, y, level) {
  test <- t.test(x, y, conf.level = level)
  nx <- sum(!is.na(x))
  ny <- sum(!is.na(y))
  sx <- sd(x, na.rm = TRUE)
  sy <- sd(y, na.rm = TRUE)
  list(
    x = x, y = y, confidence = level,
    expected = list(
      difference = unname(test$estimate[1] - test$estimate[2]), conf_low = test$conf.int[1],
      conf_high = test$conf.int[2], statistic = unname(test$statistic),
      df = unname(test$parameter), p_value = test$p.value, n_x = nx, n_y = ny,
      mean_x = unname(test$estimate[1]), mean_y = unname(test$estimate[2]), sd_x = sx, sd_y = sy,
      cohens_d = unname(test$estimate[1] - test$estimate[2]) /
        sqrt(((nx - 1) * sx^2 + (ny - 1) * sy^2) / (nx + ny - 2))
    )
  )
}
stayed <- round(rnorm(31, 4.2, 0.8), 2)
left <- round(rnorm(12, 3.6, 1.6), 2)
left[5] <- NA
comparison <- list(
  welch = list(welch_one(stayed, left, 0.95), welch_one(left, dyads[, 1], 0.9)),
  chi_square = lapply(
    list(rbind(c(24, 9, 13), c(6, 11, 15)), rbind(c(12, 30), c(25, 8))),
    function(table) {
      test <- chisq.test(table, correct = FALSE)
      list(
        table = table,
        expected = list(
          statistic = unname(test$statistic), df = unname(test$parameter),
          p_value = test$p.value, n = sum(table),
          cramers_v = sqrt(unname(test$statistic) / (sum(table) * (min(dim(table)) - 1))),
          smallest_expected = min(test$expected)
        )
      )
    }
  )
)

# ---------------------------------------------------------------- incomplete data

incomplete_one <- function(x) {
  data <- as.data.frame(x)
  names(data) <- paste0("y", seq_along(data))
  kept <- data[rowSums(!is.na(data)) > 0, ]
  pairs <- combn(names(data), 2)
  model <- paste(pairs[1, ], "~~", pairs[2, ], collapse = "\n")
  # lavaan warns of the very different units, which are the point of the first data set.
  fit <- suppressWarnings(cfa(
    model, data = kept, missing = "fiml", em.h1.tol = 1e-13, em.h1.iter.max = 50000,
    fixed.x = FALSE, meanstructure = TRUE, do.fit = FALSE
  ))
  h1 <- lavInspect(fit, "sampstat.h1")
  mu <- unname(h1$mean)
  sigma <- unname(unclass(h1$cov))
  seen <- !is.na(as.matrix(kept))
  loglik <- sum(sapply(seq_len(nrow(kept)), function(i) {
    o <- seen[i, ]
    s <- sigma[o, o, drop = FALSE]
    d <- unlist(kept[i, o]) - mu[o]
    -0.5 * (sum(o) * log(2 * pi) + log(det(s)) + sum(d * solve(s, d)))
  }))
  # Little (1988), equation 5, with the maximum-likelihood covariance matrix.
  key <- apply(seen, 1, paste, collapse = "")
  terms <- sapply(split(seq_len(nrow(kept)), key), function(rows) {
    o <- seen[rows[1], ]
    d <- colMeans(as.matrix(kept[rows, o, drop = FALSE])) - mu[o]
    c(length(rows) * sum(d * solve(sigma[o, o, drop = FALSE], d)), sum(o))
  })
  d2 <- sum(terms[1, ])
  df <- sum(terms[2, ]) - ncol(kept)
  list(
    values = matrix_rows(x), mean = mu, covariance = sigma, loglik = loglik, n = nrow(kept),
    n_dropped = nrow(data) - nrow(kept), n_patterns = ncol(terms),
    little = list(
      statistic = d2, df = df, p_value = pchisq(d2, df, lower.tail = FALSE), n = nrow(kept),
      n_patterns = ncol(terms), n_variables = ncol(kept)
    )
  )
}
# Dropout that depends on the first wave, in units of very different size.
dropout <- local({
  y1 <- rnorm(70)
  y2 <- 0.6 * y1 + 0.8 * rnorm(70)
  y3 <- 0.5 * y2 + 0.3 * y1 + 0.8 * rnorm(70)
  x <- round(cbind(100 + 15 * y1, 3 + 0.5 * y2, 2000 + 400 * y3), 2)
  x[y1 + rnorm(70) > 0.9, 2:3] <- NA
  x[rnorm(70) > 1, 3] <- NA
  x[c(8, 9), 1] <- NA
  x[50, ] <- NA
  x
})
scattered <- local({
  loadings <- c(0.8, 0.7, 0.7, 0.6, 0.5)
  x <- round(outer(rnorm(90), loadings) + matrix(rnorm(450), 90) * 0.7 + 4, 3)
  x[matrix(runif(450), 90) < 0.15] <- NA
  x
})
missing <- list(incomplete_one(dropout), incomplete_one(scattered))

# ---------------------------------------------------------------- hard one-factor cases

# Nearly unrelated items in tiny samples: minima at extreme loadings, or none at all.
hard <- lapply(1:30, function(i) {
  x <- round(matrix(rnorm(48), 12), 2)
  s <- cov(x)
  dimnames(s) <- list(paste0("y", 1:4), paste0("y", 1:4))
  # lavaan warns where it finds no solution, which is the point.
  fit <- suppressWarnings(cfa(
    "f =~ y1 + y2 + y3 + y4", sample.cov = s, sample.nobs = 12, sample.cov.rescale = FALSE,
    std.lv = TRUE, se = "none", test = "none"
  ))
  list(
    cov = matrix_rows(s), converged = lavInspect(fit, "converged"),
    discrepancy = 2 * lavInspect(fit, "optim")$fx,
    largest = max(abs(coef(fit)[1:4]) / sqrt(diag(s)))
  )
})

# ---------------------------------------------------------------- written

packages <- c("boot", "jsonlite", "lavaan", "nlme", "psych")
result <- list(
  about = list(
    command = "Rscript tests/oracles/estimation.R",
    r = R.version.string,
    packages = as.list(sapply(packages, function(p) as.character(packageVersion(p))))
  ),
  moments = moments, correlation = correlation, correlation_matrix = correlation_matrix,
  intraclass = intraclass, double_entry = double_entry, nonindependence = nonindependence,
  alpha = alpha, one_factor = one_factor, hard = hard, resamples = resamples, percentile = percentile,
  comparison = comparison, missing = missing
)
write_json(result, target, digits = NA, auto_unbox = TRUE, na = "null", pretty = 2)
