# Simulated data of several dyads per mentor, per team, and over time.

# One row per developee; the mentor's experience; mentors differ in level and in the slope of `own`.
mentees <- function(n, level, residual) {
  sizes <- sample(2:7, n, TRUE)
  d <- lapply(seq_len(n), function(g) {
    m <- sizes[g]
    b <- drop(normal(1, level))
    own <- rnorm(m, 3, 1)
    experience <- runif(1, 1, 20)
    data.frame(
      mentor = label("m", g, 2), developee = paste0(label("m", g, 2), "d", seq_len(m)),
      y = 2 + 0.4 * own + 0.05 * experience + b[1] + b[2] * own + rnorm(m, 0, residual), own = own,
      experience = experience
    )
  })
  do.call(rbind, d)
}
made("mentees30", 7201, function() mentees(30, cbind(c(0.9, -0.1), c(-0.1, 0.2)), 0.6))
# Mentors do not differ at all.
made("mentees_alike22", 7203, function() mentees(22, diag(c(1e-6, 1e-6)), 1))
# Two rows per mentor and developee: what the mentor and what the developee says.
reciprocal <- function(n, between, within, missing = 0) {
  sizes <- sample(3:6, n, TRUE)
  d <- lapply(seq_len(n), function(g) {
    b <- drop(normal(1, between))
    m <- sizes[g]
    x <- normal(m, cov_of(c(1, 1), 0.3)) + 3
    e <- normal(m, within)
    one <- function(k) data.frame(
      mentor = label("m", g, 2), pair = paste0(label("m", g, 2), "p", seq_len(m)),
      role = c("developee", "mentor")[k],
      y = c(2, 2.5)[k] + c(0.4, 0.3)[k] * x[, k] + c(0.2, 0.1)[k] * x[, 3 - k] + b[k] + e[, k],
      act = x[, k], par = x[, 3 - k]
    )
    d <- rbind(one(1), one(2))
    d[order(d$pair, d$role), ]
  })
  d <- do.call(rbind, d)
  if (missing) d <- d[-sample(nrow(d), round(missing * nrow(d))), ]
  d
}
made("reciprocal30", 7203, function() {
  reciprocal(30, cov_of(c(0.6, 0.7), 0.4), cov_of(c(0.8, 0.6), 0.35))
})
made("reciprocal_gaps28", 7204, function() {
  reciprocal(28, cov_of(c(0.6, 0.7), -0.3), cov_of(c(0.8, 0.6), 0.35), 0.12)
})
# Dyads in teams.
made("team_dyads", 7205, function() {
  d <- pairs_of(96, cov_of(c(0.9, 0.7), 0.35))
  team <- (match(d$dyad, unique(d$dyad)) - 1) %/% 6 + 1
  b <- normal(16, cov_of(c(0.6, 0.5), 0.7))
  d$team <- label("t", team, 2)
  d$y <- d$y + ifelse(d$role == "client", b[team, 1], b[team, 2])
  d
})
# Persons in dyads over time.  `between` = covariances of level and slope of both (level 1, slope 1,
# level 2, slope 2), `within` = of the same occasion, `phi` from day to day, `theta` if times are
# irregular; `gone` = share of missing rows, `skip` = of missing occasions.
over_time <- function(n, days, between, within, phi = 0, theta = NULL, gone = 0.1, skip = 0,
                      means = c(2, 2.6), apart = FALSE, start = 0) {
  root <- chol(within)
  d <- lapply(seq_len(n), function(g) {
    b <- drop(normal(1, between))
    day <- seq_len(days) - 1 + start
    time <- if (is.null(theta)) day else sort(round(day + runif(days, 0, 0.9), 2))
    gap <- abs(outer(time, time, "-"))
    serial <- if (is.null(theta)) phi^gap else exp(-gap / theta)
    e <- t(chol(serial)) %*% matrix(rnorm(2 * days), days) %*% root
    x <- matrix(rnorm(2 * days), days) + rnorm(2, 0, 0.5)[col(matrix(0, days, 2))]
    one <- function(k) data.frame(
      dyad = label("d", g, 2), person = paste0(label("d", g, 2), c("a", "b")[k]),
      role = c("client", "coach")[k], day = as.integer(day), time = time,
      y = means[k] + 0.3 * x[, k] + 0.15 * x[, 3 - k] + 0.03 * time + b[2 * k - 1] + b[2 * k] * time + e[, k],
      act = x[, k], par = x[, 3 - k]
    )
    d <- rbind(one(1), one(2))
    if (apart) d$time <- d$time + round(runif(nrow(d), 0, 0.4), 2)
    if (skip) d <- d[!(d$day %in% sample(day, round(skip * days))), ]
    d[order(d$day, d$role), ]
  })
  d <- do.call(rbind, d)
  if (gone) d <- d[-sample(nrow(d), round(gone * nrow(d))), ]
  d
}
levels_slopes <- function(a, b, r_levels, r_slopes, r_own = 0.2) {
  r <- diag(4)
  r[1, 3] <- r[3, 1] <- r_levels
  r[2, 4] <- r[4, 2] <- r_slopes
  r[1, 2] <- r[2, 1] <- r[3, 4] <- r[4, 3] <- r_own
  s <- c(a[1], b[1], a[2], b[2])
  outer(s, s) * r
}
occasion <- cov_of(c(0.7, 0.6), 0.3)
made("weeks40", 7206, function() {
  over_time(40, 6, levels_slopes(c(0.8, 0.6), c(0.15, 0.2), 0.4, 0.3), occasion)
})
made("peer_weeks40", 7207, function() {
  d <- over_time(40, 6, levels_slopes(c(0.7, 0.7), c(0.2, 0.2), 0.4, 0.3), cov_of(c(0.7, 0.7), -0.3),
    means = c(2, 2), gone = 0.08)
  d$role <- NULL
  d
})
# The levels of the two roles go together perfectly.
made("weeks_together14", 7208, function() {
  b <- levels_slopes(c(0.5, 0.4), c(1e-4, 1e-4), 0.999, 0, 0)
  over_time(14, 4, b, cov_of(c(1, 0.9), 0.2))
})
made("team_weeks", 7209, function() {
  d <- over_time(48, 4, levels_slopes(c(0.7, 0.5), c(1e-4, 1e-4), 0.3, 0, 0), occasion, gone = 0.08)
  team <- (match(d$dyad, unique(d$dyad)) - 1) %/% 4 + 1
  d$team <- label("t", team, 2)
  d$y <- d$y + rnorm(12, 0, 0.5)[team]
  d
})
# Diaries.
flat <- function(a, r) levels_slopes(a, c(1e-4, 1e-4), r, 0, 0)
made("diary40", 7210, function() over_time(40, 10, flat(c(1e-4, 1e-4), 0), occasion, 0.45, skip = 0.2))
made("diary_levels36", 7211, function() {
  over_time(36, 12, flat(c(0.7, 0.6), 0.4), occasion, 0.35, gone = 0.12, skip = 0.15)
})
made("prompts35", 7212, function() {
  over_time(35, 9, flat(c(1e-4, 1e-4), 0), cov_of(c(0.7, 0.6), -0.3), theta = 1.3)
})
made("prompts_apart30", 7213, function() {
  over_time(30, 10, flat(c(0.6, 0.7), 0.3), occasion, theta = 1.1, apart = TRUE)
})
made("peer_diary45", 7214, function() {
  d <- over_time(45, 10, flat(c(1e-4, 1e-4), 0), cov_of(c(0.7, 0.7), -0.35), 0.5, gone = 0,
    skip = 0.2, means = c(2, 2))
  d$role <- NULL
  d
})
made("peer_diary_gaps40", 7215, function() {
  d <- over_time(40, 9, flat(c(0.6, 0.6), 0.4), cov_of(c(0.7, 0.7), 0.3), 0.4, skip = 0.1,
    means = c(2, 2))
  d$role <- NULL
  d
})
