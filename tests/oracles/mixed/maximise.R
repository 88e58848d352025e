# From unbounded coordinates to natural parameters, nlminb, then Newton steps in natural parameters.

log_cholesky <- function(u, q) {
  l <- matrix(0, q, q)
  l[vech_pairs(q)] <- u
  diag(l) <- exp(diag(l))
  tcrossprod(l)[vech_pairs(q)]
}
# A list of blocks: number of coordinates, map to natural parameters, start.
coordinates <- function(problem, scale) {
  spec <- problem$spec
  blocks <- list()
  add <- function(n, map, start) {
    blocks[[length(blocks) + 1L]] <<- list(n = n, map = map, start = start)
  }
  matrix_block <- function(q, variance, weights = rep(1, q)) {
    at <- vech_pairs(q)
    add(nrow(at), function(u) log_cholesky(u, q),
      ifelse(at[, 1] == at[, 2], 0.5 * log(variance * weights[at[, 1]]), 0))
  }
  for (k in seq_along(spec$random)) {
    term <- spec$random[[k]]
    q <- problem$random_size[k]
    z <- model.matrix(as.formula(term$formula), problem$frame)
    w <- 1 / pmax(colSums(z^2) / pmax(colSums(z != 0), 1), 1e-6)
    v <- 0.25 * scale
    at <- vech_pairs(q)
    if (!is.null(term$rank)) {
      free <- at[, 2] <= term$rank
      add(sum(free), local({
        q <- q; at <- at; free <- free
        function(u) {
          l <- matrix(0, q, q)
          l[at[free, , drop = FALSE]] <- u
          tcrossprod(l)[at]
        }
      }), ifelse(at[free, 1] == at[free, 2], sqrt(v * w[at[free, 1]]), 0.1 * sqrt(v * w[at[free, 1]])))
    } else if (term$structure == "diagonal") {
      add(q, exp, log(v * w))
    } else if (term$structure == "exchangeable") {
      start <- ifelse(at[, 1] == at[, 2], 0.5 * log(v * w[at[, 1]]), 0)
      add(2 * nrow(at), local({
        q <- q; m <- nrow(at)
        function(u) {
          s <- log_cholesky(u[seq_len(m)], q)
          d <- log_cholesky(u[m + seq_len(m)], q)
          c((s + d) / 2, (s - d) / 2)
        }
      }), c(start, start))
    } else {
      matrix_block(q, v, w)
    }
  }
  v <- scale * if (length(spec$random)) 0.5 else 1
  ne <- problem$n_residual
  switch(spec$residual$structure,
    independent = add(1, exp, log(v)),
    diagonal = add(ne, exp, rep(log(v), ne)),
    unstructured = matrix_block(round((sqrt(8 * ne + 1) - 1) / 2), v),
    compound_symmetry = {
      m <- problem$unit_size
      if (!is.null(spec$serial)) m <- 2
      add(2, function(u) {
        e <- exp(u)
        c((e[1] + (m - 1) * e[2]) / m, (e[1] - e[2]) / m)
      }, rep(log(v), 2))
    }
  )
  if (!is.null(spec$serial)) {
    if (spec$serial$structure == "ar1") add(1, tanh, 0.3) else add(1, exp, 0.5)
  }
  if (problem$n_ratio) add(problem$n_ratio, exp, rep(0, problem$n_ratio))
  ends <- cumsum(vapply(blocks, `[[`, 0, "n"))
  starts <- ends - vapply(blocks, `[[`, 0, "n")
  list(
    start = unlist(lapply(blocks, `[[`, "start")),
    map = function(u) unlist(lapply(seq_along(blocks), function(b) {
      blocks[[b]]$map(u[starts[b] + seq_len(blocks[[b]]$n)])
    }))
  )
}
central <- function(f, x) numDeriv::jacobian(f, x)
maximise <- function(problem) {
  ols <- lm.fit(problem$x, problem$y)
  scale <- sum(ols$residuals^2) / (length(problem$y) - ncol(problem$x))
  to <- coordinates(problem, scale)
  objective <- function(u) {
    found <- evaluate(problem, to$map(u))
    if (is.null(found) || !is.finite(found$deviance)) 1e10 else found$deviance
  }
  slope <- function(u) {
    found <- evaluate(problem, to$map(u), 1)
    if (is.null(found)) return(numeric(length(u)))
    drop(crossprod(central(to$map, u), found$gradient))
  }
  best <- NULL
  for (shift in c(0, 0.4)) {
    start <- to$start + shift * rep_len(c(-1, 0.5, 1), length(to$start)) * shift
    found <- nlminb(start, objective, slope, control = list(
      rel.tol = 1e-13, x.tol = 1e-10, iter.max = 500, eval.max = 1000
    ))
    if (is.null(best) || found$objective < best$objective - 1e-6) best <- found
  }
  ranked <- any(vapply(problem$spec$random, function(t) !is.null(t$rank), TRUE))
  # Newton in natural parameters; where the rank of a matrix is held, in its Cholesky factor.
  map <- if (ranked) to$map else identity
  x <- if (ranked) best$par else to$map(best$par)
  at <- function(x, order) {
    found <- evaluate(problem, map(x), order)
    if (is.null(found) || order < 2) return(found)
    found$psi <- map(x)
    found$jacobian <- if (ranked) central(map, x) else diag(length(x))
    g <- drop(crossprod(found$jacobian, found$gradient))
    h <- crossprod(found$jacobian, found$hessian %*% found$jacobian)
    if (ranked) for (k in seq_along(found$psi)) {
      h <- h + found$gradient[k] * numDeriv::hessian(function(x) map(x)[k], x)
    }
    found$g <- g
    found$h <- (h + t(h)) / 2
    found
  }
  now <- at(x, 2)
  size <- function(s) max(abs(s$g) / sqrt(abs(diag(s$h))))
  for (step in 1:50) {
    if (size(now) < 1e-10) break
    move <- solve(now$h, now$g)
    for (half in 0:8) {
      try_at <- x - move / 2^half
      new <- at(try_at, 2)
      if (!is.null(new) && new$deviance < now$deviance + 1e-9) break
      new <- NULL
    }
    if (is.null(new) || (step > 3 && size(new) >= size(now) && size(now) < 1e-7)) break
    x <- try_at
    now <- new
  }
  if (size(now) > 1e-7) stop(problem$spec$name, ": gradient ", size(now))
  if (min(eigen(now$h, TRUE, TRUE)$values) <= 0) stop(problem$spec$name, ": no maximum")
  now$size <- size(now)
  if (ranked) check_boundary(problem, now) else check_inside(problem, now$psi)
  now$x <- x
  now$map <- map
  now$to <- to
  now
}
# Of a matrix held at a lower rank: no direction that raises the rank raises the likelihood.
check_boundary <- function(problem, now) {
  at <- 0
  for (t in seq_along(problem$spec$random)) {
    g <- now$gradient[at + seq_len(problem$counts[t])]
    psi <- now$psi[at + seq_len(problem$counts[t])]
    at <- at + problem$counts[t]
    rank <- problem$spec$random[[t]]$rank
    if (is.null(rank)) next
    q <- problem$random_size[t]
    pairs <- vech_pairs(q)
    slope <- from_vech(ifelse(pairs[, 1] == pairs[, 2], g, g / 2), q)
    null <- eigen(from_vech(psi, q), TRUE)$vectors[, (rank + 1):q, drop = FALSE]
    if (min(eigen(crossprod(null, slope %*% null), TRUE)$values) < -1e-8) {
      stop(problem$spec$name, ": the maximum is not on the boundary")
    }
  }
}
# Newton's steps in natural parameters can leave the positive definite matrices.
check_inside <- function(problem, psi) {
  at <- 0
  for (t in seq_along(problem$spec$random)) {
    part <- psi[at + seq_len(problem$counts[t])]
    at <- at + problem$counts[t]
    q <- problem$random_size[t]
    half <- seq_len(length(part) / 2)
    least <- function(v) min(eigen(from_vech(v, q), TRUE, TRUE)$values)
    inside <- switch(problem$spec$random[[t]]$structure,
      diagonal = min(part), unstructured = least(part),
      exchangeable = min(least(part[half] + part[-half]), least(part[half] - part[-half]))
    )
    if (inside <= 0) stop(problem$spec$name, ": random covariances are not positive definite")
  }
}
