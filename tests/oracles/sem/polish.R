# Newton steps on lavaan's discrepancy function, from where lavaan's optimiser stopped.
#
# lavaan supplies the function and its analytic gradient; the Hessian is a fourth-order central
# difference of that gradient with steps in proportion to each parameter's standard error.
# Equality constraints, active inequality constraints and active bounds enter as equalities
# (Karush-Kuhn-Tucker steps); the signs of their multipliers are checked.

internal <- function(name) getFromNamespace(name, "lavaan")

# The discrepancy F (per observation, with -logl = N * F + constant) and its derivatives.
problem_of <- function(fit) {
  model <- fit@Model
  samplestats <- fit@SampleStats
  data <- fit@Data
  cache <- fit@Cache
  weight <- !samplestats@missing.flag
  set <- internal("lav_model_set_parameters")
  at <- function(x) set(model, x = x)
  gradient_of <- internal("lav_model_gradient")
  table <- fit@ParTable
  first <- which(table$free > 0L)
  bound <- function(column, none) {
    if (is.null(table[[column]])) rep(none, length(first)) else table[[column]][first]
  }
  has <- function(f) !is.null(body(f))
  list(
    start = internal("lav_model_get_parameters")(model, type = "free"),
    at = at,
    gradient = function(x) {
      gradient_of(
        lavmodel = at(x), lavsamplestats = samplestats, lavdata = data, lavcache = cache,
        type = "free", group.weight = weight
      )
    },
    loglik = function(x) {
      moved <- at(x)
      internal("lav_model_loglik")(
        lavdata = data, lavsamplestats = samplestats, lavmodel = moved, lavoptions = fit@Options,
        lavimplied = internal("lav_model_implied")(moved)
      )$loglik
    },
    equalities = if (has(model@ceq.function)) model@ceq.function,
    inequalities = if (has(model@cin.function)) model@cin.function,
    lower = bound("lower", -Inf), upper = bound("upper", Inf)
  )
}

central_jacobian <- function(f, x, step) {
  columns <- lapply(seq_along(x), function(j) {
    e <- replace(numeric(length(x)), j, step[j])
    (f(x - 2 * e) - 8 * f(x - e) + 8 * f(x + e) - f(x + 2 * e)) / (12 * step[j])
  })
  matrix(unlist(columns), ncol = length(x))
}

# Complex step: exact for the functions that constraints and defined parameters are made of.
complex_jacobian <- function(f, x) {
  columns <- lapply(seq_along(x), function(j) {
    Im(f(replace(as.complex(x), j, complex(real = x[j], imaginary = 1e-20)))) / 1e-20
  })
  matrix(unlist(columns), ncol = length(x))
}

symmetric_hessian <- function(gradient, x, unit) {
  h <- central_jacobian(gradient, x, 1e-3 * unit)
  (h + t(h)) / 2
}

# Constraints that hold with equality at x: their values, Jacobian and which sign a multiplier has.
active_set <- function(problem, x, unit, slack) {
  rows <- list()
  add <- function(f, sign, row) {
    force(f)
    force(row)
    rows[[length(rows) + 1L]] <<- list(
      value = function(x) f(x)[row],
      jacobian = function(x) complex_jacobian(function(x) f(x)[row], x), sign = sign
    )
  }
  if (!is.null(problem$equalities)) {
    for (row in seq_along(problem$equalities(x))) add(problem$equalities, 0, row)
  }
  if (!is.null(problem$inequalities)) {
    value <- problem$inequalities(x)
    for (row in which(value < slack)) add(problem$inequalities, 1, row)
  }
  for (j in which(abs(x - problem$lower) < slack * unit)) {
    add(local({ i <- j; function(x) x[i] - problem$lower[i] }), 1, 1L)
  }
  for (j in which(abs(x - problem$upper) < slack * unit)) {
    add(local({ i <- j; function(x) problem$upper[i] - x[i] }), 1, 1L)
  }
  rows
}

null_space <- function(jacobian, n) {
  if (length(jacobian) == 0L) return(diag(n))
  scale <- sqrt(rowSums(jacobian^2))
  decomposition <- qr(t(jacobian / scale), tol = 1e-9)
  qr.Q(decomposition, complete = TRUE)[, -seq_len(decomposition$rank), drop = FALSE]
}

# Solves min F subject to the active constraints; x in units of `unit`, so that everything is O(1).
# `brief` leaves out the checks of second order and what only a full solution needs.
polish <- function(fit, start = NULL, unit = NULL, brief = FALSE, slack = 1e-3, rounds = 40) {
  problem <- problem_of(fit)
  if (!is.null(start)) problem$start <- start
  x <- problem$start
  n <- length(x)
  if (is.null(unit)) {
    unit <- rep(1e-3, n) * pmax(abs(x), 1e-2)
    for (round in 1:2) {
      curvature <- diag(symmetric_hessian(problem$gradient, x, unit))
      stopifnot(curvature > 0)
      unit <- 1 / sqrt(curvature)
    }
  }
  rows <- active_set(problem, x, unit, slack)
  constraint <- function(x) vapply(rows, function(r) r$value(x), 0)
  jacobian <- function(x) {
    do.call(rbind, c(list(matrix(0, 0, n)), lapply(rows, function(r) r$jacobian(x))))
  }
  state <- function(x) {
    g <- problem$gradient(x) * unit
    j <- jacobian(x) %*% diag(unit, n)
    if (length(rows) == 0L) return(list(g = g, j = j, z = diag(n), reduced = g, gap = numeric(0)))
    z <- null_space(j, n)
    gap <- constraint(x) / sqrt(rowSums(j^2))
    list(g = g, j = j, z = z, reduced = drop(z %*% crossprod(z, g)), gap = gap)
  }
  multipliers <- numeric(length(rows))
  history <- numeric(0)
  best <- list(norm = Inf)
  for (round in seq_len(rounds)) {
    s <- state(x)
    if (length(rows) > 0L) multipliers <- qr.solve(t(s$j), s$g, tol = 1e-12)
    norm <- max(abs(s$reduced), abs(s$gap), 0)
    history <- c(history, norm)
    if (norm < best$norm) best <- list(norm = norm, x = x, state = s, multipliers = multipliers)
    stalled <- round > 3 && norm < 1e-11 && norm > 0.3 * history[round - 1]
    if (stalled || norm < (if (brief) 1e-11 else 1e-13)) break
    h <- symmetric_hessian(problem$gradient, x, unit)
    if (length(rows) > 0L) {
      bend <- central_jacobian(function(x) drop(multipliers %*% jacobian(x)), x, 1e-3 * unit)
      h <- h - (bend + t(bend)) / 2
    }
    h <- h * outer(unit, unit)
    k <- nrow(s$j)
    system <- rbind(cbind(h, t(s$j)), cbind(s$j, matrix(0, k, k)))
    right <- -c(s$g, if (k > 0L) constraint(x))
    step <- if (k > 0L) MASS::ginv(system, tol = 1e-13) %*% right else solve(h, right)
    x <- x + unit * step[seq_len(n)]
  }
  if (best$norm >= 1e-10) {
    stop("polishing left a gradient of ", best$norm, ": ", toString(signif(history, 2)))
  }
  if (brief) return(best)
  h <- symmetric_hessian(problem$gradient, best$x, unit)
  s <- best$state
  signs <- vapply(rows, function(r) r$sign, 0)
  curved <- crossprod(s$z, (h * outer(unit, unit)) %*% s$z)
  stopifnot(best$multipliers[signs > 0] > 0)
  stopifnot(eigen(curved, symmetric = TRUE, only.values = TRUE)$values > 0)
  if (!is.null(problem$inequalities)) stopifnot(problem$inequalities(best$x) > -1e-10)
  list(
    x = best$x, unit = unit, hessian = h, norm = best$norm, loglik = problem$loglik(best$x),
    moved = max(abs(best$x - problem$start) / unit) * sqrt(fit@SampleStats@ntotal),
    # Bounds do not enter lavaan's covariance matrix; constraints that hold do.
    jacobian = jacobian(best$x)[seq_along(rows) <= length(rows) - sum(
      abs(best$x - problem$lower) < slack * unit, abs(best$x - problem$upper) < slack * unit
    ), , drop = FALSE],
    n_active = sum(signs > 0)
  )
}

# Inverse information on the tangent space of the constraints.
covariance_matrix <- function(information, jacobian, unit, n_obs) {
  n <- length(unit)
  z <- diag(unit, n) %*% null_space(jacobian %*% diag(unit, n), n)
  z %*% solve(crossprod(z, information %*% z), t(z)) / n_obs
}
