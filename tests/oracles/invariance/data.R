# Simulated answers, each data set from its own seed, rounded before use.  Items are called by their
# letter and place: a_m is item a of the mentor, a_d2 that of the developee at the second wave.

datasets <- list()

# Answers of n dyads in several places: correlated factors, and an own part of each item that its
# answers share in all places.  `loadings` and `intercepts` have a row for each place.
places_answered <- function(n, phi, alpha, loadings, intercepts, places, sd = 0.6, own = 0.3) {
  items <- letters[seq_len(ncol(loadings))]
  f <- sweep(correlated(n, phi), 2, alpha, "+")
  shared <- matrix(own * skewed_draw(n * length(items)), n)
  x <- lapply(seq_along(places), function(k) {
    y <- outer(f[, k], loadings[k, ]) + shared + sd * matrix(skewed_draw(n * length(items)), n)
    setNames(as.data.frame(sweep(y, 2, intercepts[k, ], "+")), paste0(items, "_", places[k]))
  })
  rounded(do.call(cbind, x))
}
# Developees' item c has a lower loading, their item d a higher intercept.
role_loadings <- rbind(c(0.9, 0.8, 0.8, 0.7), c(0.9, 0.8, 0.5, 0.7))
role_intercepts <- rbind(c(3.6, 3.4, 3.8, 3.5), c(3.6, 3.4, 3.8, 3.8))
roles <- function(n) places_answered(
  n, rbind(c(1, 0.35), c(0.35, 1.3)), c(0, 0.3), role_loadings, role_intercepts, c("m", "d")
)
made("roles", 9201, function() roles(260))
made("roles_mar", 9202, function() {
  x <- mcar(roles(300), 0.06, c("b_m", "c_d"))
  dropout(x, "a_m", paste0(letters[1:4], "_d"), 0.7, -1.7)
})
# At the third wave item b has a higher intercept.
waves <- function(n) places_answered(
  n, rbind(c(1, 0.6, 0.5), c(0.6, 1.1, 0.65), c(0.5, 0.65, 1.2)), c(0, 0.2, 0.35),
  rbind(c(0.8, 0.9, 0.7, 0.75), c(0.8, 0.9, 0.7, 0.75), c(0.8, 0.9, 0.75, 0.75)),
  rbind(c(3.2, 3.5, 3.4, 3.9), c(3.2, 3.5, 3.4, 3.9), c(3.2, 3.75, 3.4, 3.9)), 1:3
)
made("waves", 9203, function() waves(230))
made("waves_mar", 9204, function() {
  x <- mcar(waves(280), 0.05, "c_1")
  x <- dropout(x, "a_1", paste0(letters[1:4], "_2"), 0.6, -2)
  dropout(x, "b_1", paste0(letters[1:4], "_3"), 0.6, -1.5)
})
# Two roles at two waves: the developees' item c differs at both, item a at the second wave only.
both <- function(n) places_answered(
  n, 0.35 + 0.2 * rbind(c(3.3, 0, 1, 0), c(0, 4, 0, 1), c(1, 0, 3.6, 0.6), c(0, 1, 0.6, 4.2)),
  c(0, 0.25, 0.15, 0.4),
  rbind(role_loadings, role_loadings),
  rbind(role_intercepts, role_intercepts + rbind(0, c(0.25, 0, 0, 0))[c(1, 2), ]),
  c("m1", "d1", "m2", "d2")
)
made("both", 9205, function() both(320))
made("both_mar", 9206, function() {
  x <- mcar(both(360), 0.05, "b_m1")
  x <- dropout(x, "a_m1", paste0(letters[1:4], "_d1"), 0.5, -2.4)
  x <- dropout(x, "c_m1", paste0(letters[1:4], "_d2"), 0.6, -1.8)
  dropout(x, "a_m1", paste0(letters[1:4], "_m2"), 0.4, -2)
})
# Five items of one person, in groups of their own.
one_group <- function(n, loadings, intercepts, mean, variance, label) cbind(
  places_answered(n, matrix(variance), mean, rbind(loadings), rbind(intercepts), "x"), arm = label
)
plain_loadings <- c(0.9, 0.8, 0.7, 0.8, 0.6)
plain_intercepts <- c(3.5, 3.1, 3.8, 4, 3.3)
programmes <- function(n1, n2, n3 = 0) {
  x <- rbind(
    one_group(n1, plain_loadings, plain_intercepts, 0, 1, "peer"),
    one_group(n2, plain_loadings - c(0, 0, 0.3, 0, 0), plain_intercepts + c(0, 0, 0, 0.35, 0),
      0.3, 1.4, "expert")
  )
  if (n3 > 0) x <- rbind(x, one_group(n3, plain_loadings, plain_intercepts + c(0.3, 0, 0, 0, 0),
    -0.2, 0.8, "blended"))
  rownames(x) <- NULL
  x
}
made("programmes", 9207, function() programmes(190, 160))
made("programmes_mar", 9208, function() {
  dropout(mcar(programmes(220, 190), 0.07, c("b_x", "e_x")), "a_x", c("c_x", "d_x"), 0.7, -1.8)
})
made("three", 9209, function() programmes(150, 140, 130))
made("three_mar", 9210, function() {
  dropout(mcar(programmes(170, 160, 150), 0.06, "b_x"), "a_x", c("c_x", "e_x"), 0.7, -1.8)
})
# Four categories, cut from normal responses.  The second place's (group's) item c has its own
# loading, and item d its own second threshold.
cuts <- list(
  a = c(-1, 0, 0.9), b = c(-0.9, 0.2, 1.1), c = c(-1.1, -0.1, 0.8), d = c(-0.8, 0.1, 1), e = c(-1, 0.2, 1)
)
categories <- function(f, loadings, shift, shared, sd, name) {
  x <- lapply(seq_along(loadings), function(k) {
    cut_at(loadings[k] * f + shared[, k] + rnorm(length(f), 0, sd),
      cuts[[k]] + if (k == 4) c(0, shift, 0) else 0)
  })
  setNames(as.data.frame(x), paste0(letters[seq_along(loadings)], "_", name))
}
made("ordered_roles", 9211, function() {
  n <- 600
  f <- sweep(correlated(n, rbind(c(1, 0.4), c(0.4, 1.2))), 2, c(0, 0.25), "+")
  shared <- matrix(rnorm(4 * n, 0, 0.35), n)
  cbind(
    categories(f[, 1], c(0.9, 0.8, 0.9, 0.8), 0, shared, 0.6, "m"),
    categories(f[, 2], c(0.9, 0.8, 0.6, 0.8), 0.4, shared, 0.7, "d")
  )
})
made("ordered_groups", 9212, function() {
  one <- function(n, loading, shift, mean, sd, label) {
    f <- rnorm(n, mean, 1)
    cbind(categories(f, c(0.9, 0.8, loading, 0.8, 0.7), shift, matrix(0, n, 5), sd, "x"), arm = label)
  }
  rbind(one(340, 0.9, 0, 0, 0.65, "peer"), one(310, 0.55, 0.4, 0.3, 0.75, "expert"))
})
