# Simulated data, each set from its own seed, rounded before use.  The truth is what the code says.

datasets <- list()
made <- function(name, seed, f) {
  set.seed(seed)
  x <- f()
  for (k in names(x)) if (is.numeric(x[[k]]) && !is.integer(x[[k]])) x[[k]] <- round(x[[k]], 4)
  rownames(x) <- NULL
  datasets[[name]] <<- x
}
label <- function(prefix, i, width = 3) sprintf(paste0("%s%0", width, "d"), prefix, i)
normal <- function(n, sigma) matrix(rnorm(n * nrow(sigma)), n) %*% chol(sigma)
cov_of <- function(sd, r) outer(sd, sd) * (diag(length(sd)) * (1 - r) + r)

# A client and a coach: own and partner's predictor, age of the person, months and format of the dyad.
pairs_of <- function(n, sigma, slopes = c(0.5, 0.3, 0.35, 0.2), x_r = 0.3) {
  x <- normal(n, cov_of(c(0.9, 1.1), x_r)) + rep(c(3.5, 3.8), each = n)
  e <- normal(n, sigma)
  months <- runif(n, 1, 24)
  format <- sample(c("face", "online"), n, TRUE)
  d <- lapply(1:2, function(k) data.frame(
    dyad = label("d", seq_len(n)), person = paste0(label("d", seq_len(n)), c("a", "b")[k]),
    role = c("client", "coach")[k],
    y = c(2, 1.5)[k] + slopes[2 * k - 1] * x[, k] + slopes[2 * k] * x[, 3 - k] + 0.02 * months +
      0.15 * (format == "online") * x[, k] + e[, k],
    act = x[, k], par = x[, 3 - k], age = c(35, 48)[k] + rnorm(n, 0, 8), months = months,
    format = format
  ))
  d <- do.call(rbind, d)
  d[order(d$dyad, d$role), ]
}
made("pairs60", 7101, function() pairs_of(60, cov_of(c(1.2, 0.8), 0.4)))
made("pairs148", 7102, function() pairs_of(148, cov_of(c(0.5, 0.4), 0.5)))
made("negative50", 7103, function() pairs_of(50, cov_of(c(1, 0.7), -0.5)))
# Of 30 % of the dyads one member's outcome is missing: the row is there without it, or is not there.
made("one_sided80", 7104, function() {
  d <- pairs_of(80, cov_of(c(1, 0.8), 0.45))
  which_dyads <- sample(unique(d$dyad), 24)
  for (i in seq_along(which_dyads)) {
    gone <- which(d$dyad == which_dyads[i] & d$role == c("client", "coach", "coach")[1 + i %% 3])
    if (i %% 2) d$y[gone] <- NA else d <- d[-gone, ]
  }
  d[sample(nrow(d)), ]
})
made("small12", 7105, function() pairs_of(12, cov_of(c(1, 0.6), 0.5)))
# Two interchangeable peers.
peers_of <- function(n, r) {
  d <- pairs_of(n, cov_of(c(1, 1), r), c(0.5, 0.25, 0.5, 0.25))
  d$y <- d$y + 0.5 * (d$role == "coach")
  d$member <- c("one", "two")[rbinom(n, 1, 0.5)[rep(seq_len(n), each = 2)] * c(1, -1) +
    rep(c(1, 2), n)]
  d$role <- NULL
  d[order(d$dyad, d$member), ]
}
made("peers70", 7106, function() peers_of(70, 0.35))
made("peers_negative45", 7107, function() peers_of(45, -0.45))

# The residuals of dyads that meet online vary more (SD ratio 1.6).
made("formats90", 7108, function() {
  d <- pairs_of(90, cov_of(c(0.9, 0.7), 0.4))
  fixed <- with(d, ifelse(role == "client", 2, 1.5) + 0.5 * act + 0.25 * par)
  d$y <- fixed + (d$y - fixed) * ifelse(d$format == "online", 1.6, 1)
  d$site <- c("north", "south", "west")[1 + (match(d$dyad, unique(d$dyad)) %% 3)]
  d
})
# Teams of three to six with an intraclass correlation.
teams_of <- function(n, r) {
  sizes <- sample(3:6, n, TRUE)
  d <- lapply(seq_len(n), function(g) {
    m <- sizes[g]
    x <- rnorm(m, 3, 1)
    data.frame(
      team = label("t", g), person = paste0(label("t", g), letters[seq_len(m)]),
      y = 2 + 0.5 * x + 0.2 * (sum(x) - x) / (m - 1) + drop(normal(1, cov_of(rep(1, m), r))),
      own = x, others = (sum(x) - x) / (m - 1), size = m,
      format = sample(c("face", "online"), 1)
    )
  })
  do.call(rbind, d)
}
made("teams35", 7109, function() teams_of(35, 0.3))
made("teams_negative40", 7110, function() teams_of(40, -0.15))
