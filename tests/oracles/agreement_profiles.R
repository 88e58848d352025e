# Reference values for answer patterns and self-other categories (dyadkit.agreement), computed dyad by
# dyad in base R from simulated answers.
#
# Run by `make oracles` as `Rscript tests/oracles/agreement_profiles.R`; writes
# agreement_profiles.json.  Needs the package jsonlite (on Debian: r-cran-jsonlite).

suppressPackageStartupMessages(library(jsonlite))
options(warn = 2)  # a reference value that came with a warning is none
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))

answers_of <- function(seed, n, p, special, missing) {
  set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  norm <- rnorm(p, 0, 0.8)
  shared <- matrix(rnorm(n * p), n)
  side <- function(shift) {
    raw <- sweep(special * shared + matrix(rnorm(n * p), n), 2, norm + shift, `+`) + 4
    raw <- round(pmin(pmax(raw, 1), 7), 2)
    raw[runif(n * p) < missing] <- NA
    raw
  }
  list(first = side(0), second = side(0.3))
}

data <- list(
  complete = answers_of(1, 18, 8, 0.8, 0),
  gaps = answers_of(2, 15, 6, 0.5, 0.15),
  short = answers_of(3, 12, 3, 0.3, 0)
)
# One who gave the same answer to everything.
data$complete$second[4, ] <- 5

indices <- function(first, second, alike) {
  together <- rbind(first, second)
  norm_first <- colMeans(if (alike) together else first, na.rm = TRUE)
  norm_second <- colMeans(if (alike) together else second, na.rm = TRUE)
  r <- function(x, y) if (sd(x) == 0 || sd(y) == 0) NA else cor(x, y)
  rows <- lapply(seq_len(nrow(first)), function(i) {
    both <- !is.na(first[i, ]) & !is.na(second[i, ])
    if (sum(both) < 3) return(rep(NA, 8))
    x <- first[i, both]
    y <- second[i, both]
    u <- norm_first[both]
    v <- norm_second[both]
    spread <- function(z) sqrt(mean((z - mean(z))^2))
    c(overall = r(x, y), distinctive = r(x - u, y - v), normative_first = r(x, u),
      normative_second = r(y, v), double_entry = cor(c(x, y), c(y, x)),
      elevation = mean(x) - mean(y), scatter = spread(x) - spread(y), distance = mean((x - y)^2))
  })
  do.call(rbind, rows)
}

summary_of <- function(values) {
  known <- values[!is.na(values)]
  test <- t.test(known)
  list(estimate = mean(known), std_error = test$stderr, conf_low = test$conf.int[1],
       conf_high = test$conf.int[2], statistic = unname(test$statistic), df = unname(test$parameter),
       p_value = test$p.value, q25 = unname(quantile(known, 0.25)), median = median(known),
       q75 = unname(quantile(known, 0.75)), n = length(known))
}

# All similarities of a first with a second member's deviations from the items' means.
similarities <- function(first, second) {
  x <- sweep(first, 2, colMeans(first, na.rm = TRUE))
  y <- sweep(second, 2, colMeans(second, na.rm = TRUE))
  both <- !is.na(x) & !is.na(y)
  x[!both] <- NA
  y[!both] <- NA
  outer(seq_len(nrow(x)), seq_len(nrow(y)), Vectorize(function(i, j) {
    here <- !is.na(x[i, ]) & !is.na(y[j, ])
    if (sum(here) < 2) NA else cor(x[i, here], y[j, here])
  }))
}

permutations <- function(v) {
  if (length(v) == 1) return(matrix(v, 1))
  do.call(rbind, lapply(seq_along(v), function(i) cbind(v[i], permutations(v[-i]))))
}

# The exact mean and standard deviation of the mean similarity over all permutations of six dyads.
exhaustive <- function(name, alike = FALSE) {
  d <- data[[name]]
  s <- similarities(d$first[1:6, ], d$second[1:6, ])
  all <- permutations(1:6)
  means <- apply(all, 1, function(p) mean(s[cbind(1:6, p)]))
  real <- mean(diag(s))
  far <- abs(means - mean(means)) >= abs(real - mean(means)) * (1 - 1e-12)
  list(data = name, real = real, baseline = mean(means),
       sd = sqrt(mean((means - mean(means))^2)), p_value = mean(far))
}

# Two scores, standardised within each side, and their difference cut at half its SD.
self_other <- function(x, y) {
  d <- as.vector(scale(x)) - as.vector(scale(y))
  code <- ifelse(abs(d) <= 0.5 * sd(d), 0, sign(d))
  counts <- c(sum(code == -1), sum(code == 0), sum(code == 1))
  n <- length(x)
  intervals <- lapply(counts, function(k) {
    as.vector(prop.test(k, n, correct = FALSE)$conf.int)
  })
  list(first = x, second = y, codes = code, counts = counts, cut = 0.5 * sd(d),
       conf_low = sapply(intervals, `[`, 1), conf_high = sapply(intervals, `[`, 2))
}
set.seed(9, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
z <- rnorm(60)
scores <- list(first = round(4 + z + rnorm(60), 1), second = round(4.5 + z + rnorm(60, 0, 1.4), 1))

plain <- function(m) lapply(seq_len(nrow(m)), function(i) unname(m[i, ]))
cases <- lapply(names(data), function(name) {
  found <- indices(data[[name]]$first, data[[name]]$second, FALSE)
  alike <- indices(data[[name]]$first, data[[name]]$second, TRUE)
  list(data = name, columns = colnames(found), told_apart = plain(found), alike = plain(alike),
       distinctive = summary_of(found[, "distinctive"]), overall = summary_of(found[, "overall"]),
       similarities = plain(similarities(data[[name]]$first, data[[name]]$second)))
})
write_json(
  list(made_by = R.version.string,
       data = lapply(data, function(d) lapply(d, plain)), cases = cases,
       exhaustive = lapply(c("complete", "gaps"), exhaustive),
       self_other = self_other(scores$first, scores$second)),
  file.path(here, "agreement_profiles.json"), digits = 15, auto_unbox = TRUE, na = "null"
)
