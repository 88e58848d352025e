# Ordered outcomes, recomputed: statistics and their covariance from log-likelihoods of one and two
# variables, then estimates' covariance, tests and indices.  Continues by_hand.R.

# log f of one row's y_i given its predictors, and of a pair; parameters of one variable: thresholds or
# intercept, slopes, variance (of continuous ones).
type_of <- function(p, name) if (p$fit@Data@ov$type[match(name, p$fit@Data@ov$name)] == "ordered") {
  "ordered"
} else "numeric"
pieces <- function(v, theta, q) {
  k <- if (v$ordered) v$levels - 1 else 1
  list(cut = theta[seq_len(k)], slope = theta[k + seq_len(q)], variance = if (!v$ordered) theta[k + q + 1])
}
bounds_of <- function(v, at, x) {
  shift <- drop(x %*% at$slope)
  cuts <- c(-Inf, at$cut, Inf)
  cbind(cuts[v$y] - shift, cuts[v$y + 1] - shift)
}
single <- function(v, theta, x) {
  at <- pieces(v, theta, ncol(x))
  if (v$ordered) {
    b <- bounds_of(v, at, x)
    log(pnorm(b[, 2]) - pnorm(b[, 1]))
  } else dnorm(v$y, at$cut + drop(x %*% at$slope), sqrt(at$variance), log = TRUE)
}
double_cdf <- function(a, b, rho) {
  out <- numeric(length(a))
  out[a == Inf] <- pnorm(b[a == Inf])
  out[b == Inf & a < Inf] <- pnorm(a[b == Inf & a < Inf])
  k <- is.finite(a) & is.finite(b)
  if (any(k)) out[k] <- pbivnorm::pbivnorm(a[k], b[k], rho)
  out
}
both <- function(v, w, t, u, rho, x) {
  if (!v$ordered && w$ordered) return(both(w, v, u, t, rho, x))
  a <- pieces(v, t, ncol(x))
  b <- pieces(w, u, ncol(x))
  if (v$ordered && w$ordered) {
    e <- bounds_of(v, a, x)
    f <- bounds_of(w, b, x)
    return(log(double_cdf(e[, 2], f[, 2], rho) - double_cdf(e[, 1], f[, 2], rho) -
      double_cdf(e[, 2], f[, 1], rho) + double_cdf(e[, 1], f[, 1], rho)))
  }
  z <- (w$y - b$cut - drop(x %*% b$slope)) / sqrt(b$variance)
  if (!v$ordered) {
    y <- (v$y - a$cut - drop(x %*% a$slope)) / sqrt(a$variance)
    return(-log(2 * pi) - 0.5 * log(a$variance * b$variance * (1 - rho^2)) -
      (y^2 + z^2 - 2 * rho * y * z) / (2 * (1 - rho^2)))
  }
  e <- (bounds_of(v, a, x) - rho * z) / sqrt(1 - rho^2)
  log(pnorm(e[, 2]) - pnorm(e[, 1])) + single(w, u, x)
}
# Newton steps on a sum of casewise log-likelihoods, from where lavaan's own are.
newton <- function(f, start) {
  theta <- start
  for (round in 1:4) {
    h <- 1e-3
    g <- drop(central_jacobian(function(t) matrix(sum(f(t))), theta, rep(h, length(theta))))
    hess <- central_jacobian(function(t) drop(central_jacobian(function(s) matrix(sum(f(s))), t,
      rep(h, length(t)))), theta, rep(h, length(theta)))
    theta <- theta - solve((hess + t(hess)) / 2, g)
  }
  theta
}
statistics <- function(p, g = 1) {
  fit <- p$fit
  names <- fit@Data@ov.names[[g]]
  x <- fit@Data@eXo[[g]]
  if (is.null(x)) x <- matrix(0, nrow(data_of(p, g)), 0)
  if (ncol(x)) names <- setdiff(names, fit@Data@ov.names.x[[g]])
  q <- ncol(x)
  variables <- lapply(names, function(v) {
    y <- data_of(p, g)[, match(v, fit@Data@ov.names[[g]])]
    list(y = y, ordered = type_of(p, v) == "ordered", levels = length(unique(y)))
  })
  theta <- lapply(variables, function(v) {
    start <- if (v$ordered) {
      c(qnorm(cumsum(tabulate(v$y))[seq_len(v$levels - 1)] / length(v$y)), numeric(q))
    } else {
      ols <- lm.fit(cbind(1, x), v$y)
      c(ols$coefficients, mean(ols$residuals^2))
    }
    if (q == 0 || !v$ordered) start else newton(function(t) single(v, t, x), start)
  })
  s1 <- Map(function(v, t) central_jacobian(function(t) single(v, t, x), t, rep(1e-4, length(t))),
    variables, theta)
  pairs <- which(lower.tri(diag(length(names))), arr.ind = TRUE)
  rho <- apply(pairs, 1, function(ij) {
    f <- function(r) both(variables[[ij[1]]], variables[[ij[2]]], theta[[ij[1]]], theta[[ij[2]]],
      tanh(r), x)
    start <- lavTech(fit, "sampstat")[[g]]
    start <- if (is.null(start$res.cov)) start$cov else start$res.cov
    tanh(newton(f, atanh(0.98 * cov2cor(start)[ij[1], ij[2]])))
  })
  s2 <- vapply(seq_along(rho), function(k) drop(central_jacobian(function(r) both(
    variables[[pairs[k, 1]]], variables[[pairs[k, 2]]], theta[[pairs[k, 1]]], theta[[pairs[k, 2]]], r, x
  ), rho[k], 1e-4)), numeric(nrow(x)))
  size <- lengths(theta)
  first <- cumsum(size) - size
  u <- do.call(cbind, s1)
  a11 <- matrix(0, sum(size), sum(size))
  for (i in seq_along(size)) {
    k <- first[i] + seq_len(size[i])
    a11[k, k] <- crossprod(u[, k])
  }
  a21 <- matrix(0, length(rho), sum(size))
  for (k in seq_along(rho)) for (side in 1:2) {
    i <- pairs[k, side]
    t <- theta[pairs[k, ]]
    d <- central_jacobian(function(s) {
      t[[side]] <- s
      both(variables[[pairs[k, 1]]], variables[[pairs[k, 2]]], t[[1]], t[[2]], rho[k], x)
    }, theta[[i]], rep(1e-4, size[i]))
    a21[k, first[i] + seq_len(size[i])] <- crossprod(s2[, k], d)
  }
  b <- rbind(cbind(a11, matrix(0, sum(size), length(rho))), cbind(a21, diag(colSums(s2^2), length(rho))))
  scores <- cbind(u, s2)
  w <- solve(b) %*% crossprod(scores) %*% t(solve(b))
  # From correlations to covariances where a variable is continuous.
  sd <- vapply(seq_along(theta), function(i) if (variables[[i]]$ordered) 1 else sqrt(tail(theta[[i]], 1)), 0)
  change <- diag(sum(size) + length(rho))
  for (k in seq_along(rho)) {
    i <- pairs[k, 1]
    j <- pairs[k, 2]
    change[sum(size) + k, sum(size) + k] <- sd[i] * sd[j]
    for (s in c(i, j)) if (!variables[[s]]$ordered) {
      change[sum(size) + k, first[s] + size[s]] <- rho[k] * sd[i] * sd[j] / (2 * sd[s]^2)
    }
  }
  # lavaan's order: thresholds and intercepts by variable, slopes by predictor, variances, covariances.
  # "Thresholds" of continuous variables are minus their intercepts.
  index <- function(part) unlist(lapply(seq_along(theta), function(i) {
    k <- if (variables[[i]]$ordered) variables[[i]]$levels - 1 else 1
    first[i] + switch(part, cut = seq_len(k), variance = if (!variables[[i]]$ordered) size[i])
  }))
  slopes <- unlist(lapply(seq_len(q), function(m) vapply(seq_along(theta), function(i) {
    first[i] + (if (variables[[i]]$ordered) variables[[i]]$levels - 1 else 1) + m
  }, 0)))
  order <- c(index("cut"), slopes, index("variance"), sum(size) + seq_along(rho))
  values <- c(unlist(theta), rho * sd[pairs[, 1]] * sd[pairs[, 2]])
  gamma <- change %*% w %*% t(change) * nrow(x)
  sign <- rep(1, length(values))
  sign[first[!vapply(variables, `[[`, NA, "ordered")] + 1] <- -1
  values <- values * sign
  gamma <- gamma * outer(sign, sign)
  list(values = values[order], gamma = gamma[order, order], n = nrow(x))
}
cats <- c(paste0("u", 1:3), paste0("v", 1:3))
measured <- lines("u =~ u1 + u2 + u3", "v =~ v1 + v2 + v3")
ordinal <- function(syntax = measured, ordered = cats, auto = "cfa", estimator = "WLSMV", ...) {
  polished(syntax, "likert", auto, ordered = ordered, estimator = estimator, ...)
}
compare_statistics <- function(label, p) for (g in seq_len(p$fit@Data@ngroups)) {
  own <- statistics(p, g)
  check(paste0(label, ": statistics in two steps"), own$values, lavTech(p$fit, "wls.obs")[[g]], 1e-5)
  check(paste0(label, ": Gamma = n B^-1 (sum of s s') B^-T, outer products in B"), own$gamma,
    lavTech(p$fit, "gamma")[[g]], 1e-4)
}
p <- ordinal()
compare_statistics("ordered", p)
check("ordered: W = 1 / diag Gamma", 1 / diag(lavTech(p$fit, "gamma")[[1]]), p$fit@SampleStats@WLS.VD[[1]], 1e-12)
compare_statistics("ordered, groups", ordinal(group = "arm"))
compare_statistics("ordered, covariates",
  ordinal(lines("u1 ~ x1 + x2", "t ~ u1 + x1"), c("u1", "t"), "sem"))
compare_statistics("mixed", ordinal(lines("u =~ u1 + u2 + c1", "v =~ c2 + v1 + c3"), c("u1", "u2", "v1")))
compare_statistics("mixed, covariates", ordinal(lines("c1 ~ x1 + x2", "t ~ c1 + x1", "b1 ~ t"),
  c("t", "b1"), "sem", parameterization = "theta"))

wls_by_hand <- function(label, p, limit = 1e-6) {
  fit <- p$fit
  n <- unlist(fit@SampleStats@nobs)
  f <- n / sum(n)
  groups <- length(n)
  inside <- function(model_p) {
    model <- model_p$fit
    problem <- problem_of(model)
    moments <- function(x) unlist(internal("lav_model_wls_est")(problem$at(x)))
    d <- central_jacobian(moments, model_p$solution$x, 1e-3 * model_p$solution$unit)
    w <- unlist(Map(`*`, fit@SampleStats@WLS.VD, f))
    ga <- lav_matrix_bdiag(Map(`/`, lavTech(fit, "gamma"), f))
    e <- bread_of(crossprod(d * sqrt(w)), tangent(model_p))
    u <- diag(w) - (w * d) %*% e %*% t(w * d)
    residual <- unlist(lavTech(fit, "wls.obs")) - moments(model_p$solution$x)
    part <- rep(seq_len(groups), lengths(fit@SampleStats@WLS.VD))
    list(ug = u %*% ga, d = d, e = e, vcov = e %*% crossprod(w * d, ga %*% (w * d)) %*% e,
      residual = residual,
      t = (n - 1) * tapply(residual^2 * unlist(fit@SampleStats@WLS.VD), part, sum))
  }
  own <- inside(p)
  check(paste0(label, ": vcov = E D'W Gamma W D E / (N - G)"), own$vcov / (sum(n) - groups),
    lavTech(fit, "vcov"), limit)
  check(paste0(label, ": T = sum of (n_g - 1) r'Wr"), own$t, fit@test[[1]]$stat.group, 1e-8)
  df <- fit@test[[1]]$df
  a <- sqrt(df / sum(own$ug * t(own$ug)))
  b <- df - a * sum(diag(own$ug))
  check(paste0(label, ": scaling 1/a, shift b, a T + b, all groups together"),
    c(1 / a, b, a * sum(own$t) + b),
    unlist(fit@test[[2]][c("scaling.factor", "shift.parameter", "stat")]), limit)
  base <- inside(list(fit = p$baseline, solution = if (p$baseline@Model@nx.free) polish(p$baseline)))
  df0 <- p$baseline@test[[1]]$df
  a0 <- sqrt(df0 / sum(base$ug * t(base$ug)))
  t0 <- a0 * sum(base$t) + df0 - a0 * sum(diag(base$ug))
  check(paste0(label, ": the same of the baseline"), c(sum(base$t), t0),
    c(p$baseline@test[[1]]$stat, p$baseline@test[[2]]$stat), limit)
  m <- suppressWarnings(fitMeasures(fit))
  t1 <- a * sum(own$t) + b
  size <- sum(n) - groups
  check(paste0(label, ": scaled CFI, TLI, RMSEA from a T + b and N - G"),
    c(1 - max(t1 - df, 0) / max(t1 - df, t0 - df0, 0), 1 - (t1 - df) * df0 / ((t0 - df0) * df),
      sqrt(groups) * sqrt(max(t1 / size / df - 1 / size, 0))),
    m[c("cfi.scaled", "tli.scaled", "rmsea.scaled")], limit)
  list(own = own, m = m, n = n, f = f, df = df, size = size)
}
found <- wls_by_hand("WLSMV, delta", p)
# Robust indices: normal theory of the polychoric correlations at the DWLS solution.
r <- lavTech(p$fit, "sampstat")[[1]]$cov
s <- cov2cor(p$fit@implied$cov[[1]])
k <- ncol(r)
low <- lower.tri(r)
i <- solve(s)
dup <- duplication(k)[, vech(low * 1) == 1]
v <- 0.5 * t(dup) %*% (i %x% i) %*% dup
keep <- tail(seq_len(nrow(found$own$d)), k * (k - 1) / 2)
d <- found$own$d[keep, ]
w <- p$fit@SampleStats@WLS.VD[[1]][keep]
g <- lavTech(p$fit, "gamma")[[1]][keep, keep]
left <- diag(length(keep)) - d %*% found$own$e %*% t(w * d)
n <- found$n
parts <- internal("lav_fit_catml_dwls")(p$fit)
c_hat <- sum(diag(t(left) %*% v %*% left %*% g)) / found$df
t_ml <- n * (log(det(s)) - log(det(r)) + sum(r * i) - k)
t_ml0 <- -n * log(det(r))
c_hat0 <- sum(diag(g)) / (k * (k - 1) / 2)
check("WLSMV, robust: N F_ML of the correlations, tr(M'VM Gamma) / df, and of the baseline tr Gamma",
  c(t_ml, c_hat, t_ml0, c_hat0), unlist(parts[c("XX3", "c.hat3", "XX3.null", "c.hat3.null")]))
df0 <- k * (k - 1) / 2
check("WLSMV, robust: CFI, TLI, RMSEA from these",
  c(1 - max(t_ml - c_hat * found$df, 0) / max(t_ml0 - c_hat0 * df0, 0),
    1 - (t_ml - c_hat * found$df) * df0 / ((t_ml0 - c_hat0 * df0) * found$df),
    sqrt(max(t_ml / found$size / found$df - c_hat / found$size, 0))),
  found$m[c("cfi.robust", "tli.robust", "rmsea.robust")])
srmr <- function(p) {
  s <- lavTech(p$fit, "sampstat")[[1]]$cov
  sd <- sqrt(diag(s))
  sqrt(mean(vech((s - p$fit@implied$cov[[1]]) / outer(sd, sd))^2))
}
check("WLSMV: SRMR of the covariances, diagonal counted, no thresholds", srmr(p), found$m["srmr"], 1e-8)

wls_by_hand("ULSMV (W = 1)", ordinal(estimator = "ULSMV"))
q <- ordinal(estimator = "WLSM")
check("WLSM: c = tr UG / df", sum(diag(found$own$ug)) / found$df, q$fit@test[[2]]$scaling.factor, 1e-8)
q <- ordinal(estimator = "DWLS")
check("DWLS: vcov = E / (N - G)", found$own$e / (n - 1), lavTech(q$fit, "vcov"), 1e-8)
theta <- wls_by_hand("WLSMV, theta", ordinal(parameterization = "theta"))
check("WLSMV: T the same in delta and theta", sum(theta$own$t), sum(found$own$t), 1e-10)
wls_by_hand("WLSMV, groups", ordinal(group = "arm", group.equal = c("thresholds", "loadings")))
wls_by_hand("WLSMV, groups, theta", ordinal(group = "arm", group.equal = c("thresholds", "loadings"),
  parameterization = "theta"))
p <- ordinal(lines(measured, "v ~ u + x1", "u ~ x1 + x2"), auto = "sem")
wls_by_hand("WLSMV, covariates", p)
check("WLSMV, covariates, delta: residual variances of responses given x are 1",
  c(diag(p$fit@implied$res.cov[[1]]), diag(lavTech(p$fit, "sampstat")[[1]]$res.cov)), rep(1, 12), 1e-12)
p <- ordinal(lines("u =~ u1 + u2 + c1", "v =~ c2 + v1 + c3"), c("u1", "u2", "v1"))
found <- wls_by_hand("WLSMV, mixed", p)
check("WLSMV, mixed: SRMR alike, no means", srmr(p), found$m["srmr"], 1e-8)

index_by_hand("modification index, WLSMV (not robust)", ordinal(), "u1", "~~", "v2", 1,
  lines(measured, "u1 ~~ v2"), "likert", ordered = cats, estimator = "WLSMV")

# The difference of two WLSMV models: Satorra 2000 of the wider one; A spans what the narrower one's
# tangent space lacks ("delta"), or is the constraints' Jacobian ("exact").
wide <- ordinal()
narrow <- ordinal(lines("u =~ u1 + 1*u2 + 1*u3", "v =~ v1 + v2 + v3"))
d1 <- lavTech(wide$fit, "delta")[[1]]
d0 <- lavTech(narrow$fit, "delta")[[1]]
w <- wide$fit@SampleStats@WLS.VD[[1]]
g <- lavTech(wide$fit, "gamma")[[1]]
e <- solve(crossprod(d1 * sqrt(w)))
pick <- match(c("u=~u2", "u=~u3"), names(coef(wide$fit)))
lists <- list(
  delta = t(MASS::Null(MASS::ginv(d1) %*% d0)),
  exact = diag(ncol(d1))[pick, ]
)
for (kind in names(lists)) {
  a <- lists[[kind]]
  pa <- e %*% t(a) %*% solve(a %*% e %*% t(a), a %*% e)
  ug <- (w * d1) %*% pa %*% t(w * d1) %*% g
  t <- narrow$fit@test[[1]]$stat - wide$fit@test[[1]]$stat
  one <- sum(diag(ug))
  two_ <- sum(ug * t(ug))
  found <- lavTestLRT(wide$fit, narrow$fit, method = "satorra.2000", A.method = kind,
    scaled.shifted = FALSE)[2, ]
  check(paste0("WLSMV, difference of Satorra 2000 (", kind, "), by mean and variance"),
    c(t * one / two_, one^2 / two_), c(found[["Chisq diff"]], found[["Df diff"]]), 1e-6)
  found <- lavTestLRT(wide$fit, narrow$fit, method = "satorra.2000", A.method = kind)[2, ]
  scale <- sqrt(2 / two_)
  check(paste0("WLSMV, difference of Satorra 2000 (", kind, "), scaled and shifted, the default"),
    scale * t + 2 - scale * one, found[["Chisq diff"]], 1e-6)
}
# A two by two table with an empty cell: half a case goes there, margins kept, for the correlation.
p <- suppressWarnings(polished("f =~ z3 + z1 + z2 + z4 + z5", "rare", ordered = paste0("z", 1:5),
  estimator = "WLSMV"))
y <- datasets$rare
counts <- table(y$z1, y$z2)
stopifnot(counts[2, 2] == 0)
counts <- counts + c(-1, 1, 1, -1) * -0.5
cut <- qnorm(c(mean(y$z1 == 1), mean(y$z2 == 1)))
cells <- function(rho) {
  a <- pbivnorm::pbivnorm(cut[1], cut[2], rho)
  c(a, pnorm(cut[2]) - a, pnorm(cut[1]) - a, 1 - pnorm(cut[1]) - pnorm(cut[2]) + a)
}
rho <- optimize(function(r) sum(counts * log(cells(r))), c(-0.99, 0.9), maximum = TRUE, tol = 1e-12)$maximum
check("ordered: 0.5 in the empty cell of a two by two table", rho,
  lavInspect(p$fit, "sampstat")$cov["z1", "z2"], 1e-5)

write_family("by_hand", "Largest relative difference between lavaan and by_hand*.R, by quantity.",
  checks = checks)
