# A dense likelihood of Gaussian dyadic models, its derivatives, and its maximum.
#
# V of one cluster = sum of random parts + (residual part * serial correlation * ratios), where `*` is
# element by element.  Natural parameters: variances, covariances, phi or theta, ratios of standard
# deviations.  With P = V^-1 - V^-1 X Phi X'V^-1, Phi = (X'V^-1 X)^-1, r = P y:
#   -2 log L   = log|V| [+ log|X'V^-1 X|] + y'Py + (n [- p]) log 2 pi      [REML]
#   gradient   = tr(P V_i) - r'V_i r                                        (ML: tr(V^-1 V_i))
#   Hessian    = -tr(P V_i P V_j) + tr(P V_ij) + 2 r'V_i P V_j r - r'V_ij r (ML: V^-1 in the traces)

vech_pairs <- function(q) {
  do.call(rbind, lapply(seq_len(q), function(i) cbind(i, seq_len(i))))
}
from_vech <- function(x, q) {
  m <- matrix(0, q, q)
  at <- vech_pairs(q)
  m[at] <- x
  m[at[, 2:1, drop = FALSE]] <- x
  m
}
same_key <- function(frame, columns) {
  do.call(paste, c(unname(lapply(columns, function(k) as.character(frame[[k]]))), sep = "\r"))
}
# Matrices (as columns) that the natural parameters of one random term multiply.
random_bases <- function(term, frame) {
  z <- model.matrix(as.formula(term$formula), frame)
  group <- same_key(frame, term$group)
  together <- outer(group, group, "==")
  q <- ncol(z)
  at <- vech_pairs(q)
  pair <- function(k, mask) {
    a <- at[k, 1]
    b <- at[k, 2]
    m <- tcrossprod(z[, a], z[, b])
    as.vector(mask * if (a == b) m else m + t(m))
  }
  names <- paste(colnames(z)[at[, 2]], colnames(z)[at[, 1]], sep = "|")
  if (term$structure == "exchangeable") {
    person <- same_key(frame, term$person)
    own <- outer(person, person, "==")
    b <- cbind(
      sapply(seq_len(nrow(at)), pair, together & own), sapply(seq_len(nrow(at)), pair, together & !own)
    )
    colnames(b) <- c(paste0("same|", names), paste0("different|", names))
    return(b)
  }
  keep <- if (term$structure == "diagonal") which(at[, 1] == at[, 2]) else seq_len(nrow(at))
  b <- sapply(keep, pair, together)
  b <- matrix(b, ncol = length(keep))
  colnames(b) <- names[keep]
  b
}
residual_bases <- function(residual, frame) {
  unit <- same_key(frame, residual$unit)
  together <- outer(unit, unit, "==")
  n <- nrow(frame)
  if (residual$structure == "independent") {
    return(matrix(as.vector(diag(n)), ncol = 1, dimnames = list(NULL, "variance")))
  }
  if (residual$structure == "compound_symmetry") {
    person <- same_key(frame, residual$person)
    own <- outer(person, person, "==")
    b <- cbind(as.vector(together & own), as.vector(together & !own)) + 0
    colnames(b) <- c("variance", "covariance")
    return(b)
  }
  role <- frame[[residual$role]]
  z <- outer(as.character(role), levels(role), "==") + 0
  at <- vech_pairs(ncol(z))
  if (residual$structure == "diagonal") at <- at[at[, 1] == at[, 2], , drop = FALSE]
  b <- apply(at, 1, function(k) {
    m <- tcrossprod(z[, k[1]], z[, k[2]])
    as.vector(together * if (k[1] == k[2]) m else m + t(m))
  })
  b <- matrix(b, ncol = nrow(at))
  colnames(b) <- paste(levels(role)[at[, 2]], levels(role)[at[, 1]], sep = "|")
  b
}
prepare <- function(spec, data) {
  used <- unique(c(
    all.vars(as.formula(spec$formula)), spec$residual$unit, spec$residual$role, spec$residual$person,
    spec$heteroscedastic, spec$serial$time, spec$cluster,
    unlist(lapply(spec$random, function(t) c(all.vars(as.formula(t$formula)), t$group, t$person)))
  ))
  rows <- which(complete.cases(data[used]))
  frame <- data[rows, , drop = FALSE]
  for (k in names(frame)) if (is.character(frame[[k]])) frame[[k]] <- factor(frame[[k]])
  f <- as.formula(spec$formula)
  x <- model.matrix(f, frame)
  y <- eval(f[[2]], frame)
  split_by <- same_key(frame, spec$cluster)
  levels_of <- if (!is.null(spec$heteroscedastic)) levels(frame[[spec$heteroscedastic]])[-1]
  clusters <- lapply(unname(split(seq_along(y), split_by)), function(i) {
    part <- frame[i, , drop = FALSE]
    random <- lapply(spec$random, random_bases, part)
    list(
      rows = i, x = x[i, , drop = FALSE], y = y[i], random = do.call(cbind, random),
      counts = vapply(random, ncol, 0L), residual = residual_bases(spec$residual, part),
      gap = if (!is.null(spec$serial)) {
        as.vector(abs(outer(part[[spec$serial$time]], part[[spec$serial$time]], "-")))
      },
      level = if (length(levels_of)) {
        outer(as.character(part[[spec$heteroscedastic]]), levels_of, "==") + 0
      }
    )
  })
  first <- clusters[[1]]
  names <- c(
    unlist(lapply(seq_along(spec$random), function(k) {
      paste0("random", k, "|", colnames(random_bases(spec$random[[k]], frame[first$rows, , drop = FALSE])))
    })),
    paste0("residual|", colnames(first$residual)),
    if (!is.null(spec$serial)) c(ar1 = "serial|phi", exponential = "serial|theta")[[spec$serial$structure]],
    if (length(levels_of)) paste0("ratio|", levels_of)
  )
  sizes <- vapply(clusters, function(k) length(k$rows), 0L)
  unit_size <- max(table(same_key(frame, spec$residual$unit)))
  random_size <- vapply(spec$random, function(t) {
    ncol(model.matrix(as.formula(t$formula), frame))
  }, 0L)
  list(
    spec = spec, frame = frame, rows = rows, x = x, y = y, clusters = clusters, names = names,
    reml = spec$method == "REML", counts = first$counts, n_residual = ncol(first$residual),
    n_ratio = length(levels_of), unit_size = unit_size, random_size = random_size, sizes = sizes
  )
}
# V, its derivatives (columns) and, if asked, its second derivatives (list of i, j, column).
covariance_of <- function(cluster, psi, spec, order = 0) {
  nr <- if (is.null(cluster$random)) 0L else ncol(cluster$random)
  ne <- ncol(cluster$residual)
  n <- length(cluster$rows)
  k <- nr + ne
  base <- drop(cluster$residual %*% psi[nr + seq_len(ne)])
  serial <- list(1, 0, 0)
  if (!is.null(cluster$gap)) {
    g <- cluster$gap
    k <- k + 1L
    s <- psi[k]
    serial <- if (spec$serial$structure == "ar1") {
      list(s^g, g * s^pmax(g - 1, 0), g * (g - 1) * s^pmax(g - 2, 0))
    } else {
      e <- exp(-g / s)
      list(e, e * g / s^2, e * (g^2 / s^4 - 2 * g / s^3))
    }
  }
  scale <- 1
  slopes <- list()
  if (!is.null(cluster$level)) {
    h <- drop(1 + cluster$level %*% (psi[k + seq_len(ncol(cluster$level))] - 1))
    scale <- as.vector(tcrossprod(h))
    slopes <- lapply(seq_len(ncol(cluster$level)), function(l) {
      m <- tcrossprod(cluster$level[, l], h)
      as.vector(m + t(m))
    })
  }
  random <- if (nr) drop(cluster$random %*% psi[seq_len(nr)]) else 0
  value <- list(v = matrix(random + base * serial[[1]] * scale, n))
  if (order == 0) return(value)
  value$d <- cbind(
    cluster$random, cluster$residual * serial[[1]] * scale,
    if (!is.null(cluster$gap)) base * serial[[2]] * scale,
    if (length(slopes)) sapply(slopes, function(m) base * serial[[1]] * m)
  )
  if (order == 1) return(value)
  second <- list()
  add <- function(i, j, v) second[[length(second) + 1L]] <<- list(i = i, j = j, v = v)
  for (e in seq_len(ne)) {
    if (!is.null(cluster$gap)) add(nr + e, nr + ne + 1, cluster$residual[, e] * serial[[2]] * scale)
    for (l in seq_along(slopes)) add(nr + e, k + l, cluster$residual[, e] * serial[[1]] * slopes[[l]])
  }
  if (!is.null(cluster$gap)) {
    add(k, k, base * serial[[3]] * scale)
    for (l in seq_along(slopes)) add(k, k + l, base * serial[[2]] * slopes[[l]])
  }
  for (l in seq_along(slopes)) for (m in seq_len(l)) {
    b <- tcrossprod(cluster$level[, l], cluster$level[, m])
    add(k + m, k + l, base * serial[[1]] * as.vector(b + t(b)))
  }
  value$second <- second
  value
}
# -2 log-likelihood and what depends on psi; order 1 adds the gradient, order 2 the Hessian.
evaluate <- function(problem, psi, order = 0) {
  p <- ncol(problem$x)
  xvx <- matrix(0, p, p)
  xvy <- numeric(p)
  yvy <- 0
  logdet <- 0
  parts <- vector("list", length(problem$clusters))
  for (c in seq_along(parts)) {
    k <- problem$clusters[[c]]
    part <- covariance_of(k, psi, problem$spec, order)
    root <- tryCatch(chol(part$v), error = function(e) NULL)
    if (is.null(root)) return(NULL)
    part$inverse <- chol2inv(root)
    part$w <- part$inverse %*% k$x
    xvx <- xvx + crossprod(k$x, part$w)
    xvy <- xvy + drop(crossprod(part$w, k$y))
    yvy <- yvy + sum(k$y * (part$inverse %*% k$y))
    logdet <- logdet + 2 * sum(log(diag(root)))
    parts[[c]] <- part
  }
  phi <- chol2inv(chol(xvx))
  beta <- drop(phi %*% xvy)
  n <- length(problem$y)
  quadratic <- 0
  for (c in seq_along(parts)) {
    k <- problem$clusters[[c]]
    e <- k$y - drop(k$x %*% beta)
    parts[[c]]$r <- drop(parts[[c]]$inverse %*% e)
    quadratic <- quadratic + sum(e * parts[[c]]$r)
  }
  reml <- problem$reml
  out <- list(
    deviance = logdet + quadratic + n * log(2 * pi) +
      if (reml) 2 * sum(log(diag(chol(xvx)))) - p * log(2 * pi) else 0,
    beta = setNames(beta, colnames(problem$x)), phi = phi
  )
  if (order == 0) return(out)
  gradient <- 0
  for (part in parts) {
    m <- part$inverse - tcrossprod(part$r)
    if (reml) m <- m - part$w %*% phi %*% t(part$w)
    gradient <- gradient + drop(crossprod(part$d, as.vector(m)))
  }
  out$gradient <- gradient
  if (order == 1) return(out)
  K <- length(psi)
  T <- D <- matrix(0, K, K)
  u <- array(0, c(p, p, K))
  q <- array(0, c(p, p, K, K))
  z <- matrix(0, p, K)
  for (part in parts) {
    n <- nrow(part$v)
    di <- lapply(seq_len(K), function(i) matrix(part$d[, i], n))
    a <- lapply(di, function(m) part$inverse %*% m)
    dw <- lapply(di, function(m) m %*% part$w)
    dr <- sapply(di, function(m) drop(m %*% part$r))
    dr <- matrix(dr, n)
    flat <- sapply(a, as.vector)
    turned <- sapply(a, function(m) as.vector(t(m)))
    T <- T + crossprod(matrix(flat, n^2), matrix(turned, n^2))
    D <- D + 2 * crossprod(dr, part$inverse %*% dr)
    z <- z + crossprod(part$w, dr)
    for (i in seq_len(K)) {
      u[, , i] <- u[, , i] + crossprod(part$w, dw[[i]])
      left <- part$inverse %*% dw[[i]]
      for (j in seq_len(i)) q[, , i, j] <- q[, , i, j] + crossprod(left, dw[[j]])
    }
    m <- part$inverse - tcrossprod(part$r)
    if (reml) m <- m - part$w %*% phi %*% t(part$w)
    for (s in part$second) {
      add <- sum(s$v * m)
      D[s$i, s$j] <- D[s$i, s$j] + add
      if (s$i != s$j) D[s$j, s$i] <- D[s$j, s$i] + add
    }
  }
  for (i in seq_len(K)) for (j in seq_len(i)) q[, , j, i] <- t(q[, , i, j])
  trace <- T
  if (reml) for (i in seq_len(K)) for (j in seq_len(K)) {
    trace[i, j] <- T[i, j] - 2 * sum(phi * q[, , i, j]) +
      sum((phi %*% u[, , i]) * t(phi %*% u[, , j]))
  }
  out$hessian <- -trace + D - 2 * crossprod(z, phi %*% z)
  out$hessian <- (out$hessian + t(out$hessian)) / 2
  out$trace <- trace  # twice the expected information
  out$u <- u
  out$q <- q
  out
}
