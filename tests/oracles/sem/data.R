# Simulated data sets (rounded before use) and published moments.

filled <- function(x) x[!vapply(x, is.null, NA)]
rounded <- function(..., digits = 3) round(data.frame(...), digits)
noise <- function(n, sd = 1) rnorm(n, sd = sd)
correlated <- function(n, sigma) matrix(rnorm(n * ncol(sigma)), n) %*% chol(sigma)

# Completely at random: each value with probability p.
mcar <- function(x, p, columns = names(x)) {
  for (v in columns) x[runif(nrow(x)) < p, v] <- NA
  x
}
# At random: later columns vanish together where an earlier, observed column is high.
dropout <- function(x, from, columns, strength = 1, base = -1.2) {
  z <- drop(scale(x[[from]]))
  gone <- !is.na(z) & runif(nrow(x)) < plogis(base + strength * z)
  x[gone, columns] <- NA
  x
}

indicators <- function(f, loadings, sd, names, shift = 3.5) {
  x <- outer(f, loadings) + matrix(rnorm(length(f) * length(loadings), sd = sd), length(f)) + shift
  setNames(as.data.frame(x), names)
}

# Mentor and developee: own trust and own support predict learning of both; tension in between.
simulate_pairs <- function(n) {
  shared <- noise(n, 0.5)
  trust_m <- 3.9 + shared + noise(n, 0.6)
  trust_d <- 4.1 + shared + noise(n, 0.7)
  support_m <- 3.5 + 0.3 * trust_m + noise(n, 0.6)
  support_d <- 3.2 + 0.4 * trust_d + noise(n, 0.7)
  tense <- noise(n, 0.3)
  tension_m <- 5 - 0.4 * trust_m - 0.2 * trust_d + tense + noise(n, 0.5)
  tension_d <- 5 - 0.2 * trust_m - 0.4 * trust_d + tense + noise(n, 0.6)
  e <- noise(n, 0.3)
  learning_m <- 1 + 0.4 * trust_m + 0.3 * trust_d - 0.2 * tension_m + e + noise(n, 0.4)
  learning_d <- 1 + 0.25 * trust_m + 0.4 * trust_d - 0.2 * tension_d + e + noise(n, 0.5)
  rounded(trust_m, trust_d, support_m, support_d, tension_m, tension_d, learning_m, learning_d)
}

simulate_mediation <- function(n) {
  support <- noise(n)
  tenure <- round(rexp(n, 0.3), 1)
  trust <- 0.5 * support + 0.05 * tenure + noise(n, 0.8)
  insight <- 0.4 * support + 0.2 * trust + noise(n, 0.9)
  learning <- 0.2 * support + 0.4 * trust + 0.3 * insight + noise(n, 0.8)
  transfer <- 0.1 * support + 0.5 * learning + noise(n, 0.9)
  rounded(support, tenure, trust, insight, learning, transfer)
}

# Three correlated factors of three indicators, two covariates.
simulate_abilities <- function(n) {
  age <- round(rnorm(n, 13, 1), 1)
  group <- rbinom(n, 1, 0.45)
  f <- correlated(n, rbind(c(0.8, 0.4, 0.3), c(0.4, 1, 0.2), c(0.3, 0.2, 0.5)))
  f <- f + outer((age - 13), c(0.1, 0.2, 0.25)) + outer(group, c(-0.2, 0.1, 0.1))
  x <- cbind(
    indicators(f[, 1], c(1, 0.55, 0.73), c(0.74, 1.06, 0.92), paste0("x", 1:3), 4),
    indicators(f[, 2], c(1, 1.11, 0.93), 0.6, paste0("x", 4:6), 3),
    indicators(f[, 3], c(1, 1.18, 1.08), 0.75, paste0("x", 7:9), 5)
  )
  x$x9 <- x$x9 + 0.35 * f[, 1]
  rounded(x, age = age, group = group)
}

# Industrialisation, democracy in two years.
simulate_democracy <- function(n) {
  ind <- rnorm(n, 0, 0.67)
  dem60 <- 1.45 * ind + noise(n, 2)
  dem65 <- 0.6 * ind + 0.83 * dem60 + noise(n, 0.5)
  x <- indicators(ind, c(1, 2.2, 1.8), c(0.3, 0.35, 0.68), paste0("x", 1:3), 5)
  unique <- matrix(rnorm(4 * n), n)
  y60 <- outer(dem60, c(1, 1.26, 1.06, 1.27)) + 5 + unique %*% diag(c(0.8, 1.2, 0.9, 0.8)) +
    matrix(rnorm(4 * n), n) %*% diag(c(1.1, 2.4, 2.0, 1.6))
  y65 <- outer(dem65, c(1, 1.19, 1.28, 1.27)) + 4.5 + unique %*% diag(c(0.8, 1.2, 0.9, 0.8)) +
    matrix(rnorm(4 * n), n) %*% diag(c(1.3, 1.9, 1.7, 1.6))
  rounded(x, setNames(as.data.frame(cbind(y60, y65)), paste0("y", 1:8)))
}

# Trust (4 items) and learning (3 items) of mentor and developee; the same item shares its residual.
simulate_dyadic_items <- function(n) {
  climate <- noise(n, 0.6)
  trust <- cbind(climate + noise(n, 0.7), climate + noise(n, 0.8))
  shared <- noise(n, 0.3)
  learning <- cbind(
    0.5 * trust[, 1] + 0.2 * trust[, 2] + shared + noise(n, 0.5),
    0.3 * trust[, 1] + 0.4 * trust[, 2] + shared + noise(n, 0.6)
  )
  same <- matrix(rnorm(7 * n, sd = 0.35), n)
  items <- function(f, g, role, sd) {
    a <- indicators(f, c(1, 0.9, 1.1, 0.8), sd, paste0("trust", 1:4, "_", role))
    b <- indicators(g, c(1, 1.2, 0.9), sd, paste0("learn", 1:3, "_", role))
    cbind(a, b) + same
  }
  rounded(items(trust[, 1], learning[, 1], "m", 0.6), items(trust[, 2], learning[, 2], "d", 0.65))
}

# Random intercepts and within-person cross-lagged dynamics.
simulate_panel <- function(n, waves, first = "x", second = "y", lag = c(0.35, 0.15, 0.1, 0.4)) {
  between <- correlated(n, rbind(c(0.5, 0.25), c(0.25, 0.6)))
  w <- correlated(n, rbind(c(0.8, 0.3), c(0.3, 0.9)))
  a <- matrix(lag, 2, byrow = TRUE)
  out <- list()
  for (t in seq_len(waves)) {
    if (t > 1) w <- w %*% t(a) + correlated(n, rbind(c(0.6, 0.15), c(0.15, 0.65)))
    out[[t]] <- setNames(as.data.frame(between + w + 4 + 0.1 * t), paste0(c(first, second), t))
  }
  out <- do.call(cbind, out)
  attr(out, "between") <- between
  out
}
with_covariate <- function(x) {
  z <- 0.4 * attr(x, "between")[, 1] + noise(nrow(x))
  rounded(x[order(sub("[0-9]", "", names(x)))], z = z)
}

simulate_growth <- function(n) {
  age <- noise(n)
  coached <- rbinom(n, 1, 0.5)
  level <- 3 + 0.3 * age + noise(n, 0.8)
  slope <- 0.4 + 0.2 * coached + 0.1 * (level - 3) + noise(n, 0.25)
  bend <- -0.03 + noise(n, 0.03)
  y <- sapply(0:4, function(t) level + slope * t + bend * t^2 + noise(n, 0.5))
  c <- sapply(0:4, function(t) 0.2 * y[, t + 1] + noise(n))
  names <- c(paste0("skill", 1:5), paste0("load", 1:5))
  rounded(setNames(as.data.frame(cbind(y, c)), names), age = age, coached = coached)
}
simulate_dyadic_growth <- function(n) {
  f <- correlated(n, rbind(
    c(0.7, 0.05, 0.3, 0.02), c(0.05, 0.08, 0.02, 0.03), c(0.3, 0.02, 0.8, 0.04),
    c(0.02, 0.03, 0.04, 0.1)
  ))
  m <- sapply(0:3, function(t) 4 + f[, 1] + (0.2 + f[, 2]) * t)
  d <- sapply(0:3, function(t) 3.5 + f[, 3] + (0.4 + f[, 4]) * t)
  same <- matrix(rnorm(4 * n, sd = 0.3), n)
  rounded(setNames(as.data.frame(cbind(
    m + same + noise(4 * n, 0.4), d + same + noise(4 * n, 0.5)
  )), c(paste0("m", 1:4), paste0("d", 1:4))))
}

simulate_dyadic_panel <- function(n) {
  a <- rbind(
    c(0.4, 0.1, 0.15, 0.05), c(0.1, 0.35, 0.05, 0.1), c(0.2, 0, 0.4, 0.1), c(0, 0.1, 0.15, 0.45)
  )
  s <- 0.5 * diag(4) + 0.2
  w <- correlated(n, s + 0.2)
  names <- c("trust_m", "learn_m", "trust_d", "learn_d")
  out <- list()
  for (t in 1:3) {
    if (t > 1) w <- w %*% t(a) + correlated(n, s)
    out[[t]] <- setNames(as.data.frame(w + 4), paste0(names, t))
  }
  rounded(do.call(cbind, out))
}

# Income in thousands of units, a proportion in hundredths, two ratings.
simulate_unequal <- function(n) {
  f <- noise(n)
  g <- 0.5 * f + noise(n, 0.8)
  data.frame(
    income = round(42000 + 3500 * f + noise(n, 2500), 0),
    share = round(0.12 + 0.02 * f + noise(n, 0.015), 5),
    rating1 = round(4 + 0.7 * f + noise(n, 0.6), 3),
    rating2 = round(4 + 0.6 * f + noise(n, 0.7), 3),
    hours = round(1200 + 150 * g + noise(n, 100), 1),
    rate = round(0.05 + 0.01 * g + noise(n, 0.008), 5),
    score = round(50 + 8 * g + noise(n, 6), 2)
  )
}

# Seven constructs of four indicators, the role's two informants; nearly each row its own pattern.
simulate_wide <- function(n) {
  sigma <- 0.35 + diag(0.65, 7)
  f <- correlated(n, sigma)
  loadings <- c(0.8, 0.75, 0.7, 0.65)
  x <- lapply(1:7, function(k) indicators(f[, k], loadings, 0.6, paste0(letters[k], 1:4)))
  rounded(do.call(cbind, x))
}

set.seed(7301)
datasets <- list()
datasets$pairs <- simulate_pairs(148)
datasets$pairs_mcar <- mcar(simulate_pairs(148), 0.08)
datasets$mediation <- simulate_mediation(210)
datasets$mediation_mar <- local({
  x <- dropout(simulate_mediation(230), "support", c("learning", "transfer"), 0.8)
  dropout(x, "support", "insight", 0.6)
})
datasets$abilities <- simulate_abilities(301)
datasets$abilities_mcar <- mcar(simulate_abilities(260), 0.05, c(paste0("x", 1:9), "age"))
datasets$democracy <- simulate_democracy(75)
datasets$dyadic_items <- simulate_dyadic_items(240)
datasets$dyadic_items_mar <- local({
  x <- mcar(simulate_dyadic_items(220), 0.03)
  dropout(x, "trust1_m", grep("_d$", names(x), value = TRUE), 0.7, -1.6)
})
datasets$panel <- with_covariate(simulate_panel(355, 5))
datasets$panel_mar <- local({
  x <- with_covariate(simulate_panel(355, 4))
  x <- dropout(x, "x1", c("x2", "y2", "x3", "y3", "x4", "y4"), 0.6, -2.6)
  x <- dropout(x, "y1", c("x3", "y3", "x4", "y4"), 0.6, -2.4)
  x <- dropout(x, "x1", c("x4", "y4"), 0.5, -2.2)
  singles <- list(
    "y1", "x2", "y2", c("x2", "y2"), c("x3", "y3"), "x3", "y3", "x4", "y4", c("x1", "y1"),
    c("y2", "x3"), c("x2", "x3", "x4"), c("y2", "y3", "y4"), c("x1", "x4"), c("y1", "y4"),
    c("x2", "x4"), c("y3", "x4"), c("x1", "y2", "x3"), c("y1", "x3"),
    c("x1", "y1", "x2", "y2", "x3", "y3", "x4")
  )
  whole <- which(complete.cases(x))
  for (k in seq_along(singles)) x[whole[k + c(0, if (k < 9) 40)], singles[[k]]] <- NA
  x
})
datasets$dyadic_panel <- simulate_dyadic_panel(200)
datasets$dyadic_panel_mcar <- mcar(simulate_dyadic_panel(200), 0.06)
datasets$growth <- simulate_growth(180)
datasets$growth_mar <- dropout(
  dropout(simulate_growth(190), "skill1", paste0("skill", 4:5), 0.5), "skill1", "skill5", 0.5, -1.5
)
datasets$dyadic_growth <- simulate_dyadic_growth(160)
datasets$unequal <- simulate_unequal(120)
datasets$unequal_mcar <- mcar(simulate_unequal(140), 0.07)
datasets$wide <- mcar(simulate_wide(121), 0.1)
# Two items share more than the factor: a negative residual variance.
datasets$doublet <- local({
  f <- noise(90)
  extra <- noise(90)
  rounded(
    i1 = 0.8 * f + 0.6 * extra + noise(90, 0.1), i2 = 0.4 * f + 0.6 * extra + noise(90, 0.6),
    i3 = 0.6 * f + noise(90, 0.8), i4 = 0.6 * f + noise(90, 0.8), i5 = 0.3 * f + noise(90, 0.9)
  )
})
# Both partners report on one shared climate and one shared gain.
simulate_views <- function(n) {
  climate <- noise(n, 0.8)
  gain <- 0.6 * climate + noise(n, 0.6)
  same_m <- noise(n, 0.3)
  same_d <- noise(n, 0.3)
  rounded(
    view_m = 4 + climate + same_m + noise(n, 0.6), view_d = 4 + climate + same_d + noise(n, 0.7),
    gain_m = 3 + gain + same_m + noise(n, 0.6), gain_d = 3 + gain + same_d + noise(n, 0.5)
  )
}
datasets$views <- simulate_views(130)
datasets$views_mcar <- mcar(simulate_views(130), 0.1)
# Members whose shared variance is negative.
datasets$opposed <- local({
  shared <- noise(110, 0.6)
  rounded(
    share_m = shared + noise(110, 0.7) + 3, share_d = -shared + noise(110, 0.7) + 3,
    talk_m = 0.5 * shared + noise(110, 0.8) + 3, talk_d = 0.5 * shared + noise(110, 0.8) + 3
  )
})

lower_matrix <- function(names, values) {
  m <- diag(length(names))
  m[upper.tri(m, diag = TRUE)] <- values
  m <- m + t(m) - diag(diag(m))
  dimnames(m) <- list(names, names)
  m
}
published <- list()
# Wheaton, Muthen, Alwin and Summers (1977), as in Joreskog and Sorbom's manual; N = 932.
published$wheaton <- list(
  source = "Wheaton, Muthen, Alwin and Summers 1977", n = 932,
  cov = lower_matrix(
    c("anomia67", "powerless67", "anomia71", "powerless71", "education", "sei"),
    c(
      11.834, 6.947, 9.364, 6.819, 5.091, 12.532, 4.783, 5.028, 7.495, 9.986,
      -3.839, -3.889, -3.841, -3.625, 9.610, -21.899, -18.831, -21.748, -18.775, 35.522, 450.288
    )
  )
)
# Acitelli's 148 couples: husband h, wife w; other-positivity, satisfaction, tension.
published$acitelli <- local({
  names <- c("oph", "opw", "sath", "satw", "tenh", "tenw")
  r <- lower_matrix(names, c(
    1, 0.2342, 1, 0.5050, 0.3982, 1, 0.3747, 0.4398, 0.6234, 1,
    -0.3418, -0.2985, -0.5675, -0.3892, 1, -0.2599, -0.3879, -0.4522, -0.6248, 0.3403, 1
  ))
  sd <- c(0.4740, 0.5227, 0.4618, 0.5300, 0.6548, 0.7092)
  list(
    source = "Acitelli couples: means, standard deviations and correlations", n = 148,
    cov = round(r * outer(sd, sd), 8),
    mean = setNames(c(4.2811, 4.2459, 3.6182, 3.5912, 2.3412, 2.5203), names)
  )
})
# Moments of simulated data, as a covariance matrix whose divisor is n - 1.
published$dyadic_moments <- local({
  x <- datasets$dyadic_items
  list(source = "dyadic_items", n = 240, cov = round(cov(x), 6), mean = round(colMeans(x), 6))
})

# `name` may end in "_without_means".
moments_of <- function(name) {
  m <- published[[sub("_without_means", "", name)]]
  filled(list(
    sample.cov = m$cov, sample.nobs = m$n, sample.mean = if (!grepl("_without_means", name)) m$mean
  ))
}
