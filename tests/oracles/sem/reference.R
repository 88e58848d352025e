# One model: default lavaan, its Newton-polished solution, and everything derived from it.

# lavaan's EM on standardised columns, so that its absolute tolerance means the same in every unit.
saturated_moments <- function(fit) {
  if (!fit@SampleStats@missing.flag) {
    mean <- fit@SampleStats@mean[[1]]
    return(list(
      cov = fit@SampleStats@cov[[1]], mean = if (length(mean)) mean, loglik = fit@h1$loglik
    ))
  }
  y <- fit@Data@X[[1]]
  center <- colMeans(y, na.rm = TRUE)
  scale <- apply(y, 2, sd, na.rm = TRUE)
  em <- internal("lav_mvnorm_missing_h1_estimate_moments")(
    Y = scale(y, center, scale), Mp = fit@Data@Mp[[1]], tol = 1e-12, max.iter = 200000L
  )
  mu <- unname(em$Mu * scale + center)
  sigma <- unname(em$Sigma * outer(scale, scale))
  x <- fit@SampleStats@x.idx[[1]]
  loglik <- internal("lav_mvnorm_missing_loglik_samplestats")(
    Yp = fit@SampleStats@missing[[1]], Mu = mu, Sigma = sigma, x.idx = x,
    x.mean = if (length(x)) mu[x], x.cov = if (length(x)) sigma[x, x, drop = FALSE]
  )
  list(cov = sigma, mean = mu, loglik = loglik)
}

# lavaan's own fit of the baseline can fail in unequal units; the saturated moments are a better
# start.
baseline_loglik <- function(fit, h1) {
  independence <- internal("lav_object_independence")(fit)
  ov <- lavNames(fit, "ov")
  start <- with(independence@ParTable, ifelse(
    op == "~1", h1$mean[match(lhs, ov)], h1$cov[cbind(match(lhs, ov), match(rhs, ov))]
  )[free > 0])
  polish(independence, start = start)$loglik
}

# lavaan again, at the polished point: it must stay there, and computes what follows from it.
refit_at <- function(x, default, call) {
  start <- as.data.frame(default@ParTable)[c("lhs", "op", "rhs", "est")]
  start$est <- user_parameters(internal("lav_model_set_parameters")(default@Model, x = x))
  fit <- call(
    start = start, check.start = FALSE, optim.method = "none", check.gradient = FALSE,
    # (A table of starting values makes lavaan forget its default for fixed.x, and would start the
    # baseline too.)
    fixed.x = lavInspect(default, "options")$fixed.x, baseline = FALSE, em.h1.iter.max = 20000,
    em.h1.tol = 1e-9 * max(1, diag(default@implied$cov[[1]]))
  )
  fit@baseline <- default@baseline
  fit
}
user_parameters <- function(model) {
  internal("lav_model_get_parameters")(model, type = "user", extra = TRUE)
}

# A standardised solution and its standard errors by the delta method.  (lavaan's own Jacobian is a
# forward difference, good to about 1e-5.)
standardized_one <- function(fit, type, x, v, unit) {
  f <- internal(paste0("lav_standardize_", type, "_x"))
  # Roots of negative variances give NaN with a warning, and NaN is the answer.
  at <- function(x) suppressWarnings(f(x, lavobject = fit))
  jacobian <- central_jacobian(at, x, 1e-4 * unit)
  coarse <- central_jacobian(at, x, 3e-4 * unit)
  size <- function(m) drop(abs(m) %*% unit)
  finite <- is.finite(size(jacobian))
  stopifnot(size(jacobian - coarse)[finite] < 1e-5 * pmax(1, size(jacobian)[finite]))
  se <- sqrt(pmax(diag(jacobian %*% v %*% t(jacobian)), 0))
  constant <- apply(jacobian, 1, function(r) all(abs(r) * unit < 1e-9))
  list(est = at(x), se = ifelse(constant, 0, se))
}

# Estimates with standard errors, tests and intervals, one element per row of the table.
parameter_columns <- function(fit, default, solution, v, observed, name) {
  table <- as.data.frame(fit@ParTable, stringsAsFactors = FALSE)
  shown <- which(table$op %in% c("=~", "~", "~~", "~1", ":="))
  free <- which(table$free > 0)
  index <- table$free[free]
  defined <- table$op == ":="
  se <- numeric(nrow(table))
  variance <- pmax(diag(v), 0)
  variance[sqrt(variance) < 1e-9 * solution$unit] <- 0
  se[free] <- sqrt(variance)[index]
  if (any(defined)) {
    jacobian <- complex_jacobian(fit@Model@def.function, solution$x)
    se[defined] <- sqrt(pmax(diag(jacobian %*% v %*% t(jacobian)), 0))
  }
  compare_errors(se, lavInspect(fit, "list")$se, observed, name)

  est <- user_parameters(fit@Model)
  z <- ifelse(se > 0, est / se, NA)
  width <- ifelse(se > 0, qnorm(0.975) * se, NA)
  pvalue <- 2 * pnorm(-abs(z))
  # As in lavaan: an estimate at its bound has no test.
  for (side in intersect(c("lower", "upper"), names(table))) {
    pvalue[free][abs(table[[side]][free] - est[free]) < 1e-8] <- NA
  }
  columns <- c(
    as.list(table[c("lhs", "op", "rhs", "label", "free", "exo")]),
    list(
      default = default@ParTable$est, est = est, se = se, z = z, pvalue = pvalue,
      ci_lower = est - width, ci_upper = est + width
    )
  )
  for (type in c("lv", "all", "all_nox")) {
    s <- standardized_one(fit, type, solution$x, v, solution$unit)
    key <- paste0("std_", sub("all_", "", type))
    columns[[key]] <- s$est
    columns[[paste0(key, "_se")]] <- s$se
  }
  stopifnot(lengths(columns) == nrow(table))
  lapply(columns, `[`, shown)
}

worst <- new.env()
note_worst <- function(kind, value, name) {
  if (is.null(worst[[kind]]) || value > worst[[kind]]$value) {
    worst[[kind]] <- list(value = value, name = name)
  }
}

# lavaan's observed information comes from differences with absolute steps, hence is only near.
compare_errors <- function(ours, theirs, observed, name) {
  both <- which(ours > 0 & is.finite(theirs) & theirs > 0)
  off <- max(0, abs(theirs[both] / ours[both] - 1))
  if (off > (if (observed) 1e-4 else 1e-6)) stop(name, ": lavaan's standard errors differ by ", off)
  note_worst(if (observed) "se_observed" else "se_expected", off, name)
}
compare_standardized <- function(columns, fit, name) {
  theirs <- suppressWarnings(standardizedSolution(fit))  # NaN for latents of negative variance
  stopifnot(is.finite(theirs$est.std) == is.finite(columns$std_all))
  stopifnot(max(0, abs(theirs$est.std - columns$std_all), na.rm = TRUE) < 1e-8)
  same <- which(theirs$se > 0 & columns$std_all_se > 0)
  off <- max(0, abs(theirs$se[same] / columns$std_all_se[same] - 1))
  if (off > 1e-4) stop(name, ": lavaan's standardised standard errors differ by ", off)
}

# Option names are dyadkit's; NULL leaves lavaan's default.  `warns` says why warnings are silenced.
reference <- function(name, syntax, data = NULL, moments = NULL, auto = "sem", missing = NULL,
                      fixed_x = NULL, std_lv = FALSE, meanstructure = NULL, information = NULL,
                      int_ov_free = NULL, bounds = NULL, warns = NULL, baseline_fails = FALSE,
                      residuals = FALSE, vcov = FALSE) {
  began <- proc.time()[[3]]
  input <- if (is.null(moments)) list(data = datasets[[data]]) else moments_of(moments)
  if (is.null(missing)) {
    missing <- if (!is.null(data) && anyNA(datasets[[data]])) "fiml" else "listwise"
  }
  options <- list(
    missing = missing, fixed_x = fixed_x, std_lv = std_lv, meanstructure = meanstructure,
    information = information, int_ov_free = int_ov_free, bounds = bounds
  )
  given <- filled(options)
  names(given) <- gsub("_", ".", names(given))
  call <- function(...) {
    args <- c(list(model = syntax), input, given)
    more <- list(...)
    args[names(more)] <- more
    if (is.null(warns)) do.call(auto, args) else suppressWarnings(do.call(auto, args))
  }
  default <- call()
  if (!lavInspect(default, "converged")) stop(name, ": lavaan did not converge")
  solution <- polish(default)
  fit <- refit_at(solution$x, default, call)
  x <- internal("lav_model_get_parameters")(fit@Model, type = "free")
  stopifnot(abs(x - solution$x) < 1e-9 * pmax(abs(x), solution$unit))
  # Polishing stays at the optimum that lavaan found: better, and by very little.  (lavaan meets
  # a nonlinear constraint or an inequality only nearly, which can look better than meeting it.)
  gain <- solution$loglik - default@loglik$loglik
  if (gain < (if (length(solution$jacobian)) -1e-3 else -1e-6) || gain > 1e-3) {
    stop(name, ": polishing moved the log-likelihood by ", gain)
  }
  note_worst("gain", gain, name)
  note_worst("moved", solution$moved, name)

  effective <- lavInspect(fit, "options")
  complete <- !fit@SampleStats@missing.flag
  means <- fit@Model@meanstructure
  h1 <- saturated_moments(fit)
  implied <- list(cov = fit@implied$cov[[1]], mean = drop(fit@implied$mean[[1]]))
  # (It warns where its robust indices, of which none is used here, cannot be had.)
  measured <- suppressWarnings(fitMeasures(fit, measures_compared))
  measures <- fit_measures(
    lavInspect(fit, "ntotal"), unname(measured["npar"]), unname(measured["df"]), solution$loglik,
    h1$loglik, baseline_loglik(default, h1), unname(measured["baseline.df"]), h1, implied, means
  )
  of_baseline <- c("baseline_chisq", "cfi", "tli", "rni", "ifi")
  compare_measures(measures, measured, complete, name, if (baseline_fails) of_baseline)
  if (baseline_fails) stopifnot(measured["baseline.chisq"] > measures$baseline_chisq + 1)

  observed <- effective$information[1] == "observed"
  info <- if (observed) solution$hessian else lavTech(fit, "information.expected")
  v <- covariance_matrix(info, solution$jacobian, solution$unit, measures$n)
  fit@vcov$vcov <- v
  parameters <- parameter_columns(fit, default, solution, v, observed, name)
  if (is.null(warns)) compare_standardized(parameters, fit, name)
  # (A shared label makes constraints between lavaan's own names, ".p1." and so on.)
  table <- as.data.frame(fit@ParTable)
  written <- table$op %in% c("==", "<", ">") & !grepl("^[.]p[0-9]+[.]$", table$lhs)

  models[[length(models) + 1L]] <<- list(
    name = name, dataset = data, moments = moments, auto = auto, syntax = syntax,
    options = options,
    effective = list(
      missing = if (complete) "listwise" else "fiml",
      fixed_x = isTRUE(effective$fixed.x) && any(table$exo == 1L), std_lv = std_lv,
      meanstructure = means, information = effective$information[1],
      int_ov_free = effective$int.ov.free, int_lv_free = effective$int.lv.free
    ),
    warns = warns, n_free = length(x), n_active = solution$n_active,
    constraints = if (any(written)) as.list(table[written, c("lhs", "op", "rhs")]),
    parameters = parameters,
    rsquare = as.list(lavInspect(fit, "rsquare")),
    fit = c(measures, as.list(measured[c("gfi", "crmr")])),
    variables = lavNames(fit, "ov"),
    implied_cov = unname(implied$cov), implied_mean = if (means) implied$mean,
    h1_cov = if (!complete) h1$cov, h1_mean = if (!complete) h1$mean,
    vcov = if (vcov) without_noise(unname(v), sqrt(diag(v))),
    residuals = if (residuals) residual_tables(fit, h1)
  )
  cat(sprintf(
    "%-34s npar %3d df %3d  gradient %.0e  moved %.0e SE  %5.1f s\n", name, measures$npar,
    measures$df, solution$norm, solution$moved, proc.time()[[3]] - began
  ))
}

# Zeros that arithmetic left at the level of rounding.
without_noise <- function(x, scale) {
  limit <- if (is.matrix(x)) outer(scale, scale) else scale
  ifelse(abs(x) < 1e-12 * limit, 0, x)
}

residual_tables <- function(fit, h1) {
  if (fit@SampleStats@missing.flag) {
    fit@SampleStats@missing.h1[[1]][c("sigma", "mu")] <- list(h1$cov, h1$mean)
    fit@h1$implied$cov[[1]] <- h1$cov
    fit@h1$implied$mean[[1]] <- h1$mean
  }
  found <- function(type, ...) {
    lapply(internal("lav_residuals")(fit, type = type, ...)[[1]], function(x) unname(unclass(x)))
  }
  # A residual that is zero by construction has a standard error of rounding noise: none is given.
  one <- function(type) {
    raw <- found(type, se = TRUE)
    unit <- if (type == "raw") sqrt(diag(h1$cov)) else rep(1, ncol(h1$cov))
    out <- list()
    for (part in intersect(c("cov", "mean"), names(raw))) {
      limit <- if (part == "cov") outer(unit, unit) else unit
      se <- raw[[paste0(part, ".se")]]
      se <- ifelse(se > 1e-7 * limit, se, NA)
      residual <- without_noise(raw[[part]], unit)
      out[paste0(part, c("", "_se", "_z"))] <- list(residual, se, residual / se)
    }
    out
  }
  normalized <- found("normalized")
  list(
    raw = one("raw"), cor_bentler = one("cor.bentler"), cor_bollen = one("cor.bollen"),
    normalized = setNames(normalized, c("cov", "mean")[seq_along(normalized)])
  )
}
