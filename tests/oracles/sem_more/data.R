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
