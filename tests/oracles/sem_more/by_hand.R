# What lavaan reports, recomputed from the data and the implied moments by the formulas of
# ../sem_more_facts.md; by_hand.json has the largest relative difference of each.

checks <- list()
check <- function(what, ours, theirs, limit = 1e-6) {
  ours <- as.numeric(ours)
  theirs <- as.numeric(theirs)
  stopifnot(length(ours) == length(theirs), is.finite(ours), is.finite(theirs))
  off <- max(abs(ours - theirs)) / max(abs(theirs), 1e-12)
  cat(sprintf("%-72s %.0e\n", what, off))
  if (!(off < limit)) stop(what, ": differs by ", off, " (", toString(signif(head(ours), 8)), " and ",
    toString(signif(head(theirs), 8)), ")")
  checks[[length(checks) + 1L]] <<- list(check = what, difference = signif(off, 2))
}
polished <- function(syntax, data, auto = "cfa", ...) {
  default <- do.call(auto, c(list(model = syntax, data = datasets[[data]], em.h1.tol = 1e-11,
    em.h1.iter.max = 50000), list(...)))
  solution <- polish(default)
  fit <- again_at(solution$x, default)
  baseline <- polished_baseline(default)
  fit@baseline <- list(partable = baseline@ParTable, test = baseline@test)
  list(fit = fit, solution = solution, baseline = baseline)
}
vech <- function(m) m[lower.tri(m, diag = TRUE)]
duplication <- function(p) {
  k <- matrix(0, p, p)
  k[lower.tri(k, diag = TRUE)] <- seq_len(p * (p + 1) / 2)
  k <- k + t(k) - diag(diag(k))
  outer(as.vector(k), seq_len(p * (p + 1) / 2), "==") + 0
}
# Derivatives of log f(y) by mean and lower triangle of the covariance matrix, row by row; and minus
# the sum of second derivatives (observed) or their expectations per pattern.
row_scores <- function(y, mu, sigma) {
  p <- length(mu)
  d <- duplication(p)
  t(apply(y, 1, function(row) {
    o <- !is.na(row)
    i <- matrix(0, p, p)
    i[o, o] <- solve(sigma[o, o])
    e <- ifelse(o, row - mu, 0)
    c(i %*% e, 0.5 * crossprod(d, as.vector(i %*% outer(e, e) %*% i - i)))
  }))
}
row_information <- function(y, mu, sigma, weight = rep(1, nrow(y)), observed = TRUE) {
  p <- length(mu)
  d <- duplication(p)
  total <- 0
  for (r in seq_len(nrow(y))) {
    o <- !is.na(y[r, ])
    i <- matrix(0, p, p)
    i[o, o] <- solve(sigma[o, o])
    e <- if (observed) i %*% ifelse(o, y[r, ] - mu, 0) else numeric(p)
    m <- if (observed) i %x% (tcrossprod(e) - i / 2) else i %x% i / 2
    cross <- if (observed) i %x% t(e) else matrix(0, p, p^2)
    if (!observed) m <- i %x% i / 2
    total <- total + weight[r] * rbind(
      cbind(i, cross %*% d), cbind(t(cross %*% d), t(d) %*% m %*% d)
    )
  }
  (total + t(total)) / 2
}
moments_of_x <- function(problem, means) function(x) {
  implied <- internal("lav_model_implied")(problem$at(x))
  unlist(lapply(seq_along(implied$cov), function(g) c(
    if (means) implied$mean[[g]], vech(implied$cov[[g]])
  )))
}
jacobians <- function(p) {
  f <- moments_of_x(problem_of(p$fit), p$fit@Model@meanstructure)
  all <- central_jacobian(f, p$solution$x, 1e-3 * p$solution$unit)
  groups <- p$fit@Data@ngroups
  split <- rep(seq_len(groups), each = nrow(all) / groups)
  lapply(seq_len(groups), function(g) all[split == g, , drop = FALSE])
}
tangent <- function(p) null_space(p$solution$jacobian, length(p$solution$x))
bread_of <- function(information, z) z %*% solve(crossprod(z, information %*% z), t(z))
mixed <- function(parts, f) Reduce(`+`, Map(`*`, f, parts))
shares <- function(p) unlist(p$fit@SampleStats@nobs) / p$fit@SampleStats@ntotal
data_of <- function(p, g) p$fit@Data@X[[g]]

# --- Several groups ------------------------------------------------------------------------------
two <- lines("trust =~ t1 + t2 + t3", "learn =~ l1 + l2 + l3")
equal <- c("loadings", "intercepts")
p <- polished(two, "programmes", group = "programme", group.equal = equal)
fit <- p$fit
stopifnot(fit@Data@group.label == unique(datasets$programmes$programme))
sites <- cfa("a =~ a1 + a2 + a3 + b1", datasets$sites, group = "site")
stopifnot(sites@Data@group.label == as.character(unique(datasets$sites$site)))
n <- unlist(fit@SampleStats@nobs)
parts <- sapply(1:2, function(g) {
  y <- data_of(p, g)
  s <- cov(y) * (n[g] - 1) / n[g]
  m <- fit@implied$cov[[g]]
  e <- colMeans(y) - fit@implied$mean[[g]]
  n[g] * (log(det(m)) - log(det(s)) + sum(s * solve(m)) - ncol(y) + sum(e * solve(m, e)))
})
check("groups: chi-square = sum of n_g F_g, covariances with divisor n_g", parts,
  fit@test[[1]]$stat.group, 1e-9)
v <- lapply(1:2, function(g) {
  i <- solve(fit@implied$cov[[g]])
  d <- duplication(ncol(i))
  lav_matrix_bdiag(i, 0.5 * t(d) %*% (i %x% i) %*% d)
})
delta <- jacobians(p)
info <- mixed(Map(function(d, v) t(d) %*% v %*% d, delta, v), shares(p))
z <- tangent(p)
check("groups: expected information sum of n_g/N D'VD; vcov = Z(Z'IZ)^-1 Z'/N",
  bread_of(info, z) / sum(n), lavTech(fit, "vcov"))
m <- fitMeasures(fit)
check("groups: RMSEA = sqrt(G) sqrt(max(T/(N df) - 1/N, 0))",
  sqrt(2) * sqrt(m["chisq"] / sum(n) / m["df"] - 1 / sum(n)), m["rmsea"], 1e-10)
srmr <- sapply(1:2, function(g) {
  s <- fit@SampleStats@cov[[g]]
  sd <- sqrt(diag(s))
  sqrt(mean(c(vech((s - fit@implied$cov[[g]]) / outer(sd, sd)),
    (fit@SampleStats@mean[[g]] - fit@implied$mean[[g]]) / sd)^2))
})
check("groups: SRMR = sum of n_g/N SRMR_g", sum(srmr * n / sum(n)), m["srmr"], 1e-9)
check("groups: BIC with log of the total N", -2 * m["logl"] + m["npar"] * log(sum(n)), m["bic"], 1e-12)
free <- table(p$baseline@ParTable$op, p$baseline@ParTable$free > 0)
stopifnot(sum(p$baseline@ParTable$free > 0) == 24, p$baseline@test[[1]]$df == 30)
s0 <- sum(sapply(1:2, function(g) n[g] * -log(det(cov2cor(fit@SampleStats@cov[[g]])))))
check("groups: baseline without equalities: -sum n_g log det R_g", s0, p$baseline@test[[1]]$stat, 1e-9)

# --- MLR ------------------------------------------------------------------------------------------
# (kind: which data; everything by the same functions, with and without gaps, weights, clusters)
mlr_by_hand <- function(label, p, weights = NULL, cluster = FALSE, limit = 1e-6) {
  fit <- p$fit
  n <- fit@SampleStats@ntotal
  f <- shares(p)
  means <- fit@Model@meanstructure
  groups <- seq_len(fit@Data@ngroups)
  h1 <- lavTech(fit, "h1")
  weight <- function(g) if (is.null(weights)) rep(1, nrow(data_of(p, g))) else fit@Data@weights[[g]]
  kept <- function(g) {
    size <- ncol(data_of(p, g))
    x <- seq_len(size) %in% fit@SampleStats@x.idx[[g]]
    c(if (means) !x else rep(FALSE, size), !vech(outer(x, x)))
  }
  meat <- function(g, mu, sigma) {
    s <- row_scores(data_of(p, g), mu, sigma) * weight(g)
    if (cluster) {
      k <- fit@Data@Lp[[g]]$cluster.idx[[2]]
      s <- rowsum(s, k) * sqrt(length(unique(k)) / (length(unique(k)) - 1))
    }
    crossprod(s) / sum(weight(g))
  }
  shown <- function(g) if (means) rep(TRUE, length(kept(g))) else -seq_len(ncol(data_of(p, g)))
  inside <- function(model_p) {
    d <- jacobians(model_p)
    imp <- lapply(groups, function(g) list(cov = model_p$fit@implied$cov[[g]],
      mean = if (means) drop(model_p$fit@implied$mean[[g]]) else drop(fit@SampleStats@mean[[g]])))
    b0 <- lapply(groups, function(g) {
      b <- meat(g, imp[[g]]$mean, imp[[g]]$cov)
      b[!kept(g), ] <- 0
      b[, !kept(g)] <- 0
      t(d[[g]]) %*% b[shown(g), shown(g)] %*% d[[g]]
    })
    e <- bread_of(model_p$solution$hessian, tangent(model_p))
    list(b0 = mixed(b0, f), e = e, trace = sum(mixed(b0, f) * e))
  }
  own <- inside(p)
  check(paste0(label, ": vcov = E B0 E / N"), own$e %*% own$b0 %*% own$e / n, lavTech(fit, "vcov"), limit)
  trace1 <- sapply(groups, function(g) {
    mu <- if (is.null(h1[[g]]$mean)) drop(fit@SampleStats@mean[[g]]) else drop(h1[[g]]$mean)
    a1 <- row_information(data_of(p, g), mu, h1[[g]]$cov, weight(g)) / sum(weight(g))
    b1 <- meat(g, mu, h1[[g]]$cov)
    k <- kept(g)
    sum(diag(solve(a1[k, k], b1[k, k])))
  })
  df <- fit@test[[1]]$df
  scaled <- fit@test[[2]]
  check(paste0(label, ": c = (tr A1^-1 B1 - tr E B0) / df"), (sum(trace1) - own$trace) / df,
    scaled$scaling.factor, limit)
  check(paste0(label, ": factors of the log-likelihoods"),
    c(sum(trace1) / sum(sapply(groups, function(g) sum(kept(g)))), own$trace / length(p$solution$x)),
    c(scaled$scaling.factor.h1, scaled$scaling.factor.h0), limit)
  base <- p$baseline
  base_p <- list(fit = base, solution = polish(base))
  baseline <- inside(base_p)
  df0 <- base@test[[1]]$df
  c0 <- (sum(trace1) - baseline$trace) / df0
  check(paste0(label, ": the same of the baseline"), c0, base@test[[2]]$scaling.factor, limit)
  m <- suppressWarnings(fitMeasures(fit))
  t <- m["chisq"]
  t0 <- base@test[[1]]$stat
  c1 <- scaled$scaling.factor
  check(paste0(label, ": scaled CFI, TLI, RMSEA from T/c"),
    c(1 - max(t / c1 - df, 0) / max(t / c1 - df, t0 / c0 - df0, 0),
      1 - (t / c1 - df) * df0 / ((t0 / c0 - df0) * df),
      sqrt(length(groups)) * sqrt(max(t / c1 / n / df - 1 / n, 0))),
    m[c("cfi.scaled", "tli.scaled", "rmsea.scaled")], limit)
  if (!fit@SampleStats@missing.flag) {
    check(paste0(label, ": robust CFI, TLI, RMSEA from T - c df"),
      c(1 - max(t - c1 * df, 0) / max(t - c1 * df, t0 - c0 * df0, 0),
        1 - (t - c1 * df) * df0 / ((t0 - c0 * df0) * df),
        sqrt(length(groups)) * sqrt(max(t / n / df - c1 / n, 0))),
      m[c("cfi.robust", "tli.robust", "rmsea.robust")], limit)
  }
}
items <- lines("p =~ p1 + p2 + p3", "q =~ q1 + q2 + q3")
mlr_by_hand("MLR", polished(items, "skewed", estimator = "MLR"))
mlr_by_hand("MLR, means", polished(items, "skewed", estimator = "MLR", meanstructure = TRUE))
mlr_by_hand("MLR, equality constraints", polished(
  lines("p =~ l*p1 + l*p2 + l*p3", "q =~ q1 + m*q2 + m*q3"), "skewed", estimator = "MLR",
  std.lv = TRUE
))
mlr_by_hand("MLR, nonlinear constraint", polished(
  lines("p =~ p1 + a*p2 + p3", "q =~ q1 + c*q2 + q3", "q ~ b*p", "a*c == b + 0.4"), "skewed",
  "sem", estimator = "MLR"
))
mlr_by_hand("MLR, fixed.x", polished(lines(items, "out ~ p + q + age", "q ~ p", "p ~ age"), "skewed",
  "sem", estimator = "MLR", meanstructure = TRUE))
mlr_by_hand("MLR, groups", polished(items, "skewed", estimator = "MLR", group = "arm",
  group.equal = equal))
mlr_by_hand("MLR, FIML", polished(items, "skewed_mar", estimator = "MLR", missing = "fiml"))
mlr_by_hand("MLR, FIML, groups", polished(items, "skewed_mar", estimator = "MLR", missing = "fiml",
  group = "arm", group.equal = equal))
persons <- lines("m =~ m1 + m2 + m3", "n =~ n1 + n2 + n3")
mlr_by_hand("clusters (G/(G-1))", polished(persons, "nested", estimator = "MLR", cluster = "coach"),
  cluster = TRUE)
mlr_by_hand("clusters, groups (G_g/(G_g-1))", polished(persons, "nested", estimator = "MLR",
  cluster = "coach", group = "region", group.equal = equal), cluster = TRUE)
mlr_by_hand("clusters, FIML", polished(persons, "nested_mar", estimator = "MLR", cluster = "coach",
  missing = "fiml"), cluster = TRUE)
datasets$nested$half <- rep(c("one", "two"), length.out = nrow(datasets$nested))
mlr_by_hand("clusters that groups cut (a cluster in each)", polished(persons, "nested",
  estimator = "MLR", cluster = "coach", group = "half"), cluster = TRUE)
mlr_by_hand("weights", polished(persons, "nested", estimator = "MLR", sampling.weights = "weight",
  meanstructure = TRUE), weights = TRUE)
mlr_by_hand("weights, groups", polished(persons, "nested", estimator = "MLR",
  sampling.weights = "weight", group = "region"), weights = TRUE)
mlr_by_hand("weights, FIML", polished(persons, "nested_mar", estimator = "MLR",
  sampling.weights = "weight", missing = "fiml"), weights = TRUE)

mlr_by_hand("weights, clusters", polished(persons, "nested", estimator = "MLR",
  sampling.weights = "weight", cluster = "coach"), weights = TRUE, cluster = TRUE)
mlr_by_hand("weights, no means", polished(persons, "nested", estimator = "MLR",
  sampling.weights = "weight"), weights = TRUE)

p <- polished(persons, "nested", estimator = "MLR", sampling.weights = "weight", group = "region")
w <- datasets$nested$weight
check("weights: normalised to sum to N over all groups (n_g = their sum)",
  tapply(w / mean(w), datasets$nested$region, sum)[p$fit@Data@group.label],
  unlist(p$fit@SampleStats@nobs), 1e-12)
g1 <- datasets$nested$region == p$fit@Data@group.label[1]
s <- cov.wt(datasets$nested[g1, p$fit@Data@ov.names[[1]]], w[g1], method = "ML")
check("weights: weighted covariances, divisor the sum of weights", s$cov, p$fit@SampleStats@cov[[1]], 1e-12)

# --- MLM ------------------------------------------------------------------------------------------
gamma_by_hand <- function(y, means, x = integer(0)) {
  n <- nrow(y)
  centred <- function(y) sweep(y, 2, colMeans(y))
  products <- function(y) {
    c <- centred(y)
    p <- ncol(y)
    index <- which(lower.tri(diag(p), diag = TRUE), arr.ind = TRUE)
    cbind(if (means) y, c[, index[, 1]] * c[, index[, 2]])
  }
  z <- products(y)
  if (length(x)) {  # of fixed predictors only what they do not explain
    fitted <- y
    fitted[, -x] <- lm.fit(cbind(1, y[, x]), y[, -x])$fitted.values
    z <- z - products(fitted)
  }
  z <- centred(z)
  crossprod(z) / n
}
mlm_by_hand <- function(label, p, shifted = FALSE, limit = 1e-6) {
  fit <- p$fit
  n <- fit@SampleStats@ntotal
  f <- shares(p)
  means <- fit@Model@meanstructure
  groups <- seq_len(fit@Data@ngroups)
  gamma <- lapply(groups, function(g) {
    gamma_by_hand(data_of(p, g), means, fit@SampleStats@x.idx[[g]])
  })
  check(paste0(label, ": Gamma with divisor n_g"), unlist(gamma), unlist(lavTech(fit, "gamma")), 1e-10)
  inside <- function(model_p) {
    d <- jacobians(model_p)
    v <- lapply(groups, function(g) {
      s <- model_p$fit@implied$cov[[g]]
      i <- solve(s)
      dup <- duplication(ncol(i))
      x <- seq_len(ncol(i)) %in% fit@SampleStats@x.idx[[g]]
      v <- 0.5 * t(dup) %*% (i %x% i) %*% dup
      v[vech(outer(x, x)) == 1, ] <- 0
      v[, vech(outer(x, x)) == 1] <- 0
      if (means) {
        i[x, ] <- 0
        i[, x] <- 0
        v <- lav_matrix_bdiag(i, v)
      }
      v
    })
    e <- bread_of(mixed(Map(function(d, v) t(d) %*% v %*% d, d, v), f), tangent(model_p))
    va <- lav_matrix_bdiag(Map(`*`, v, f))
    ga <- lav_matrix_bdiag(Map(`/`, gamma, f))
    da <- do.call(rbind, d)
    u <- va - va %*% da %*% e %*% t(da) %*% va
    list(ug = u %*% ga, vcov = e %*% t(da) %*% va %*% ga %*% va %*% da %*% e / n)
  }
  own <- inside(p)
  df <- fit@test[[1]]$df
  check(paste0(label, ": vcov with V at the implied moments"), own$vcov, lavTech(fit, "vcov"), limit)
  base <- p$baseline
  ug0 <- inside(list(fit = base, solution = polish(base)))$ug
  if (shifted) {
    a <- sqrt(df / sum(diag(own$ug %*% own$ug)))
    b <- df - a * sum(diag(own$ug))
    check(paste0(label, ": a T + b"), c(1 / a, b, a * fit@test[[1]]$stat + b),
      unlist(fit@test[[2]][c("scaling.factor", "shift.parameter", "stat")]), limit)
    a0 <- sqrt(base@test[[1]]$df / sum(diag(ug0 %*% ug0)))
    df0 <- base@test[[1]]$df
    b0 <- df0 - a0 * sum(diag(ug0))
    t <- fit@test[[1]]$stat
    t0 <- base@test[[1]]$stat
    c1 <- (df - b) / (a * df)
    c0 <- (df0 - b0) / (a0 * df0)
    m <- suppressWarnings(fitMeasures(fit))
    check(paste0(label, ": robust CFI, TLI, RMSEA with c = (df - b) / (a df)"),
      c(1 - max(t - c1 * df, 0) / max(t - c1 * df, t0 - c0 * df0, 0),
        1 - (t - c1 * df) * df0 / ((t0 - c0 * df0) * df),
        sqrt(length(groups)) * sqrt(max(t / n / df - c1 / n, 0))),
      m[c("cfi.robust", "tli.robust", "rmsea.robust")], limit)
  } else {
    check(paste0(label, ": c = tr UG / df"), sum(diag(own$ug)) / df, fit@test[[2]]$scaling.factor, limit)
    check(paste0(label, ": the same of the baseline"), sum(diag(ug0)) / base@test[[1]]$df,
      base@test[[2]]$scaling.factor, limit)
  }
}
mlm_by_hand("MLM", polished(items, "skewed", estimator = "MLM"))
mlm_by_hand("MLM, fixed.x", polished(lines(items, "out ~ p + q + age", "q ~ p", "p ~ age"), "skewed",
  "sem", estimator = "MLM"))
mlm_by_hand("MLM, groups", polished(items, "skewed", estimator = "MLM", group = "arm",
  group.equal = equal))
mlm_by_hand("MLMV, groups", polished(items, "skewed", estimator = "MLMV", group = "arm",
  group.equal = "loadings"), shifted = TRUE)

# --- FIML without robust tests: the expected information, fixed predictors -------------------------
p <- polished(two, "programmes_mar", missing = "fiml", information = "expected", group = "programme")
delta <- jacobians(p)
info <- mixed(lapply(1:2, function(g) {
  y <- data_of(p, g)
  a <- row_information(y, drop(p$fit@implied$mean[[g]]), p$fit@implied$cov[[g]], observed = FALSE)
  t(delta[[g]]) %*% a %*% delta[[g]] / nrow(y)
}), shares(p))
check("FIML: expected information by pattern at the implied moments",
  bread_of(info, tangent(p)) / p$fit@SampleStats@ntotal, lavTech(p$fit, "vcov"))

# --- Tests of restrictions ------------------------------------------------------------------------
c_of <- function(p) p$fit@test[[2]]$scaling.factor
t_of <- function(p) p$fit@test[[1]]$stat
df_of <- function(p) p$fit@test[[1]]$df
difference <- function(wide, narrow, method, ...) {
  lavTestLRT(wide$fit, narrow$fit, method = method, ...)[2, ]
}
for (kind in c("MLR", "MLM", "MLR, FIML")) {
  given <- if (kind == "MLR, FIML") list(data = "skewed_mar", missing = "fiml") else {
    list(data = "skewed")
  }
  group_fit <- function(equal) do.call(polished, c(list(items, group = "arm", group.equal = equal,
    estimator = sub(",.*", "", kind)), given))
  wide <- group_fit("")
  narrow <- group_fit("loadings")
  df <- df_of(narrow) - df_of(wide)
  t <- t_of(narrow) - t_of(wide)
  cd <- (df_of(narrow) * c_of(narrow) - df_of(wide) * c_of(wide)) / df
  check(paste0(kind, ": difference of Satorra and Bentler 2001, (df0 c0 - df1 c1) / df"),
    t / cd, difference(wide, narrow, "satorra.bentler.2001")[["Chisq diff"]], 1e-10)
  # The wider model at the narrower one's estimates: same table of free parameters here.
  moved <- again_at(narrow$solution$x, wide$fit)
  cd <- (df_of(narrow) * c_of(narrow) - df_of(wide) * moved@test[[2]]$scaling.factor) / df
  check(paste0(kind, ": difference of Satorra and Bentler 2010, c of the wider model there"),
    t / cd, difference(wide, narrow, "satorra.bentler.2010")[["Chisq diff"]], 1e-5)
  if (kind == "MLR, FIML") next
  # Satorra 2000: of the wider model; A = what the narrower one restricts.
  f <- shares(wide)
  g <- lavTech(wide$fit, "gamma")
  v <- lavTech(wide$fit, "wls.v")
  d <- jacobians(wide)
  info <- lavTech(wide$fit, "information")
  restrict <- narrow$solution$jacobian
  e <- solve(info)
  pa <- e %*% t(restrict) %*% solve(restrict %*% e %*% t(restrict)) %*% restrict %*% e
  traces <- mapply(function(v, g, d) sum(diag(v %*% g %*% v %*% d %*% pa %*% t(d))), v, g, d)
  found <- difference(wide, narrow, "satorra.2000", A.method = "exact", scaled.shifted = FALSE)
  ga <- lav_matrix_bdiag(Map(`*`, g, f))
  da <- do.call(rbind, d)
  va <- lav_matrix_bdiag(v)
  ug <- va %*% da %*% pa %*% t(da) %*% va %*% ga
  stopifnot(abs(sum(diag(ug)) - sum(f * traces)) < 1e-8)
  ug2 <- sum(diag(ug %*% ug))
  check(paste0(kind, ": difference of Satorra 2000, by the mean"), c(t * df / sum(diag(ug)), df),
    c(found[["Chisq diff"]], found[["Df diff"]]), 1e-5)
  found <- difference(wide, narrow, "satorra.2000", A.method = "exact", scaled.shifted = TRUE)
  a <- sqrt(df / ug2)
  check(paste0(kind, ": difference of Satorra 2000, scaled and shifted"),
    a * t + df - a * sum(diag(ug)), found[["Chisq diff"]], 1e-5)
}

p <- polished(lines("p =~ p1 + a*p2 + b*p3", "q =~ q1 + c*q2 + d*q3", "q ~ e*p"), "skewed", "sem",
  estimator = "MLR")
b <- coef(p$fit)
v <- lavTech(p$fit, "vcov")
r <- rbind(replace(numeric(length(b)), match(c("a", "b"), names(b)), c(1, -1)),
  replace(numeric(length(b)), match(c("c", "e"), names(b)), b[c("e", "c")]))
h <- c(b["a"] - b["b"], b["c"] * b["e"] - 0.3)
check("Wald: h' (R V R')^-1 h, R at the estimates, V robust", h %*% solve(r %*% v %*% t(r), h),
  lavTestWald(p$fit, "a == b\nc*e == 0.3")$stat, 1e-8)

# Score tests: the information of all parameters, expected unless asked; not robust.
p <- polished(two, "programmes", group = "programme", group.equal = equal)
fit <- p$fit
n <- fit@SampleStats@ntotal
gradient <- problem_of(fit)$gradient(p$solution$x)
info <- lavTech(fit, "information.expected")
r <- fit@Model@con.jac
found <- suppressWarnings(lavTestScore(fit, epc = TRUE))
check("score, total: N g' pinv(I) g", n * gradient %*% MASS::ginv(info) %*% gradient,
  found$test$X2, 1e-7)
one <- sapply(seq_len(nrow(r)), function(k) {
  e <- bread_of(info, null_space(r[-k, , drop = FALSE], length(gradient)))
  n * gradient %*% e %*% gradient
})
check("score, each alone: the other constraints in force", one, found$uni$X2, 1e-7)
epc <- -MASS::ginv(info) %*% gradient
check("score, changes expected when all are released: -pinv(I) g",
  epc, found$epc$epc[found$epc$free > 0], 1e-6)
p <- polished(items, "skewed")
found <- modindices(p$fit)
row <- which(found$lhs == "p1" & found$rhs == "q2")
wider <- cfa(lines(items, "p1 ~~ q2"), datasets$skewed, do.fit = FALSE)
names_wide <- names(coef(wider))
x <- replace(numeric(length(names_wide)), match(names(coef(p$fit)), names_wide), p$solution$x)
wide <- again_at(x, wider)
g <- problem_of(wide)$gradient(x)
info <- lavTech(wide, "information.expected")
k <- match("p1~~q2", names_wide)
v <- info[k, k] - info[k, -k] %*% solve(info[-k, -k], info[-k, k])
n <- p$fit@SampleStats@ntotal
check("modification index: N g^2 / (I11 - I12 I22^-1 I21), change -g / the same",
  c(n * g[k]^2 / v, -g[k] / v), unlist(found[row, c("mi", "epc")]), 1e-8)
sd <- sqrt(diag(lavInspect(p$fit, "theta"))[c("p1", "q2")])
check("its standardised change of a residual covariance: by residual standard deviations",
  -g[k] / v / prod(sd), found[row, "sepc.all"], 1e-8)
row <- which(found$lhs == "p" & found$rhs == "q2")
check("and of a loading: sqrt(psi) / sd of the indicator",
  found[row, "epc"] * sqrt(lavInspect(p$fit, "cov.lv")[1, 1] / p$fit@implied$cov[[1]][5, 5]),
  found[row, "sepc.all"], 1e-8)

# --- Scores of persons ----------------------------------------------------------------------------
p <- polished(two, "programmes_mar", missing = "fiml")
fit <- p$fit
est <- lavInspect(fit, "est")
y <- data_of(p, 1)
scores_of <- function(y, bartlett) t(apply(y, 1, function(row) {
  o <- !is.na(row)
  l <- est$lambda[o, , drop = FALSE]
  e <- row[o] - est$nu[o]
  if (bartlett) {
    i <- solve(est$theta[o, o, drop = FALSE])
    drop(MASS::ginv(t(l) %*% i %*% l) %*% t(l) %*% i %*% e)
  } else drop(est$psi %*% t(l) %*% solve(l %*% est$psi %*% t(l) + est$theta[o, o], e))
}))
full <- rowSums(is.na(y)) <= 2 & rowSums(!is.na(y[, 1:3])) > 0 & rowSums(!is.na(y[, 4:6])) > 0
check("scores by regression: psi l' S^-1 (y - mu), of what a row has", scores_of(y, FALSE),
  lavPredict(fit), 1e-9)
check("scores of Bartlett: (l' theta^-1 l)^-1 l' theta^-1 (y - mu)", scores_of(y, TRUE)[full, ],
  lavPredict(fit, method = "Bartlett")[full, ], 1e-8)
bare <- rowSums(!is.na(y[, 4:6])) == 0
stopifnot(any(bare), is.na(lavPredict(fit, method = "Bartlett")[bare, 2]))
p <- polished(lines("hours ~ t1 + tenure", "goal ~ hours + t1"), "programmes", "sem",
  meanstructure = TRUE)
y <- data_of(p, 1)
normal <- function(y, mu, s) {
  e <- sweep(y, 2, mu)
  -0.5 * (ncol(y) * log(2 * pi) + log(det(s)) + rowSums((e %*% solve(s)) * e))
}
x <- p$fit@SampleStats@x.idx[[1]]
s <- p$fit@implied$cov[[1]]
mu <- drop(p$fit@implied$mean[[1]])
check("casewise log-likelihood, fixed.x: log f(y, x) - log f(x)",
  normal(y, mu, s) - normal(y[, x], mu[x], s[x, x]), lavInspect(p$fit, "loglik.casewise"), 1e-10)
part("sem_more", "by_hand_variations")
part("sem_more", "by_hand_ordinal")
