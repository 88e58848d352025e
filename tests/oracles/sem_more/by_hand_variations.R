# Variations of the information, robust indices of incomplete data, clusters with MLM, modification
# indices under constraints and with gaps.  Continues by_hand.R.

h1_of <- function(p, g) {
  h <- lavTech(p$fit, "h1")[[g]]
  list(cov = h$cov, mean = if (is.null(h$mean)) drop(p$fit@SampleStats@mean[[g]]) else drop(h$mean))
}
# A single group without fixed predictors; `bread` makes the information from D and the weights.
sandwich_by_hand <- function(label, p, bread, trace_weight = "observed", limit = 1e-6) {
  fit <- p$fit
  y <- data_of(p, 1)
  n <- nrow(y)
  means <- fit@Model@meanstructure
  k <- if (means) TRUE else -seq_len(ncol(y))
  h1 <- h1_of(p, 1)
  inside <- function(q) {
    d <- jacobians(q)[[1]]
    mu <- if (means) drop(q$fit@implied$mean[[1]]) else h1$mean
    s <- q$fit@implied$cov[[1]]
    info <- switch(bread,
      expected = t(d) %*% (row_information(y, mu, s, observed = FALSE)[k, k] / n) %*% d,
      h1 = t(d) %*% (row_information(y, mu, s)[k, k] / n) %*% d,
      hessian = q$solution$hessian
    )
    e <- bread_of(info, tangent(q))
    b0 <- t(d) %*% (crossprod(row_scores(y, mu, s))[k, k] / n) %*% d
    list(e = e, b0 = b0, trace = sum(e * b0))
  }
  own <- inside(p)
  check(paste0(label, ": vcov"), own$e %*% own$b0 %*% own$e / n, lavTech(fit, "vcov"), limit)
  if (length(fit@test) < 2) return(invisible())
  a1 <- row_information(y, h1$mean, h1$cov, observed = trace_weight == "observed")[k, k]
  b1 <- crossprod(row_scores(y, h1$mean, h1$cov))[k, k]
  trace1 <- sum(diag(solve(a1, b1)))
  check(paste0(label, ": scaling"), (trace1 - own$trace) / fit@test[[1]]$df,
    fit@test[[2]]$scaling.factor, limit)
  zero <- inside(list(fit = p$baseline, solution = polish(p$baseline)))
  check(paste0(label, ": scaling of the baseline"), (trace1 - zero$trace) / p$baseline@test[[1]]$df,
    p$baseline@test[[2]]$scaling.factor, limit)
}
sandwich_by_hand("MLR, information expected (E and A1 too)", polished(items, "skewed",
  estimator = "MLR", information = "expected"), "expected", "expected")
sandwich_by_hand("MLR, observed.information h1", polished(items, "skewed", estimator = "MLR",
  observed.information = "h1"), "h1")
sandwich_by_hand("MLR, FIML, information expected", polished(items, "skewed_mar", estimator = "MLR",
  missing = "fiml", information = "expected"), "expected", "expected")
sandwich_by_hand("ML, se robust.huber.white (observed)", polished(items, "skewed",
  se = "robust.huber.white"), "hessian")
p <- polished(items, "skewed", information = "first.order")
d <- jacobians(p)[[1]]
y <- data_of(p, 1)
s <- row_scores(y, colMeans(y), p$fit@implied$cov[[1]])[, -(1:6)]
check("ML, information first.order: inverse of D' (sum of s s') D",
  solve(t(d) %*% crossprod(s) %*% d), lavTech(p$fit, "vcov"))

# Robust indices of incomplete data (FIML-C, Zhang and Savalei 2023): V6 without, V3 with robust tests.
fiml_by_hand <- function(label, p, robust, without = integer(0)) {
  fit <- p$fit
  n <- fit@SampleStats@ntotal
  groups <- seq_len(fit@Data@ngroups)
  f <- shares(p)
  h1 <- lapply(groups, function(g) h1_of(p, g))
  size <- sapply(groups, function(g) nrow(data_of(p, g)))
  wm <- lapply(groups, function(g) row_information(data_of(p, g), h1[[g]]$mean, h1[[g]]$cov) / size[g])
  jm <- lapply(groups, function(g) crossprod(row_scores(data_of(p, g), h1[[g]]$mean, h1[[g]]$cov)) / size[g])
  wc <- lapply(groups, function(g) {
    i <- solve(h1[[g]]$cov)
    dup <- duplication(ncol(i))
    w <- lav_matrix_bdiag(i, 0.5 * t(dup) %*% (i %x% i) %*% dup)
    x <- seq_len(ncol(i)) %in% without
    gone <- c(x, vech(outer(x, x))) == 1
    w[gone, ] <- 0
    w[, gone] <- 0
    w
  })
  all <- function(m) lav_matrix_bdiag(Map(`*`, m, f))
  wm <- all(wm)
  jm <- all(jm)
  wc <- all(wc)
  wi <- solve(wm)
  inside <- function(q) {
    d <- do.call(rbind, jacobians(q))
    u <- wm - wm %*% d %*% bread_of(t(d) %*% wm %*% d, tangent(q)) %*% t(d) %*% wm
    t <- n * sum(f * sapply(groups, function(g) {
      s <- q$fit@implied$cov[[g]]
      e <- h1[[g]]$mean - drop(q$fit@implied$mean[[g]])
      log(det(s)) - log(det(h1[[g]]$cov)) + sum(h1[[g]]$cov * solve(s)) - ncol(s) + sum(e * solve(s, e))
    }))
    k <- if (robust) {
      sum(diag(u %*% wi %*% wc %*% wi %*% u %*% wi %*% jm %*% wi))
    } else sum(diag(wc %*% wi %*% u %*% wi))
    c(t, k / q$fit@test[[1]]$df)
  }
  own <- c(inside(p), inside(list(fit = p$baseline, solution = polish(p$baseline))))
  theirs <- internal("lav_fit_fiml_corrected")(fit, version = if (robust) "V3" else "V6")
  # (lavaan refits the baseline, and stops early.)
  check(paste0(label, ": F_ML of the H1 moments at the FIML solution, c by traces, and the baseline's"),
    own, unlist(theirs[c("XX3", "c.hat3", "XX3.null", "c.hat3.null")]), 1e-5)
  check(paste0(label, ": of the model alone"), own[1:2], unlist(theirs[c("XX3", "c.hat3")]), 1e-7)
}
fiml_by_hand("FIML, ML", polished(items, "skewed_mar", missing = "fiml"), FALSE)
fiml_by_hand("FIML, MLR", polished(items, "skewed_mar", missing = "fiml", estimator = "MLR"), TRUE)
fiml_by_hand("FIML, MLR, groups", polished(items, "skewed_mar", missing = "fiml", estimator = "MLR",
  group = "arm", group.equal = equal), TRUE)
# lavaan's slip with predictors that are not fixed: the complete-data weight lacks them (3rd and 4th).
p <- polished(lines("q1 ~ p1 + age", "out ~ q1 + p1"), "skewed_mar", "sem", missing = "fiml",
  fixed.x = FALSE)
stopifnot(p$fit@Data@ov.names[[1]][3:4] == c("p1", "age"))
fiml_by_hand("FIML, fixed.x = FALSE: with lavaan's slip", p, FALSE, without = 3:4)

# MLM with clusters: Gamma of cluster sums.
p <- polished(persons, "nested", estimator = "MLM", cluster = "coach")
y <- data_of(p, 1)
c <- sweep(y, 2, colMeans(y))
low <- which(lower.tri(diag(6), diag = TRUE), arr.ind = TRUE)
z <- cbind(y, c[, low[, 1]] * c[, low[, 2]])
z <- rowsum(sweep(z, 2, colMeans(z)), p$fit@Data@Lp[[1]]$cluster.idx[[2]])
check("clusters, MLM: Gamma = G / (G - 1) sum over clusters of z z' / N",
  crossprod(z) / nrow(y) * nrow(z) / (nrow(z) - 1),
  lavTech(p$fit, "gamma")[[1]], 1e-10)

# Modification indices with constraints, groups, gaps: one row each, by a model that adds it.
index_by_hand <- function(label, p, lhs, op, rhs, block, syntax, data, ...) {
  found <- modindices(p$fit)
  row <- which(found$lhs == lhs & found$op == op & found$rhs == rhs &
    (if (is.null(found$group)) TRUE else found$group == block))
  wider <- cfa(syntax, datasets[[data]], do.fit = FALSE, em.h1.tol = 1e-11, em.h1.iter.max = 50000, ...)
  table <- as.data.frame(wider@ParTable)
  key <- function(t) paste(t$lhs, t$op, t$rhs, if (is.null(t$group)) 1 else t$group)
  k <- table$free[key(table) == paste(lhs, op, rhs, block)]
  narrow <- as.data.frame(p$fit@ParTable)
  x <- numeric(max(table$free))
  shared <- table$free > 0 & key(table) %in% key(narrow)[narrow$free > 0]
  x[table$free[shared]] <- narrow$est[match(key(table)[shared], key(narrow))]
  wide <- again_at(x, wider)
  g <- problem_of(wide)$gradient(x)
  info <- lavTech(wide, "information.expected")
  e <- bread_of(info[-k, -k], tangent(p))
  v <- info[k, k] - info[k, -k] %*% e %*% info[-k, k]
  n <- p$fit@SampleStats@ntotal
  check(paste0(label, ": I22^-1 of the constrained model"), c(n * g[k]^2 / v, -g[k] / v),
    unlist(found[row, c("mi", "epc")]), 1e-6)
}
tau <- lines("p =~ l*p1 + l*p2 + l*p3", "q =~ q1 + q2 + q3")
index_by_hand("modification index, equalities", polished(tau, "skewed", std.lv = TRUE), "p1", "~~", "q2", 1,
  lines(tau, "p1 ~~ q2"), "skewed", std.lv = TRUE)
index_by_hand("modification index, groups", polished(two, "programmes", group = "programme",
  group.equal = equal), "t2", "~~", "l3", 2, lines(two, "t2 ~~ c(0, NA)*l3"), "programmes",
  group = "programme", group.equal = equal)
index_by_hand("modification index, FIML (expected information all the same)",
  polished(items, "skewed_mar", missing = "fiml"), "p1", "~~", "q2", 1, lines(items, "p1 ~~ q2"),
  "skewed_mar", missing = "fiml")
