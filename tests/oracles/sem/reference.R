# One model: default lavaan, its Newton-polished solution, and everything derived from it.

# lavaan's EM on standardised columns, so that its absolute tolerance means the same in every unit.
saturated_moments <- function(fit) {
  if (!fit@SampleStats@missing.flag) {
    mean <- fit@SampleStats@mean[[1]]
    return(list(cov = fit@SampleStats@cov[[1]], mean = if (length(mean)) mean, loglik = fit@h1$loglik))
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

# A standardised solution and its standard errors by the delta method.  The complex step is exact,
# but wrong where a negative variance is under a root; there differences take its place.
standardized_one <- function(fit, type, x, v, unit) {
  f <- internal(c(
    std_lv = "lav_standardize_lv_x", std_all = "lav_standardize_all_x", std_nox = "lav_standardize_all_nox_x"
  )[[type]])
  at <- function(x) f(x, lavobject = fit)
  # Roots of negative variances give NaN with a warning, and NaN is the answer.
  quiet <- function(value) suppressWarnings(value)
  differences <- quiet(central_jacobian(at, x, 1e-4 * unit))
  coarse <- quiet(central_jacobian(at, x, 3e-4 * unit))
  exact <- tryCatch(quiet(complex_jacobian(at, x)), error = function(e) NULL)
  jacobian <- differences
  if (!is.null(exact)) {
    agree <- function(r) isTRUE(max(abs(exact[r, ] - differences[r, ]) * unit) < 1e-3 * max(1, abs(exact[r, ]) * unit))
    rows <- which(vapply(seq_len(nrow(exact)), agree, NA))
    jacobian[rows, ] <- exact[rows, ]
  } else {
    rows <- integer(0)
  }
  rest <- setdiff(which(rowSums(!is.finite(differences)) == 0), rows)
  reach <- t(t(abs(differences - coarse)[rest, , drop = FALSE]) * unit)
  size <- drop(abs(differences[rest, , drop = FALSE]) %*% unit)
  stopifnot(reach < 1e-6 * pmax(1, size))
  se <- sqrt(pmax(diag(jacobian %*% v %*% t(jacobian)), 0))
  constant <- apply(jacobian, 1, function(r) all(abs(r) * unit < 1e-9))
  list(est = quiet(at(x)), se = ifelse(constant, 0, se))
}

worst <- new.env()
note_worst <- function(kind, value, name) {
  if (is.null(worst[[kind]]) || value > worst[[kind]]$value) worst[[kind]] <- list(value = value, name = name)
}

reference <- function(name, syntax, data = NULL, moments = NULL, auto = "sem", missing = NULL,
                      fixed_x = NULL, std_lv = FALSE, meanstructure = NULL, information = NULL,
                      int_ov_free = NULL, bounds = NULL, warns = NULL, baseline_fails = FALSE,
                      residuals = FALSE, vcov = FALSE) {
  began <- proc.time()[[3]]
  input <- if (is.null(moments)) list(data = datasets[[data]]) else moments_of(moments)
  if (is.null(missing)) missing <- if (!is.null(data) && anyNA(datasets[[data]])) "fiml" else "listwise"
  args <- c(
    list(model = syntax, missing = missing, std.lv = std_lv), input,
    if (!is.null(fixed_x)) list(fixed.x = fixed_x),
    if (!is.null(meanstructure)) list(meanstructure = meanstructure),
    if (!is.null(information)) list(information = information),
    if (!is.null(int_ov_free)) list(int.ov.free = int_ov_free),
    if (!is.null(bounds)) list(bounds = bounds)
  )
  call <- function(...) {
    run <- function() do.call(auto, c(args, list(...)))
    if (is.null(warns)) run() else suppressWarnings(run())  # `warns` says why
  }
  default <- call()
  if (!lavInspect(default, "converged")) stop(name, ": lavaan did not converge")
  solution <- polish(default)
  x <- solution$x
  moved <- as.data.frame(default@ParTable)[c("lhs", "op", "rhs", "est")]
  moved$est <- internal("lav_model_get_parameters")(
    internal("lav_model_set_parameters")(default@Model, x = x), type = "user", extra = TRUE
  )
  # (A table of starting values makes lavaan forget its default for fixed.x.)
  args$fixed.x <- lavInspect(default, "options")$fixed.x
  fit <- call(
    start = moved, optim.method = "none", check.gradient = FALSE, baseline = FALSE, check.start = FALSE, em.h1.tol = 1e-9 * max(1, diag(default@implied$cov[[1]])), em.h1.iter.max = 20000
  )
  fit@baseline <- default@baseline
  kept <- internal("lav_model_get_parameters")(fit@Model, type = "free")
  stopifnot(abs(kept - x) < 1e-9 * pmax(abs(x), solution$unit))
  # Polishing stays at the optimum that lavaan found: better, and by very little.  (lavaan meets
  # a nonlinear constraint or an inequality only nearly, which can look better than meeting it.)
  least <- if (length(solution$jacobian)) -1e-3 else -1e-6
  gain <- solution$loglik - default@loglik$loglik
  if (gain < least || gain > 1e-3) stop(name, ": polishing moved the log-likelihood by ", gain)
  note_worst("gain", gain, name)
  note_worst("moved", solution$moved, name)

  n <- lavInspect(fit, "ntotal")
  h1 <- saturated_moments(fit)
  complete <- !fit@SampleStats@missing.flag
  options <- lavInspect(fit, "options")
  means <- fit@Model@meanstructure
  # (It warns where its robust indices, of which none is used here, cannot be had.)
  measured <- suppressWarnings(fitMeasures(fit, measures_compared))
  # lavaan's own fit of the baseline can fail in unequal units; the saturated
  # moments are a better start.
  independence <- internal("lav_object_independence")(default)
  ov <- lavNames(default, "ov")
  independence <- polish(independence, start = with(independence@ParTable, ifelse(
    op == "~1", h1$mean[match(lhs, ov)], h1$cov[cbind(match(lhs, ov), match(rhs, ov))]
  )[free > 0]))
  implied <- list(cov = fit@implied$cov[[1]], mean = drop(fit@implied$mean[[1]]))
  fit_table <- fit_measures(
    n, unname(measured["npar"]), unname(measured["df"]), solution$loglik, h1$loglik,
    independence$loglik, unname(measured["baseline.df"]), h1, implied, means
  )
  of_baseline <- c("baseline_chisq", "cfi", "tli", "rni", "ifi")
  compare_measures(fit_table, measured, complete, name, if (baseline_fails) of_baseline)
  if (baseline_fails) stopifnot(measured["baseline.chisq"] > fit_table$baseline_chisq + 1)
  fit_table <- c(fit_table, as.list(measured[c("gfi", "crmr")]))

  observed <- options$information[1] == "observed"
  info <- if (observed) solution$hessian else lavTech(fit, "information.expected")
  v <- covariance_matrix(info, solution$jacobian, solution$unit, n)
  fit@vcov$vcov <- v

  table <- as.data.frame(fit@ParTable, stringsAsFactors = FALSE)
  rows <- table$op %in% c("=~", "~", "~~", "~1", ":=")
  free <- table$free
  defined <- table$op == ":="
  se <- numeric(nrow(table))
  se[free > 0] <- sqrt(pmax(diag(v), 0))[free[free > 0]]
  se[free > 0][se[free > 0] < 1e-9 * solution$unit[free[free > 0]]] <- 0
  est <- internal("lav_model_get_parameters")(fit@Model, type = "user", extra = TRUE)
  if (any(defined)) {
    j <- complex_jacobian(fit@Model@def.function, x)
    se[defined] <- sqrt(pmax(diag(j %*% v %*% t(j)), 0))
  }
  # lavaan's own standard errors: from its differences with absolute steps, hence only near ours.
  lavaan_se <- lavInspect(fit, "list")$se[rows]
  both <- which(se[rows] > 0 & is.finite(lavaan_se) & lavaan_se > 0)
  off <- max(0, abs(lavaan_se[both] / se[rows][both] - 1))
  if (off > (if (observed) 1e-4 else 1e-6)) stop(name, ": standard errors differ from lavaan's by ", off)
  note_worst(if (observed) "se_observed" else "se_expected", off, name)

  shown <- which(rows)
  tested <- se[shown] > 0
  z <- ifelse(tested, est[shown] / se[shown], NA)
  width <- ifelse(tested, qnorm(0.975) * se[shown], NA)
  parameters <- list(
    lhs = table$lhs[shown], op = table$op[shown], rhs = table$rhs[shown], label = table$label[shown],
    free = free[shown], exo = table$exo[shown],
    default = as.data.frame(default@ParTable)$est[shown], est = est[shown], se = se[shown],
    z = z, pvalue = 2 * pnorm(-abs(z)), ci_lower = est[shown] - width, ci_upper = est[shown] + width
  )
  for (type in c("std_lv", "std_all", "std_nox")) {
    s <- standardized_one(fit, type, x, v, solution$unit)
    stopifnot(length(s$est) == nrow(table))
    parameters[[type]] <- s$est[shown]
    parameters[[paste0(type, "_se")]] <- s$se[shown]
  }
  theirs <- if (is.null(warns)) standardizedSolution(fit, remove.eq = FALSE, remove.ineq = FALSE)
  if (!is.null(theirs)) {
    same <- which(theirs$se[shown] > 0 & parameters$std_all_se > 0)
    stopifnot(
      is.finite(theirs$est.std[shown]) == is.finite(parameters$std_all),
      max(0, abs(theirs$est.std[shown] - parameters$std_all), na.rm = TRUE) < 1e-8
    )
    off <- max(0, abs(theirs$se[shown][same] / parameters$std_all_se[same] - 1), na.rm = TRUE)
    if (off > 1e-4) stop(name, ": standardised standard errors differ from lavaan's by ", off)
  }
  rsquare <- lavInspect(fit, "rsquare")
  names_ov <- rownames(fitted(fit)$cov)
  # (A shared label makes constraints between lavaan's own names, ".p1." and so on.)
  written <- table$op %in% c("==", "<", ">") & !grepl("^[.]p[0-9]+[.]$", table$lhs)
  constraints <- table[written, c("lhs", "op", "rhs")]

  result <- list(
    name = name, dataset = data, moments = moments, auto = auto, syntax = strsplit(syntax, "\n")[[1]],
    options = list(
      missing = missing, fixed_x = fixed_x, std_lv = std_lv, meanstructure = meanstructure,
      information = information, int_ov_free = int_ov_free, bounds = bounds
    ),
    effective = list(
      missing = if (complete) "listwise" else "fiml", fixed_x = isTRUE(options$fixed.x) && any(table$exo == 1L),
      std_lv = std_lv, meanstructure = means, information = options$information[1],
      int_ov_free = options$int.ov.free, int_lv_free = options$int.lv.free
    ),
    warns = warns, n_free = sum(free > 0), n_active = solution$n_active,
    constraints = if (nrow(constraints)) as.list(constraints),
    parameters = parameters,
    rsquare = as.list(rsquare),
    fit = fit_table,
    variables = names_ov,
    implied_cov = unname(implied$cov), implied_mean = if (means) implied$mean,
    h1_cov = if (!complete) h1$cov, h1_mean = if (!complete) h1$mean
  )
  if (vcov) result$vcov <- without_noise(unname(v), sqrt(diag(v)))
  if (residuals) result$residuals <- residual_tables(fit, h1)
  cat(sprintf("%-34s npar %3d df %3d  grad %.0e  moved %.0e SE  %5.1f s\n", name, fit_table$npar,
              fit_table$df, solution$norm, solution$moved, proc.time()[[3]] - began))
  models[[length(models) + 1L]] <<- result
  invisible(result)
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
  # A residual that is zero by construction has a standard error of rounding noise: none is given.
  one <- function(type) {
    found <- internal("lav_residuals")(fit, type = type, se = TRUE)[[1]]
    unit <- if (type == "raw") sqrt(diag(h1$cov)) else rep(1, ncol(h1$cov))
    tidy <- function(residual, se, unit) {
      se <- ifelse(se > 1e-7 * unit, se, NA)
      residual <- ifelse(abs(residual) < 1e-12 * unit, 0, residual)
      list(residual, se, residual / se)
    }
    out <- setNames(tidy(found$cov, found$cov.se, outer(unit, unit)), c("cov", "cov_se", "cov_z"))
    if (!is.null(found$mean)) {
      out <- c(out, setNames(tidy(found$mean, found$mean.se, unit), c("mean", "mean_se", "mean_z")))
    }
    lapply(out, function(x) unname(unclass(x)))
  }
  plain <- function(type) {
    found <- internal("lav_residuals")(fit, type = type)[[1]]
    setNames(lapply(found, function(x) unname(unclass(x))), c("cov", "mean")[seq_along(found)])
  }
  list(raw = one("raw"), cor_bentler = one("cor.bentler"), cor_bollen = one("cor.bollen"),
       normalized = plain("normalized"))
}
