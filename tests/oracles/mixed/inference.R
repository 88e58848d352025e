# Satterthwaite's degrees of freedom from the observed information, contrasts, BLUPs.

# d Phi / d psi_i = Phi X'V^-1 V_i V^-1 X Phi.
phi_slopes <- function(best) {
  k <- dim(best$u)[3]
  in_psi <- lapply(seq_len(k), function(i) best$phi %*% best$u[, , i] %*% best$phi)
  lapply(seq_len(ncol(best$jacobian)), function(a) {
    Reduce(`+`, Map(`*`, in_psi, best$jacobian[, a]))
  })
}
# A = inverse of the observed information = 2 (Hessian of -2 log L)^-1.
satterthwaite <- function(best, l) {
  g <- vapply(phi_slopes(best), function(d) sum(l * (d %*% l)), 0)
  v <- sum(l * (best$phi %*% l))
  2 * v^2 / sum(g * (2 * solve(best$h, g)))
}
fai_cornelius <- function(best, L) {
  v <- L %*% best$phi %*% t(L)
  e <- eigen(v, symmetric = TRUE)
  keep <- e$values > max(sqrt(.Machine$double.eps) * e$values[1], 0)
  rows <- crossprod(e$vectors, L)[keep, , drop = FALSE]
  q <- sum(keep)
  f <- sum(drop(rows %*% best$beta)^2 / e$values[keep]) / q
  nu <- apply(rows, 1, function(l) satterthwaite(best, l))
  ddf <- if (q == 1 || all(abs(diff(nu)) < 1e-8)) mean(nu) else if (any(nu <= 2)) 2 else {
    total <- sum(nu / (nu - 2))
    2 * total / (total - q)
  }
  list(f = f, ndf = q, ddf = ddf, pvalue = pf(f, q, ddf, lower.tail = FALSE))
}
# Random effects G Z'V^-1 (y - X beta), term by term, and the conditional fitted values.
blups <- function(problem, best) {
  spec <- problem$spec
  effects <- list()
  fitted <- drop(problem$x %*% best$beta)
  conditional <- fitted
  r <- numeric(length(problem$y))
  for (k in problem$clusters) {
    v <- covariance_of(k, best$psi, spec)$v
    r[k$rows] <- solve(v, k$y - drop(k$x %*% best$beta))
    if (!is.null(k$random)) {
      part <- matrix(k$random %*% best$psi[seq_len(ncol(k$random))], length(k$rows))
      conditional[k$rows] <- conditional[k$rows] + drop(part %*% r[k$rows])
    }
  }
  at <- 0
  for (t in seq_along(spec$random)) {
    term <- spec$random[[t]]
    psi <- best$psi[at + seq_len(problem$counts[t])]
    at <- at + problem$counts[t]
    q <- problem$random_size[t]
    z <- model.matrix(as.formula(term$formula), problem$frame)
    group <- same_key(problem$frame, term$group)
    if (term$structure == "exchangeable") {
      m <- q * (q + 1) / 2
      a <- from_vech(psi[seq_len(m)], q)
      b <- from_vech(psi[m + seq_len(m)], q)
      person <- same_key(problem$frame, term$person)
      keys <- unique(data.frame(group, person))
      value <- t(vapply(seq_len(nrow(keys)), function(i) {
        own <- group == keys$group[i] & person == keys$person[i]
        other <- group == keys$group[i] & person != keys$person[i]
        drop(a %*% crossprod(z, own * r) + b %*% crossprod(z, other * r))
      }, numeric(q)))
      value <- matrix(value, nrow(keys))
      effects[[t]] <- list(group = keys$group, person = keys$person, names = I(colnames(z)), values = value)
    } else {
      g <- if (term$structure == "diagonal") diag(psi, q) else from_vech(psi, q)
      keys <- unique(group)
      value <- t(vapply(keys, function(i) drop(g %*% crossprod(z, (group == i) * r)), numeric(q)))
      value <- matrix(value, length(keys))
      effects[[t]] <- list(group = keys, names = I(colnames(z)), values = value)
    }
  }
  list(effects = effects, fitted = fitted, conditional = conditional)
}
