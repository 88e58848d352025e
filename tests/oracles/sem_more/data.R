# Simulated data sets, each from its own seed (so that a new one changes none of the others), rounded
# before use.  The truth is what the code says.

# Two or three factors whose measurement differs between groups in the places `shift` names.
simulate_factors <- function(n, phi, loadings, intercepts, residual, alpha, draw = rnorm) {
  k <- ncol(phi)
  z <- matrix(draw(n * k), n) %*% chol(phi)
  f <- sweep(z, 2, alpha, "+")
  x <- f %*% t(loadings) + rep(intercepts, each = n) +
    matrix(draw(n * nrow(loadings)), n) %*% diag(residual)
  list(f = f, x = x)
}
block_loadings <- function(...) {
  parts <- list(...)
  m <- matrix(0, sum(lengths(parts)), length(parts))
  row <- 0
  for (k in seq_along(parts)) {
    m[row + seq_along(parts[[k]]), k] <- parts[[k]]
    row <- row + length(parts[[k]])
  }
  m
}
# Heavier tails and skewness, mean 0 and variance 1.
skewed_draw <- function(n) (rgamma(n, 1.5) - 1.5) / sqrt(1.5)

datasets <- list()
made <- function(name, seed, f) {
  set.seed(seed)
  datasets[[name]] <<- f()
}

# Two coaching programmes (the first in the file is "remote"): trust and learning, tenure and hours.
# Group 2 has a different loading (t3), a different intercept (l2) and a higher mean of trust.
two_programmes <- function(n1, n2) {
  one <- function(n, loading, intercept, phi, alpha, label) {
    tenure <- round(rexp(n, 0.25), 1)
    d <- simulate_factors(
      n, phi, block_loadings(c(1, 0.9, loading), c(1, 1.1, 0.8)),
      c(3.5, 3.2, 3.8, 4, intercept, 4.2), c(0.6, 0.7, 0.65, 0.6, 0.7, 0.75), alpha
    )
    x <- setNames(as.data.frame(d$x), c("t1", "t2", "t3", "l1", "l2", "l3"))
    hours <- 2 + 0.4 * d$f[, 1] + 0.1 * tenure + rnorm(n, 0, 0.8)
    goal <- 1 + 0.35 * d$f[, 2] + 0.3 * hours + 0.05 * tenure + rnorm(n, 0, 0.9)
    cbind(rounded(x, tenure = tenure, hours = hours, goal = goal), programme = label)
  }
  x <- rbind(
    one(n1, 0.8, 4.1, rbind(c(0.7, 0.3), c(0.3, 0.8)), c(0, 0), "remote"),
    one(n2, 1.1, 4.4, rbind(c(0.9, 0.45), c(0.45, 0.7)), c(0.3, 0.1), "local")
  )
  x <- x[c(1, 1 + sample(nrow(x) - 1)), ]
  rownames(x) <- NULL
  x
}
made("programmes", 9101, function() two_programmes(160, 130))
made("programmes_mar", 9102, function() {
  x <- mcar(two_programmes(170, 140), 0.04, c("t2", "t3", "l1", "l3", "tenure"))
  dropout(x, "t1", c("l1", "l2", "l3", "goal"), 0.7, -1.8)
})
# Three sites coded 3, 1, 2 in the order of the file.
made("sites", 9103, function() {
  one <- function(n, shift, mean, site) {
    d <- simulate_factors(
      n, rbind(c(0.8, 0.35), c(0.35, 0.6)), block_loadings(c(1, 0.8, 0.9 + shift), c(1, 1.2, 0.9)),
      c(3, 3.4, 3.2 + shift, 4, 3.9, 4.1), c(0.6, 0.6, 0.7, 0.5, 0.6, 0.6), mean
    )
    cbind(rounded(setNames(as.data.frame(d$x), c("a1", "a2", "a3", "b1", "b2", "b3"))), site = site)
  }
  rbind(one(105, 0, c(0, 0), 3), one(90, 0.25, c(0.2, -0.1), 1), one(120, 0, c(-0.1, 0.3), 2))
})
# Four waves of a pair of variables in two groups with their own dynamics; gaps at random.
two_panels <- function(n1, n2) {
  one <- function(n, lag, label) {
    x <- simulate_panel(n, 4, "x", "y", lag)
    cbind(rounded(x), team = label)
  }
  rbind(one(n1, c(0.35, 0.15, 0.1, 0.4), "old"), one(n2, c(0.3, 0.05, 0.2, 0.35), "new"))
}
made("teams", 9104, function() two_panels(210, 180))
made("teams_mar", 9105, function() {
  x <- mcar(two_panels(220, 200), 0.03, c("x2", "y2", "x3", "y3"))
  x <- dropout(x, "x1", c("x3", "y3", "x4", "y4"), 0.5, -2.2)
  dropout(x, "y1", c("x4", "y4"), 0.5, -2)
})
# Skewed factors, residuals and a covariate, in two groups; kurtosis well above the normal one.
skewed_items <- function(n1, n2) {
  one <- function(n, loading, mean, label) {
    age <- round(20 + rgamma(n, 4), 1)
    d <- simulate_factors(
      n, rbind(c(0.8, 0.35), c(0.35, 0.7)), block_loadings(c(1, loading, 0.9), c(1, 0.9, 1.1)),
      c(4, 3.8, 4.1, 3, 3.2, 3.1), c(0.7, 0.6, 0.65, 0.6, 0.7, 0.6), mean, skewed_draw
    )
    x <- setNames(as.data.frame(d$x), c("p1", "p2", "p3", "q1", "q2", "q3"))
    x$q2 <- x$q2 + 0.2 * x$p3
    out <- 0.4 * d$f[, 1] + 0.3 * d$f[, 2] + 0.05 * (age - 24) + skewed_draw(n)
    cbind(rounded(x, age = age, out = out), arm = label)
  }
  rbind(one(150, 0.8, c(0, 0), "control"), one(n2, 1, c(0.3, 0.2), "coached"))
}
made("skewed", 9106, function() skewed_items(150, 140))
made("skewed_mar", 9107, function() {
  x <- mcar(skewed_items(150, 150), 0.05, c("p2", "q1", "q3", "age"))
  dropout(x, "p1", c("q1", "q2", "q3", "out"), 0.6, -1.9)
})
# Persons in 45 coaches (sizes 3 to 12), each coach in one region; sampling weights between 0.3 and 4.
nested_items <- function(coaches) {
  sizes <- 3 + rpois(coaches, 4)
  coach <- rep(seq_len(coaches), sizes)
  n <- length(coach)
  region <- ifelse(seq_len(coaches) %% 2 == 0, "north", "south")
  between <- matrix(rnorm(coaches * 2), coaches) %*% chol(rbind(c(0.3, 0.12), c(0.12, 0.25)))
  d <- simulate_factors(
    n, rbind(c(0.6, 0.25), c(0.25, 0.6)), block_loadings(c(1, 0.9, 0.8), c(1, 1.1, 0.9)),
    c(4, 4.2, 3.9, 3, 3.3, 3.1), c(0.6, 0.7, 0.6, 0.6, 0.6, 0.7), c(0, 0)
  )
  x <- d$x + cbind(between[coach, c(1, 1, 1)], between[coach, c(2, 2, 2)])
  x <- setNames(as.data.frame(x), c("m1", "m2", "m3", "n1", "n2", "n3"))
  size <- 0.3 * between[coach, 1] + rnorm(n)
  end <- 0.4 * (d$f[, 2] + between[coach, 2]) + 0.3 * size + rnorm(n)
  weight <- round(exp(0.5 * rnorm(n) + 0.3 * x$m1 - 1.2), 2) + 0.2
  x <- cbind(
    rounded(x, size = size, end = end), weight = weight, coach = 100 + coach, region = region[coach]
  )
  x[sample(n), ]
}
made("nested", 9108, function() { x <- nested_items(45); rownames(x) <- NULL; x })
made("nested_mar", 9109, function() {
  x <- mcar(nested_items(45), 0.05, c("m2", "m3", "n2", "size"))
  x <- dropout(x, "m1", c("n1", "n2", "n3", "end"), 0.6, -2)
  rownames(x) <- NULL
  x
})
# Likert items cut from normal responses: u1-u3 in five categories, v1-v3 in four, b1-b4 in two, w in
# seven, t in three; c1-c3 continuous; x1, x2 covariates.  u3 has its own thresholds in arm "b".
cut_at <- function(y, thresholds) as.integer(cut(y, c(-Inf, thresholds, Inf)))
likert_items <- function(n1, n2) {
  one <- function(n, shift, mean, label) {
    x1 <- rnorm(n)
    x2 <- rbinom(n, 1, 0.45)
    u <- mean + 0.4 * x1 + 0.25 * x2 + rnorm(n, 0, 0.9)
    v <- 0.5 * u + 0.2 * x1 + rnorm(n, 0, 0.8)
    b <- 0.3 * u + 0.3 * v + rnorm(n, 0, 0.8)
    e <- function() rnorm(n, 0, 0.7)
    rounded(
      u1 = cut_at(u + e(), c(-1.3, -0.5, 0.3, 1.2)),
      u2 = cut_at(0.9 * u + e(), c(-1, -0.2, 0.5, 1.1)),
      u3 = cut_at(1.1 * u + e(), c(-1.5, -0.6 + shift, 0.4 + shift, 1.4)),
      v1 = cut_at(v + e(), c(-0.9, 0, 0.9)), v2 = cut_at(1.1 * v + e(), c(-0.7, 0.2, 1)),
      v3 = cut_at(0.8 * v + e(), c(-0.8, 0.1, 0.8)), b1 = cut_at(b + e(), 0.2),
      b2 = cut_at(b + e(), -0.3), b3 = cut_at(0.8 * b + e(), 0.4), b4 = cut_at(1.1 * b + e(), 0),
      w = cut_at(0.6 * u + 0.4 * v + rnorm(n), c(-2, -1.2, -0.5, 0.2, 0.9, 1.6)),
      t = cut_at(0.5 * v + 0.3 * x1 + rnorm(n), c(-0.5, 0.6)),
      c1 = 3 + u + e(), c2 = 2 + 0.8 * v + e(), c3 = 4 + 0.9 * v + 0.3 * u + e(), x1 = x1, x2 = x2
    ) -> x
    cbind(x, arm = label)
  }
  rbind(one(n1, 0, 0, "a"), one(n2, 0.3, 0.25, "b"))
}
made("likert", 9110, function() likert_items(260, 230))
# Three waves of three items in three categories; loadings, thresholds stay, means rise.
made("likert_panel", 9111, function() {
  n <- 420
  f1 <- rnorm(n)
  f2 <- 0.2 + 0.6 * f1 + rnorm(n, 0, 0.7)
  f3 <- 0.2 + 0.6 * f2 + rnorm(n, 0, 0.7)
  own <- matrix(rnorm(3 * n, sd = 0.4), n)
  x <- lapply(list(f1, f2, f3), function(f) {
    y <- outer(f, c(1, 0.9, 1.1)) + own + matrix(rnorm(3 * n, sd = 0.6), n)
    cbind(cut_at(y[, 1], c(-0.5, 0.7)), cut_at(y[, 2], c(-0.3, 0.9)), cut_at(y[, 3], c(-0.8, 0.5)))
  })
  setNames(as.data.frame(do.call(cbind, x)), paste0("i", 1:3, "w", rep(1:3, each = 3)))
})
# The same kind of items with gaps.
made("likert_gaps", 9112, function() {
  x <- likert_items(230, 200)
  mcar(x, 0.06, c("u1", "u3", "v1", "v2", "v3"))
})
# Two latent predictors with an interaction of 0.3 on the latent outcome; some gaps in `_mar`.
simulate_product <- function(n) {
  f <- correlated(n, rbind(c(0.8, 0.25), c(0.25, 0.7)))
  g <- 0.4 * f[, 1] + 0.3 * f[, 2] + 0.3 * (f[, 1] * f[, 2] - 0.25) + noise(n, 0.7)
  rounded(
    indicators(f[, 1], c(1, 0.9, 0.8), 0.6, paste0("s", 1:3)),
    indicators(f[, 2], c(1, 1.1, 0.9), 0.55, paste0("r", 1:3)),
    indicators(g, c(1, 0.85, 1.1), 0.6, paste0("k", 1:3))
  )
}
made("product", 9113, function() simulate_product(320))
made("product_gaps", 9114, function() mcar(simulate_product(340), 0.04, c("s2", "r1", "r3", "k2")))
# Few persons; row 7 is far out.
made("small", 9115, function() {
  f <- noise(34)
  x <- rounded(
    indicators(f, c(1, 0.8, 0.9, 0.7), 0.6, paste0("e", 1:4)), y = 0.5 * f + noise(34, 0.7)
  )
  x[7, 1:5] <- c(7.5, 1.2, 6.8, 2.1, 3)
  x
})
made("small_gaps", 9116, function() {
  f <- noise(36)
  mcar(rounded(
    indicators(f, c(1, 0.8, 0.9, 0.7), 0.6, paste0("e", 1:4)), y = 0.5 * f + noise(36, 0.7)
  ), 0.08, c("e2", "e3", "y"))
})
# Rare symptoms: z1 and z2 never occur together (an empty cell of a two by two table).
made("rare", 9117, function() {
  f <- rnorm(150)
  x <- data.frame(
    z1 = cut_at(0.3 * f + rnorm(150), 1.7), z2 = cut_at(0.4 * f + rnorm(150), 1.6),
    z3 = cut_at(f + rnorm(150), 0.5), z4 = cut_at(f + rnorm(150), 0), z5 = cut_at(f + rnorm(150), -0.4)
  )
  both <- x$z1 == 2 & x$z2 == 2
  x$z1[both] <- 1L
  x
})
