# Reference values for agreement on categories (dyadkit.agreement): simulated ratings; every index from
# its definition, by loops over units and pairs of raters, and every standard error by the infinitesimal
# jackknife: the derivative of that index by each unit's weight, taken by a complex step.
#
# Run by `make oracles` as `Rscript tests/oracles/agreement_categories.R`; writes
# agreement_categories.json.  Needs the packages jsonlite and psych (on Debian: r-cran-jsonlite
# r-cran-psych).
#
# The published examples of Krippendorff and Fleiss stand in the tests, with their sources; Gwet's with
# missing ratings is here.

suppressPackageStartupMessages({
  library(jsonlite)
  library(psych)
})
options(warn = 2)  # a reference value that came with a warning is none
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))

draws <- function(seed) set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion",
                                 sample.kind = "Rejection")

# ------------------------------------------------------------------------------------------- data

# Ratings of n units by r raters: each follows the unit's own category with probability `true`,
# else draws from habits of its own; a share is missing.
rated <- function(seed, n, r, codes, true, habits, missing = 0) {
  draws(seed)
  q <- length(codes)
  own <- sample(q, n, replace = TRUE, prob = habits)
  x <- sapply(seq_len(r), function(g) {
    shifted <- habits + (g - 1) * seq_len(q) / (5 * q)
    ifelse(runif(n) < true, own, sample(q, n, replace = TRUE, prob = shifted / sum(shifted)))
  })
  x[matrix(runif(n * r) < missing, n)] <- NA
  matrix(codes[x], n)
}

# As above, but answers on a scale: off by a step or two rather than anywhere.
scaled <- function(seed, n, r, codes, spread, missing = 0) {
  draws(seed)
  q <- length(codes)
  own <- rnorm(n)
  x <- sapply(seq_len(r), function(g) {
    v <- (q + 1) / 2 + q / 5 * (own + spread * rnorm(n)) + 0.2 * (g - 1)
    pmin(q, pmax(1, round(v)))
  })
  x[matrix(runif(n * r) < missing, n)] <- NA
  matrix(codes[x], n)
}

data <- list(
  yes_no = list(ratings = rated(1, 60, 2, c(0, 1), 0.6, c(0.3, 0.7)), categories = c(0, 1)),
  nominal = list(ratings = rated(2, 90, 2, 1:4, 0.5, c(0.4, 0.3, 0.2, 0.1)), categories = 1:4),
  scale = list(ratings = scaled(3, 120, 2, 1:5, 0.7), categories = 1:5),
  # Codes 1 and 7 are possible, but nobody used them.
  unused = list(ratings = scaled(4, 40, 2, 2:6, 0.8), categories = 1:7),
  uneven = list(ratings = scaled(5, 70, 2, c(1, 2, 4, 8), 0.6, missing = 0.1),
                categories = c(1, 2, 4, 8)),
  opposite = list(ratings = local({
    x <- scaled(6, 50, 2, 1:4, 0.5)
    cbind(x[, 1], 5 - x[, 2])
  }), categories = 1:4),
  raters = list(ratings = rated(7, 50, 5, 1:3, 0.6, c(0.5, 0.3, 0.2)), categories = 1:3),
  missing = list(ratings = scaled(8, 45, 4, 1:5, 0.6, missing = 0.35), categories = 1:5),
  few = list(ratings = scaled(9, 6, 3, 1:3, 0.5, missing = 0.15), categories = 1:3)
)

# ------------------------------------------------------------------------------------------ tools

weight_matrix <- function(name, values) {
  q <- length(values)
  w <- matrix(0, q, q)
  for (k in seq_len(q)) for (l in seq_len(q)) {
    w[k, l] <- switch(name,
      unweighted = as.numeric(k == l),
      linear = 1 - abs(values[k] - values[l]) / (max(values) - min(values)),
      quadratic = 1 - (values[k] - values[l])^2 / (max(values) - min(values))^2,
      ordinal = 1 - choose(abs(k - l) + 1, 2) / choose(q, 2),
      custom = if (k == l) 1 else 1 / (1 + k + l + abs(k - l)))
  }
  w
}

# The derivative of f(weights), weights summing to 1, by each unit's weight: h Im f(w + ih)/h.
slopes <- function(f, n) {
  h <- 1e-30
  vapply(seq_len(n), function(i) {
    w <- rep(1 / n, n) + 0i
    w[i] <- w[i] + h * 1i
    Im(f(w)) / h
  }, 0)
}
influence <- function(f, n) {
  d <- slopes(f, n)
  d - mean(d)
}

positions <- function(ratings, values) {
  matrix(match(ratings, values), nrow(ratings))
}

# Share of agreeing pairs of raters of each unit (0 if fewer than two rated it).
own_agreement <- function(x, w) {
  vapply(seq_len(nrow(x)), function(i) {
    v <- x[i, !is.na(x[i, ])]
    m <- length(v)
    if (m < 2) return(0)
    total <- 0
    for (g in seq_len(m)) for (h in seq_len(m)) if (g != h) total <- total + w[v[g], v[h]]
    total / (m * (m - 1))
  }, 0)
}
# Share of each category among a unit's ratings.
own_shares <- function(x, q) {
  t(vapply(seq_len(nrow(x)), function(i) {
    v <- x[i, !is.na(x[i, ])]
    tabulate(v, q) / length(v)
  }, numeric(q)))
}

# The number of units with several ratings varies from sample to sample, and the error knows it;
# Gwet's (2014) takes it as fixed (`fixed`), which is the same where every unit has several.
chance_corrected <- function(x, w, chance_of, fixed = FALSE) {
  x <- x[rowSums(!is.na(x)) > 0, , drop = FALSE]
  n <- nrow(x)
  several <- as.numeric(rowSums(!is.na(x)) > 1)
  n2 <- sum(several)
  own <- own_agreement(x, w)
  f <- function(u) {
    pe <- chance_of(x, u)
    if (fixed) return((n / n2) * (sum(u * own) - pe * sum(u * several)) / (1 - pe))
    (sum(u * own) / sum(u * several) - pe) / (1 - pe)
  }
  equal <- rep(1 / n, n)
  list(estimate = f(equal), std_error = sqrt(sum(influence(f, n)^2) / (n * (n - 1))),
       observed = sum(own) / n2, chance = chance_of(x, equal), n = n2, df = n2 - 1)
}
with_interval <- function(found, confidence, lowest) {
  reach <- qt(0.5 + confidence / 2, found$df) * found$std_error
  t <- found$estimate / found$std_error
  found$conf_low <- max(lowest, found$estimate - reach)
  found$conf_high <- min(1, found$estimate + reach)
  found$statistic <- t
  found$p_value <- 2 * pt(-abs(t), found$df)
  found
}

chances <- function(w) {
  q <- nrow(w)
  shares <- function(x, u) colSums(u * own_shares(x, q)) / sum(u)
  list(
    percent = function(x, u) 0 * sum(u),
    scott_pi = function(x, u) {
      p <- shares(x, u)
      sum(w * outer(p, p))
    },
    gwet_ac = function(x, u) {
      p <- shares(x, u)
      sum(w) * sum(p * (1 - p)) / (q * (q - 1))
    },
    brennan_prediger = function(x, u) sum(w) / q^2 + 0 * sum(u),
    # Two different raters drawn at random, each with the shares among the units that it rated.
    conger = function(x, u) {
      r <- ncol(x)
      p <- lapply(seq_len(r), function(g) {
        seen <- !is.na(x[, g])
        vapply(seq_len(q), function(k) sum(u[seen & x[, g] %in% k]), u[1]) / sum(u[seen])
      })
      total <- 0
      for (g in seq_len(r)) for (h in seq_len(r)) {
        if (g != h) total <- total + sum(w * outer(p[[g]], p[[h]]))
      }
      total / (r * (r - 1))
    }
  )
}

# -------------------------------------------------------------------------------- Cohen's kappa

kappa_of <- function(table, w) {
  p <- table / sum(table)
  po <- sum(w * p)
  pe <- sum(w * outer(rowSums(p), colSums(p)))
  c(kappa = (po - pe) / (1 - pe), observed = po, chance = pe)
}
table_of <- function(x, q) {
  both <- !is.na(x[, 1]) & !is.na(x[, 2])
  t <- matrix(0, q, q)
  for (i in which(both)) t[x[i, 1], x[i, 2]] <- t[x[i, 1], x[i, 2]] + 1
  t
}
# Largest weighted agreement with the margins: the table that fills from one corner is best for weights
# that fall away from the diagonal ever faster or at one rate; sum of the smaller shares unweighted;
# else all tables are tried.
largest <- function(table, w, name) {
  rows <- rowSums(table)
  columns <- colSums(table)
  if (name == "unweighted") return(sum(pmin(rows, columns)) / sum(table))
  if (name != "custom") {
    i <- j <- 1
    total <- 0
    while (i <= nrow(w) && j <= nrow(w)) {
      take <- min(rows[i], columns[j])
      total <- total + take * w[i, j]
      rows[i] <- rows[i] - take
      columns[j] <- columns[j] - take
      if (rows[i] == 0) i <- i + 1 else j <- j + 1
    }
    return(total / sum(table))
  }
  stopifnot(nrow(w) == 2 || nrow(w) == 3)
  best <- -Inf
  if (nrow(w) == 2) {
    for (a in 0:min(rows[1], columns[1])) {
      t <- matrix(c(a, columns[1] - a, rows[1] - a, rows[2] - columns[1] + a), 2)
      if (min(t) >= 0) best <- max(best, sum(w * t))
    }
  } else {
    for (a in 0:min(rows[1], columns[1])) for (b in 0:min(rows[1] - a, columns[2])) {
      for (c in 0:min(rows[2], columns[1] - a)) for (d in 0:min(rows[2] - c, columns[2] - b)) {
        t <- rbind(c(a, b, rows[1] - a - b), c(c, d, rows[2] - c - d),
                   c(columns[1] - a - c, columns[2] - b - d, 0))
        t[3, 3] <- rows[3] - t[3, 1] - t[3, 2]
        if (min(t) >= 0) best <- max(best, sum(w * t))
      }
    }
  }
  best / sum(table)
}

cohen <- function(x, w, name, confidence) {
  q <- nrow(w)
  table <- table_of(x, q)
  n <- sum(table)
  cells <- which(table > -1, arr.ind = TRUE)
  # One unit of every cell stands for its count: the derivative by a unit's weight.
  value <- function(p) {
    pe <- sum(w * outer(rowSums(p), colSums(p)))
    (sum(w * p) - pe) / (1 - pe)
  }
  at <- function(p) {
    slope <- matrix(0, q, q)
    for (c in seq_len(nrow(cells))) {
      step <- matrix(0i, q, q)
      step[cells[c, 1], cells[c, 2]] <- 1e-30i
      slope[cells[c, 1], cells[c, 2]] <- Im(value(p + step)) / 1e-30
    }
    slope <- slope - sum(p * slope)
    sqrt(sum(p * slope^2) / n)
  }
  p <- table / n
  k <- kappa_of(table, w)
  error <- at(p)
  null <- at(outer(rowSums(p), colSums(p)))
  reach <- qnorm(0.5 + confidence / 2) * error
  top <- (largest(table, w, name) - k[["chance"]]) / (1 - k[["chance"]])
  lowest <- if (name == "unweighted") -1 else -Inf
  list(estimate = k[["kappa"]], std_error = error, conf_low = max(lowest, k[["kappa"]] - reach),
       conf_high = min(1, k[["kappa"]] + reach), std_error_null = null,
       statistic = k[["kappa"]] / null, p_value = 2 * pnorm(-abs(k[["kappa"]] / null)),
       observed = k[["observed"]], chance = k[["chance"]], maximum = top,
       of_maximum = k[["kappa"]] / top, n = n)
}

# The printed formulas (Fleiss, Cohen & Everitt, 1969), a check of the above.
fleiss_cohen_everitt <- function(table, w) {
  n <- sum(table)
  p <- table / n
  po <- sum(w * p)
  expected <- outer(rowSums(p), colSums(p))
  pe <- sum(w * expected)
  both <- outer(as.vector(w %*% colSums(p)), as.vector(rowSums(p) %*% w), "+")
  error <- sum(p * (w * (1 - pe) - both * (1 - po))^2) - (po * pe - 2 * pe + po)^2
  null <- sum(expected * (w - both)^2) - pe^2
  c(sqrt(error / n) / (1 - pe)^2, sqrt(null / n) / (1 - pe))
}

# --------------------------------------------------------------------------- Krippendorff's alpha

# From the coincidences, by loops over units and ordered pairs; u weighs units (1 each: the data).
alpha_of <- function(x, values, metric, u = rep(1, nrow(x))) {
  q <- length(values)
  o <- matrix(u[1] * 0, q, q)
  for (i in seq_len(nrow(x))) {
    v <- x[i, !is.na(x[i, ])]
    m <- length(v)
    if (m < 2) next
    for (g in seq_len(m)) for (h in seq_len(m)) {
      if (g != h) o[v[g], v[h]] <- o[v[g], v[h]] + u[i] / (m - 1)
    }
  }
  by <- rowSums(o)
  n <- sum(by)
  d <- matrix(u[1] * 0, q, q)
  for (k in seq_len(q)) for (l in seq_len(q)) {
    if (k != l) d[k, l] <- switch(metric,
      nominal = 1,
      ordinal = (sum(by[k:l]) - (by[k] + by[l]) / 2)^2,
      interval = (values[k] - values[l])^2,
      ratio = ((values[k] - values[l]) / (values[k] + values[l]))^2)
  }
  observed <- sum(o * d) / n
  expected <- sum(outer(by, by) * d) / (n * (n - 1))
  list(estimate = 1 - observed / expected, observed = observed, expected = expected)
}
alpha <- function(x, values, metric, confidence) {
  x <- x[rowSums(!is.na(x)) > 1, , drop = FALSE]
  n <- nrow(x)
  found <- alpha_of(x, values, metric)
  # Weights of n / n = 1 each: alpha depends on the number of ratings too.
  influences <- influence(function(u) alpha_of(x, values, metric, n * u)$estimate, n)
  error <- sqrt(sum(influences^2) / (n * (n - 1)))
  reach <- qt(0.5 + confidence / 2, n - 1) * error
  # The ordinary jackknife is near.
  without <- vapply(seq_len(n), function(i) alpha_of(x[-i, ], values, metric)$estimate, 0)
  jackknife <- sqrt((n - 1) / n * sum((without - mean(without))^2))
  list(estimate = found$estimate, std_error = error,
       conf_low = if (metric == "nominal") max(-1, found$estimate - reach)
                  else found$estimate - reach,
       conf_high = min(1, found$estimate + reach), observed = found$observed,
       expected = found$expected, n = n, jackknife = jackknife)
}

# ---------------------------------------------------------------------------------------- margins

margins <- function(x, q) {
  table <- table_of(x, q)
  n <- sum(table)
  used <- which(rowSums(table) + colSums(table) > 0)
  out <- list(n = n, pabak = (q * sum(diag(table)) / n - 1) / (q - 1))
  if (q == 2) {
    out$prevalence <- abs(table[1, 1] - table[2, 2]) / n
    out$bias <- abs(table[1, 2] - table[2, 1]) / n
  }
  # Bowker's test is R's own where every pair of categories has a disagreement.
  apart <- (table + t(table))[upper.tri(table)]
  if (all(apart > 0)) {
    found <- mcnemar.test(table, correct = FALSE)
    out$symmetry <- list(statistic = found$statistic[[1]], df = found$parameter[[1]],
                         p_value = found$p.value)
  } else {
    gap <- (table - t(table))[upper.tri(table)]
    s <- sum(gap[apart > 0]^2 / apart[apart > 0])
    df <- sum(apart > 0)
    out$symmetry <- list(statistic = s, df = df, p_value = pchisq(s, df, lower.tail = FALSE))
  }
  # Stuart and Maxwell's test is Mantel and Haenszel's of raters by categories, one stratum a unit.
  pairs <- x[!is.na(x[, 1]) & !is.na(x[, 2]), ]
  strata <- array(0, c(2, length(used), n))
  for (i in seq_len(n)) for (g in 1:2) strata[g, match(pairs[i, g], used), i] <- 1
  found <- mantelhaen.test(strata, correct = FALSE)
  out$homogeneity <- list(statistic = found$statistic[[1]], df = found$parameter[[1]],
                          p_value = found$p.value)
  out
}

# ------------------------------------------------------------------------------------------ cases

rated_pairs <- function(d) ncol(d$ratings) == 2
# Gwet's (2014) four raters (Krippendorff, 2011, example C), of whom one unit has one rating, and the
# estimates and errors that his irrCAC prints.
observers <- rbind(c(1, 1, NA, 1), c(2, 2, 3, 2), c(3, 3, 3, 3), c(3, 3, 3, 3), c(2, 2, 2, 2),
                   c(1, 2, 3, 4), c(4, 4, 4, 4), c(1, 1, 2, 1), c(2, 2, 2, 2), c(NA, 5, 5, 5),
                   c(NA, NA, 1, 1), c(NA, NA, 3, NA))
printed <- list(percent = c(0.81818, 0.12561), scott_pi = c(0.76117, 0.15302),
                gwet_ac = c(0.77544, 0.14295), brennan_prediger = c(0.77273, 0.14472),
                conger = c(0.76282, 0.14917))
of_observers <- list()
for (index in names(printed)) {
  chance_of <- chances(diag(5))[[index]]
  fixed <- chance_corrected(observers, diag(5), chance_of, fixed = TRUE)
  stopifnot(abs(c(fixed$estimate, fixed$std_error) - printed[[index]]) < 5.1e-6, fixed$n == 11)
  of_observers[[index]] <- with_interval(chance_corrected(observers, diag(5), chance_of), 0.95,
                                         if (index == "percent") 0 else -1)
}

index_cases <- kappa_cases <- alpha_cases <- margin_cases <- list()
checks <- list(psych_kappa = 0, psych_error = 0, published_error = 0, conger_is_cohen = 0, alpha_is_pi = 0)
for (name in names(data)) {
  d <- data[[name]]
  values <- d$categories
  x <- positions(d$ratings, values)
  q <- length(values)
  confidence <- if (name %in% c("nominal", "missing")) 0.9 else 0.95
  for (kind in c("unweighted", "linear", "quadratic", "ordinal", "custom")) {
    w <- weight_matrix(kind, values)
    expected <- list()
    for (index in names(chances(w))) {
      found <- chance_corrected(x, w, chances(w)[[index]])
      lowest <- if (index == "percent") min(w) else if (kind == "unweighted") -1 else -Inf
      expected[[index]] <- with_interval(found, confidence, lowest)
    }
    index_cases[[length(index_cases) + 1]] <-
      list(data = name, weights = kind, matrix = w, confidence = confidence, expected = expected)
    if (rated_pairs(d) && (kind != "custom" || q < 4)) {
      found <- cohen(x, w, kind, confidence)
      kappa_cases[[length(kappa_cases) + 1]] <-
        list(data = name, weights = kind, matrix = w, confidence = confidence, expected = found)
      if (!anyNA(x)) {
        # psych warns where it cuts its own interval at 1, which is not used here.
        by <- suppressWarnings(psych::cohen.kappa(table_of(x, q), w = w))
        checks$psych_kappa <- max(checks$psych_kappa, abs(by$weighted.kappa - found$estimate))
        # psych 2.2.9 has rowSums(w * rs) where the mean weight of a column belongs, so that its
        # error of weighted kappa is another one; that of plain kappa is right.
        if (kind == "unweighted") {
          checks$psych_error <- max(checks$psych_error,
                                    abs(sqrt(by$var.kappa) / found$std_error - 1))
        }
        checks$published_error <- max(checks$published_error,
                                      abs(fleiss_cohen_everitt(table_of(x, q), w) /
                                            c(found$std_error, found$std_error_null) - 1))
        # Two raters: Conger's kappa is Cohen's; errors differ by the divisor alone.
        n <- found$n
        checks$conger_is_cohen <- max(
          checks$conger_is_cohen, abs(expected$conger$estimate - found$estimate),
          abs(expected$conger$std_error * sqrt((n - 1) / n) / found$std_error - 1))
      }
    }
  }
  for (metric in c("nominal", "ordinal", "interval", if (min(values) > 0) "ratio")) {
    found <- alpha(x, values, metric, confidence)
    several <- x[rowSums(!is.na(x)) > 1, , drop = FALSE]
    draws(100 + length(alpha_cases))
    rows <- t(vapply(1:12, function(b) sample(nrow(several), replace = TRUE),
                     numeric(nrow(several))))
    alphas <- apply(rows, 1, function(i) alpha_of(several[i, , drop = FALSE], values, metric)$estimate)
    jackknife <- found$jackknife
    found$jackknife <- NULL
    alpha_cases[[length(alpha_cases) + 1]] <-
      list(data = name, metric = metric, confidence = confidence, expected = found,
           jackknife = jackknife, rows = rows, resampled = alphas)
  }
  if (!anyNA(x)) {
    # 1 - alpha is 1 - pi times (N - 1)/N, N all ratings.
    pi <- chance_corrected(x, diag(q), chances(diag(q))$scott_pi)$estimate
    total <- length(x)
    a <- alpha_of(x, values, "nominal")$estimate
    checks$alpha_is_pi <- max(checks$alpha_is_pi, abs((1 - a) - (1 - pi) * (total - 1) / total))
  }
  if (rated_pairs(d)) {
    margin_cases[[length(margin_cases) + 1]] <- list(data = name, expected = margins(x, q))
  }
}
print(unlist(checks))
stopifnot(checks$psych_kappa < 1e-12, checks$psych_error < 1e-10,
          checks$published_error < 1e-10, checks$conger_is_cohen < 1e-10,
          checks$alpha_is_pi < 1e-12)

write_json(
  list(
    versions = list(R = R.version.string, psych = as.character(packageVersion("psych"))),
    command = "Rscript tests/oracles/agreement_categories.R",
    checks = checks,
    data = data, observers = of_observers, indices = index_cases,
    kappa = kappa_cases, alpha = alpha_cases,
    margins = margin_cases
  ),
  file.path(here, "agreement_categories.json"),
  auto_unbox = TRUE, digits = I(15), pretty = FALSE, na = "null"
)
