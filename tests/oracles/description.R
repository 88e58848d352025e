# Reference values for dyadkit.description: from a data frame to the rows of `tidy`.
#
# Run by `make oracles` as `Rscript tests/oracles/description.R`; writes description.json beside
# itself.  Needs the packages jsonlite, lavaan, psych and sandwich (on Debian: r-cran-jsonlite
# r-cran-lavaan r-cran-psych r-cran-sandwich).
#
# Three simulated studies: two roles and two waves, exchangeable members, and coaches with several
# clients.  Each number is named by the analysis, by the term and the column of its `tidy`, and by
# the relative tolerance it is good to.

suppressPackageStartupMessages({
  library(jsonlite)
  library(lavaan)
  library(psych)
  library(sandwich)
})
options(warn = 2)  # a reference value that came with a warning is none

here <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
target <- file.path(dirname(here), "description.json")

numbers <- list()
note <- function(study, analysis, term, values, rtol = 1e-8) {
  for (column in names(values)) {
    numbers[[length(numbers) + 1]] <<- list(
      study = study, analysis = analysis, term = term, column = column,
      value = unname(values[[column]]), rtol = rtol
    )
  }
}

# ---------------------------------------------------------------- the statistics

skewness_g1 <- function(x) {
  n <- length(x)
  m <- function(r) mean((x - mean(x))^r)
  sqrt(n * (n - 1)) / (n - 2) * m(3) / m(2)^1.5
}

# Mean with its t interval; quantiles of type 7.  `cluster` gives the robust standard error of
# Liang & Zeger (1986) with G/(G - 1), which is SD/sqrt(n) where every cluster has one value.
note_moments <- function(study, place, x, cluster = seq_along(x)) {
  force(cluster)
  kept <- !is.na(x)
  x <- x[kept]
  cluster <- cluster[kept]
  fit <- lm(x ~ 1)
  se <- sqrt(vcovCL(fit, cluster = cluster, type = "HC0", cadjust = TRUE)[1, 1])
  df <- length(unique(cluster)) - 1
  reach <- qt(0.975, df) * se
  note(study, "describe", paste("mean:", place), list(
    n = length(x), estimate = mean(x), std_error = se, df = df,
    conf_low = mean(x) - reach, conf_high = mean(x) + reach
  ))
  note(study, "describe", paste("sd:", place), list(estimate = sd(x), n = length(x)))
  note(study, "describe", paste("skewness:", place), list(estimate = skewness_g1(x)))
  q <- quantile(x, c(0.1, 0.25, 0.5, 0.75, 0.9), type = 7, names = FALSE)
  names <- c("q10", "q25", "median", "q75", "q90")
  for (i in 1:5) note(study, "describe", paste0(names[i], ": ", place), list(estimate = q[i]))
}

note_reliability <- function(study, place, items) {
  items <- as.data.frame(items[complete.cases(items), ])
  names(items) <- paste0("y", seq_along(items))
  sink(nullfile())
  a <- psych::alpha(items, warnings = FALSE)$total$raw_alpha
  sink()
  ci <- alpha.ci(a, n.obs = nrow(items), n.var = ncol(items), p.val = 0.05)
  note(study, "describe", paste("alpha:", place), list(
    n = nrow(items), estimate = a, conf_low = ci$lower.ci, conf_high = ci$upper.ci
  ))
  # One-factor ML, divisor n, over the observed variance of the sum.  lavaan stops near the
  # optimum; Newton steps on the same discrepancy, with a Hessian by central differences of the
  # gradient, supply the digits that are left.
  model <- paste("f =~", paste(names(items), collapse = " + "))
  fit <- cfa(model, data = items, std.lv = TRUE)
  stopifnot(lavInspect(fit, "converged"))
  k <- ncol(items)
  s <- cov(items) * (nrow(items) - 1) / nrow(items)
  theta <- unname(coef(fit)[seq_len(2 * k)])
  start <- theta
  score <- function(theta) {
    p <- solve(tcrossprod(theta[1:k]) + diag(theta[k + 1:k]))
    q <- p - p %*% s %*% p
    c(2 * q %*% theta[1:k], diag(q))
  }
  for (round in 1:4) {
    h <- sapply(seq_len(2 * k), function(j) {
      step <- replace(numeric(2 * k), j, 1e-5)
      (score(theta + step) - score(theta - step)) / 2e-5
    })
    theta <- theta - solve(h, score(theta))
  }
  stopifnot(max(abs(score(theta))) < 1e-11, max(abs(theta - start)) < 1e-4)
  loadings <- theta[1:k]
  observed <- sum(cov(items)) * (nrow(items) - 1) / nrow(items)
  note(study, "describe", paste("omega:", place), list(
    n = nrow(items), estimate = sum(loadings)^2 / observed
  ))
}

note_correlation <- function(study, term, x, y) {
  test <- cor.test(x, y)
  note(study, "describe", term, list(
    n = sum(complete.cases(x, y)), estimate = test$estimate, statistic = test$statistic,
    df = test$parameter, p_value = test$p.value, conf_low = test$conf.int[1],
    conf_high = test$conf.int[2]
  ))
}

note_welch <- function(study, term, stayed, left) {
  test <- t.test(stayed, left)
  nx <- sum(!is.na(stayed))
  ny <- sum(!is.na(left))
  pooled <- sqrt(
    ((nx - 1) * var(stayed, na.rm = TRUE) + (ny - 1) * var(left, na.rm = TRUE)) / (nx + ny - 2)
  )
  difference <- unname(test$estimate[1] - test$estimate[2])
  note(study, "assess_missingness", term, list(
    n = nx + ny, estimate = difference, statistic = test$statistic, df = test$parameter,
    p_value = test$p.value, conf_low = test$conf.int[1], conf_high = test$conf.int[2],
    cohens_d = difference / pooled
  ))
}

# Little (1988), equation 5, at the maximum-likelihood moments that lavaan's EM finds; its
# tolerance leaves about 1e-9 in them.
note_little <- function(study, data) {
  data <- as.data.frame(scale(as.data.frame(data)))  # the units do not matter to the test
  data <- data[rowSums(!is.na(data)) > 0, ]
  names(data) <- paste0("y", seq_along(data))
  pairs <- combn(names(data), 2)
  fit <- cfa(
    paste(pairs[1, ], "~~", pairs[2, ], collapse = "\n"), data = data, missing = "fiml",
    em.h1.tol = 1e-12, em.h1.iter.max = 50000, fixed.x = FALSE, meanstructure = TRUE,
    do.fit = FALSE
  )
  h1 <- lavInspect(fit, "sampstat.h1")
  mu <- unname(h1$mean)
  sigma <- unname(unclass(h1$cov))
  seen <- !is.na(as.matrix(data))
  key <- apply(seen, 1, paste, collapse = "")
  terms <- sapply(split(seq_len(nrow(data)), key), function(rows) {
    o <- seen[rows[1], ]
    d <- colMeans(as.matrix(data[rows, o, drop = FALSE])) - mu[o]
    c(length(rows) * sum(d * solve(sigma[o, o, drop = FALSE], d)), sum(o))
  })
  d2 <- sum(terms[1, ])
  df <- sum(terms[2, ]) - ncol(data)
  note(study, "assess_missingness", "Little's MCAR test", list(
    n = nrow(data), statistic = d2, df = df, p_value = pchisq(d2, df, lower.tail = FALSE)
  ), rtol = 1e-6)
}

# Standard errors of a mean and of a difference under compound symmetry, from the covariance matrix.
cost <- function(rho, n) {
  v <- diag(n) %x% matrix(c(1, rho, rho, 1), 2)
  sum_of_all <- sum(v)
  within <- rep(c(-1, 1), n)
  list(
    rho = rho, effective_n = (2 * n)^2 / sum_of_all, se_ratio_between = sqrt(sum_of_all / (2 * n)),
    se_ratio_within = sqrt(drop(within %*% v %*% within) / (2 * n))
  )
}

likert <- function(z, highest) pmin(pmax(round(z), 1), highest)

# ---------------------------------------------------------------- two roles, two waves

set.seed(5201)
n <- 70
person <- function(shared, r) sqrt(r) * shared + sqrt(1 - r) * rnorm(n)
trust <- list(coach = person(pull <- rnorm(n), 0.4))
trust$client <- person(pull, 0.4)
rows <- list()
for (wave in c("t1", "t2")) {
  for (role in c("coach", "client")) {
    level <- 0.7 * trust[[role]] + 0.7 * rnorm(n)
    items <- sapply(1:4, function(i) likert(3.2 + 0.8 * level + 0.7 * rnorm(n), 5))
    items[, 3] <- 6 - items[, 3]
    rows[[length(rows) + 1]] <- data.frame(
      pair = 1:n, role = role, wave = wave, who = paste0(role, 1:n),
      q1 = items[, 1], q2 = items[, 2], q3 = items[, 3], q4 = items[, 4],
      load = round(40 + 6 * rnorm(n) - 3 * level, 1),
      mode = if (role == "client" && wave == "t1") {
        sample(c("video", "phone", "room"), n, TRUE, c(0.4, 0.3, 0.3))
      } else NA_character_
    )
  }
}
coaching <- do.call(rbind, rows)
for (column in c("q1", "q2", "q3", "q4")) {
  coaching[[column]][runif(nrow(coaching)) < 0.04] <- NA
}
coaching$load[runif(nrow(coaching)) < 0.06] <- NA
leaves <- c(outer(sample(n, 12), c("client"), paste), outer(sample(n, 9), c("coach"), paste))
gone <- coaching$wave == "t2" & paste(coaching$pair, coaching$role) %in% leaves
late <- coaching$wave == "t1" & coaching$role == "client" & coaching$pair %in% c(4, 31, 58)
coaching <- coaching[!gone & !late, ]
coaching <- coaching[sample(nrow(coaching)), ]

keyed <- as.matrix(coaching[, c("q1", "q2", "q3", "q4")])
keyed[, 3] <- 6 - keyed[, 3]
coaching_score <- ifelse(rowSums(!is.na(keyed)) >= 3, rowMeans(keyed, na.rm = TRUE), NA)
place_of <- function(name, role, wave) sprintf("%s (%s, %s)", name, role, wave)
wide <- list()
for (wave in c("t1", "t2")) {
  for (role in c("coach", "client")) {
    here <- coaching$role == role & coaching$wave == wave
    at <- match(1:n, coaching$pair[here])
    wide[[place_of("trust", role, wave)]] <- coaching_score[here][at]
    wide[[place_of("load", role, wave)]] <- coaching$load[here][at]
    note_moments("coaching", place_of("trust", role, wave), coaching_score[here])
    note_moments("coaching", place_of("load", role, wave), coaching$load[here])
    note_reliability("coaching", place_of("trust", role, wave), keyed[here, ])
    for (name in c("trust", "load")) {
      x <- wide[[place_of(name, role, wave)]]
      note("coaching", "assess_missingness", paste("missing:", place_of(name, role, wave)), list(
        n = n, estimate = mean(is.na(x))
      ))
    }
    asked <- keyed[here, ]
    note("coaching", "assess_missingness",
         paste("item answers left out:", place_of("trust", role, wave)),
         list(n = length(asked), estimate = mean(is.na(asked))))
  }
}
order <- c(
  outer(c("coach", "client"), c("t1", "t2"), function(r, w) place_of("trust", r, w)),
  outer(c("coach", "client"), c("t1", "t2"), function(r, w) place_of("load", r, w))
)
for (j in 2:8) for (i in 1:(j - 1)) {
  note_correlation(
    "coaching", paste("r:", order[i], "~", order[j]), wide[[order[i]]], wide[[order[j]]]
  )
}
for (name in c("trust", "load")) for (wave in c("t1", "t2")) {
  a <- wide[[place_of(name, "coach", wave)]]
  b <- wide[[place_of(name, "client", wave)]]
  both <- complete.cases(a, b)
  a <- a[both]
  b <- b[both]
  test <- cor.test(a, b)
  note("coaching", "assess_nonindependence", sprintf("r: %s (%s)", name, wave), c(
    list(
      n = length(a), estimate = test$estimate, statistic = test$statistic, df = test$parameter,
      p_value = test$p.value, conf_low = test$conf.int[1], conf_high = test$conf.int[2]
    ),
    cost(2 * cov(a, b) / (var(a) + var(b)), length(a))
  ))
}
for (role in c("coach", "client")) {
  at <- function(wave) coaching$pair[coaching$role == role & coaching$wave == wave]
  stayed <- 1:n %in% at("t2")
  note("coaching", "assess_missingness", sprintf("retention: %s (t2)", role), list(
    n = length(at("t1")), estimate = mean(at("t1") %in% at("t2"))
  ))
  for (name in c("trust", "load")) {
    x <- wide[[place_of(name, role, "t1")]]
    note_welch(
      "coaching", paste("completers − leavers:", place_of(name, role, "t1")), x[stayed], x[!stayed]
    )
  }
}
mode <- coaching$mode[coaching$role == "client" & coaching$wave == "t1"]
pairs <- coaching$pair[coaching$role == "client" & coaching$wave == "t1"]
stayed <- pairs %in% coaching$pair[coaching$role == "client" & coaching$wave == "t2"]
# The expected counts are small; the statistic is wanted, whatever its approximation is worth.
test <- suppressWarnings(chisq.test(table(stayed, mode), correct = FALSE))
note("coaching", "assess_missingness", "leaving by category: mode (client, t1)", list(
  n = length(mode), statistic = test$statistic, df = test$parameter, p_value = test$p.value,
  estimate = sqrt(unname(test$statistic) / length(mode))
))
for (level in unique(mode)) {
  note("coaching", "describe", sprintf("share: mode (client, t1) = %s", level), list(
    n = sum(mode == level), estimate = mean(mode == level)
  ))
}
note_little("coaching", wide[order])

# ---------------------------------------------------------------- exchangeable members

n_peers <- 45
shared <- rnorm(n_peers)
peers <- do.call(rbind, lapply(1:2, function(member) {
  trait <- sqrt(0.5) * shared + sqrt(0.5) * rnorm(n_peers)
  data.frame(
    pair = 1:n_peers, who = sprintf("p%02d%d", 1:n_peers, member),
    warmth = round(3 + trait, 2), effort = round(5 - 0.5 * trait + rnorm(n_peers), 2)
  )
}))
peers$warmth[c(3, 60)] <- NA
peers$effort[c(3, 17, 80)] <- NA
peers <- peers[-c(44, 71), ]
peers <- peers[sample(nrow(peers)), ]
first <- peers[grepl("1$", peers$who), ]
second <- peers[grepl("2$", peers$who), ]
side <- function(half, name) half[[name]][match(1:n_peers, half$pair)]
for (name in c("warmth", "effort")) {
  note_moments("peers", sprintf("%s (member)", name), peers[[name]], peers$pair)
  a <- side(first, name)
  b <- side(second, name)
  both <- complete.cases(a, b)
  a <- a[both]
  b <- b[both]
  m <- length(a)
  r <- cor(c(a, b), c(b, a))
  reach <- qnorm(0.975) / sqrt(m - 1.5)
  note("peers", "assess_nonindependence", paste("double-entry r:", name), c(
    list(
      n = m, estimate = r, statistic = r * sqrt(m), p_value = 2 * pnorm(-abs(r * sqrt(m))),
      conf_low = tanh(atanh(r) - reach), conf_high = tanh(atanh(r) + reach)
    ),
    cost(r, m)
  ))
  ms <- summary(aov(y ~ g, data.frame(y = c(a, b), g = factor(c(1:m, 1:m)))))[[1]]
  f <- ms[["F value"]][1]
  low <- f / qf(0.975, m - 1, m)
  high <- f * qf(0.975, m, m - 1)
  icc <- (f - 1) / (f + 1)
  note("peers", "assess_nonindependence", paste("ICC(1):", name), c(
    list(
      n = m, estimate = icc, statistic = f, df = m - 1, df2 = m,
      p_value = 2 * min(pf(f, m - 1, m), pf(f, m - 1, m, lower.tail = FALSE)),
      conf_low = (low - 1) / (low + 1), conf_high = (high - 1) / (high + 1)
    ),
    cost(icc, m)
  ))
  note("peers", "describe", sprintf("r: %s (member) ~ partner’s %s (member)", name, name), list(
    n = m, estimate = r
  ))
}
own <- c(side(first, "warmth"), side(second, "warmth"))
theirs <- c(side(second, "effort"), side(first, "effort"))
note("peers", "describe", "r: warmth (member) ~ partner’s effort (member)", list(
  n = length(unique(rep(1:n_peers, 2)[complete.cases(own, theirs)])),
  estimate = cor(own, theirs, use = "complete.obs")
))
note("peers", "describe", "r: warmth (member) ~ effort (member)", list(
  n = sum(complete.cases(peers$warmth, peers$effort)),
  estimate = cor(peers$warmth, peers$effort, use = "complete.obs")
))

# ---------------------------------------------------------------- coaches with several clients

sizes <- c(4, 3, 5, 2, 6, 3, 4, 1, 3)
coach <- rep(seq_along(sizes), sizes)
pairs <- seq_along(coach)
style <- round(rnorm(length(sizes), 4, 1), 2)
energy <- round(0.5 * style + rnorm(length(sizes), 2, 0.7), 2)
warm <- rnorm(length(sizes))
# The coaches state style and energy once, and rate the bond with each client.
several <- rbind(
  data.frame(
    pair = pairs, role = "coach", who = paste0("c", coach), style = style[coach],
    energy = energy[coach], bond = round(4 + 0.6 * warm[coach] + 0.6 * rnorm(length(coach)), 2)
  ),
  data.frame(
    pair = pairs, role = "client", who = paste0("k", pairs), style = NA, energy = NA,
    bond = round(4 + 0.6 * warm[coach] + 0.8 * rnorm(length(coach)), 2)
  )
)
several$style[several$who == "c3"] <- NA
style[3] <- NA
several$bond[c(5, 40)] <- NA
several <- several[sample(nrow(several)), ]
note_moments("several", "style (coach)", style)
note_moments("several", "energy (coach)", energy)
for (role in c("coach", "client")) {
  here <- several[several$role == role, ]
  note_moments("several", sprintf("bond (%s)", role), here$bond, coach[here$pair])
}
note_correlation("several", "r: style (coach) ~ energy (coach)", style, energy)
bond <- function(role) {
  here <- several[several$role == role, ]
  here$bond[match(pairs, here$pair)]
}
note_correlation("several", "r: style (coach) ~ bond (client)", style[coach], bond("client"))
note_correlation("several", "r: bond (coach) ~ bond (client)", bond("coach"), bond("client"))
note("several", "assess_missingness", "missing: style (coach)", list(n = 9, estimate = 1 / 9))
note("several", "assess_missingness", "missing: bond (coach)", list(
  n = length(pairs), estimate = mean(is.na(bond("coach")))
))

# ---------------------------------------------------------------- write

columns <- function(data) lapply(as.list(data), unname)
packages <- c("jsonlite", "lavaan", "psych", "sandwich")
result <- list(
  about = list(
    command = "Rscript tests/oracles/description.R",
    r = R.version.string,
    packages = as.list(sapply(packages, function(p) as.character(packageVersion(p))))
  ),
  data = list(coaching = columns(coaching), peers = columns(peers), several = columns(several)),
  numbers = numbers
)
write_json(result, target, digits = NA, auto_unbox = TRUE, na = "null", pretty = FALSE)
