# Kenward and Roger (1997) for V linear in its parameters, as pbkrtest computes it.
#   Phi_A = Phi + 2 Phi {sum_ij W_ij (Q_ij - P_i Phi P_j)} Phi, W = inverse of the expected information,
#   P_i = -X'V^-1 V_i V^-1 X, Q_ij = X'V^-1 V_i V^-1 V_j V^-1 X.

kenward_roger <- function(problem, best) {
  spec <- problem$spec
  stopifnot(problem$reml, is.null(spec$serial), is.null(spec$heteroscedastic))
  k <- length(best$psi)
  w <- 2 * solve(best$trace)
  total <- 0
  for (i in seq_len(k)) for (j in seq_len(k)) {
    total <- total + w[i, j] * (best$q[, , i, j] - best$u[, , i] %*% best$phi %*% best$u[, , j])
  }
  adjusted <- best$phi + 2 * best$phi %*% total %*% best$phi
  list(adjusted = (adjusted + t(adjusted)) / 2, w = w)
}
kr_test <- function(best, kr, L) {
  q <- nrow(L)
  phi <- best$phi
  theta <- t(L) %*% solve(L %*% phi %*% t(L), L)
  parts <- lapply(seq_len(dim(best$u)[3]), function(i) theta %*% phi %*% -best$u[, , i] %*% phi)
  a1 <- a2 <- 0
  for (i in seq_along(parts)) for (j in seq_along(parts)) {
    a1 <- a1 + kr$w[i, j] * sum(diag(parts[[i]])) * sum(diag(parts[[j]]))
    a2 <- a2 + kr$w[i, j] * sum(parts[[i]] * t(parts[[j]]))
  }
  b <- (a1 + 6 * a2) / (2 * q)
  g <- ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
  d <- 3 * q + 2 * (1 - g)
  v0 <- 1 + g / d * b
  v1 <- 1 - (q - g) / d * b
  v2 <- 1 - (q + 2 - g) / d * b
  if (abs(v0) < 1e-10) v0 <- 0
  divided <- if (abs(1 - a2 / q) < 1e-14 && abs(v1) < 1e-14) 1 else (1 - a2 / q) / v1
  rho <- divided^2 * v0 / (v2 * q)
  ddf <- 4 + (q + 2) / (q * rho - 1)
  scaling <- if (abs(ddf - 2) < 0.01) 1 else ddf * (1 - a2 / q) / (ddf - 2)
  estimate <- drop(L %*% best$beta)
  unscaled <- sum(estimate * solve(L %*% kr$adjusted %*% t(L), estimate)) / q
  list(
    ndf = q, ddf = ddf, f_unscaled = unscaled, scaling = scaling, f = scaling * unscaled,
    pvalue = pf(scaling * unscaled, q, ddf, lower.tail = FALSE)
  )
}
