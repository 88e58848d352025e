# One model of any kind: default lavaan, the polished solution, and what follows from it.
#
# Likelihoods are polished by Newton steps (../sem/polish.R), least squares too; lavaan is then run
# again from the polished values without optimising, for tests, scaling factors and scores.

em_tolerance <- 1e-11  # of the saturated model with gaps
rows_shown <- c("=~", "~", "~~", "~1", "|", "~*~", ":=")

# Linear constraints have the same Jacobian everywhere: it is found once.
active_set_of_any <- active_set
active_set <- function(problem, x, unit, slack) {
  rows <- active_set_of_any(problem, x, unit, slack)
  equal <- which(vapply(rows, function(r) r$sign == 0, NA))
  if (length(equal) == 0) return(rows)
  here <- complex_jacobian(problem$equalities, x)
  there <- complex_jacobian(problem$equalities, x + unit * sin(seq_along(x)))
  if (max(abs(here - there)) > 0) return(rows)
  for (k in equal) rows[[k]]$jacobian <- local({ row <- here[k, , drop = FALSE]; function(x) row })
  rows
}

again_at <- function(x, fit, more = list()) {
  options <- fit@Options
  options[names(more)] <- more
  options$optim.method <- "none"
  options$optim.force.converged <- TRUE
  options$check.gradient <- FALSE
  options$check.start <- FALSE
  options$check.post <- FALSE
  options$baseline <- FALSE
  options$verbose <- FALSE
  table <- as.list(fit@ParTable)
  table$ustart <- user_parameters(internal("lav_model_set_parameters")(fit@Model, x = x))
  table$start <- table$est <- table$se <- NULL
  lavaan(
    slotParTable = table, slotOptions = options, slotSampleStats = fit@SampleStats,
    slotData = fit@Data, slotCache = fit@Cache, sloth1 = fit@h1
  )
}
free_parameters <- function(fit) {
  internal("lav_model_get_parameters")(fit@Model, type = "free")
}
# The baseline model at its own optimum, with the tests that the model has.
polished_baseline <- function(fit) {
  baseline <- internal("lav_object_independence")(fit)
  x <- if (baseline@Model@nx.free > 0) polish(baseline)$x
  if (is.null(x)) baseline else again_at(x, baseline)
}

# --- Fit measures ---------------------------------------------------------------------------------

rmsea_bounds <- function(chisq, df, n, groups, scale = 1, level = 0.9) {
  if (any(is.na(c(chisq, df, scale)))) return(c(NA, NA))
  tail <- (1 - level) / 2
  root <- function(p) {
    if (df < 1e-12 || pchisq(chisq, df) < p) return(0)
    f <- function(lambda) pchisq(chisq, df, ncp = lambda) - p
    uniroot(f, c(0, max(n, 4 * chisq, 10)), tol = 1e-13, maxiter = 10000)$root
  }
  if (df < 1) return(c(0, 0))
  # No scale is applied where lavaan finds an end of 0.
  sqrt(scale * c(root(1 - tail), root(tail)) / (n * df)) * sqrt(groups)
}

# What lavaan's robust indices of incomplete data rest on, at the polished model and baseline: the
# normal-theory chi-square of the H1 moments taken as if complete, and its scale.
completed <- function(fit, baseline, robust) {
  h1 <- lavTech(fit, "h1")
  f <- unlist(fit@SampleStats@nobs) / fit@SampleStats@ntotal
  n <- fit@SampleStats@ntotal
  implied <- function(model) lapply(seq_along(f), function(g) {
    list(cov = model@implied$cov[[g]], mean = drop(model@implied$mean[[g]]))
  })
  discrepancy <- function(model) {
    n * sum(f * mapply(function(s, m) {
      i <- solve(m$cov)
      d <- drop(s$mean) - m$mean
      log(det(m$cov)) - log(det(s$cov)) + sum(s$cov * i) - ncol(s$cov) + drop(d %*% i %*% d)
    }, h1, implied(model)))
  }
  diagonal <- function(parts) lav_matrix_bdiag(mapply(`*`, parts, f, SIMPLIFY = FALSE))
  # Weights of complete data: the expected information at the H1 moments, mean part first; nothing
  # of fixed predictors.
  wc <- diagonal(lapply(seq_along(h1), function(g) {
    i <- solve(h1[[g]]$cov)
    p <- ncol(i)
    w <- lav_matrix_bdiag(i, 0.5 * lav_matrix_duplication_pre_post(i %x% i))
    x <- seq_len(p) %in% fit@SampleStats@x.idx[[g]]
    none <- c(x, lav_matrix_vech(outer(x, x)))
    w[none == 1, ] <- 0
    w[, none == 1] <- 0
    w
  }))
  inverse <- function(m) {
    kept <- diag(m) != 0
    m[kept, kept] <- solve(m[kept, kept])
    m
  }
  observed <- fit
  observed@Options$h1.information <- c("unstructured", "unstructured")
  observed@Options$observed.information <- c("h1", "h1")
  wm <- diagonal(internal("lav_model_h1_information_observed")(observed))
  wi <- inverse(wm)
  jm <- diagonal(internal("lav_model_h1_information_firstorder")(observed))
  trace_of <- function(model) {
    model@Options$h1.information <- c("unstructured", "unstructured")
    model@Options$observed.information <- c("h1", "h1")
    delta <- do.call(rbind, lavTech(model, "delta"))
    u <- wm - wm %*% delta %*% lavTech(model, "inverted.information") %*% t(delta) %*% wm
    if (robust) sum(diag(u %*% wi %*% wc %*% wi %*% u %*% wi %*% jm %*% wi)) else {
      sum(diag(wc %*% wi %*% u %*% wi))
    }
  }
  list(
    chisq = discrepancy(fit), chisq_null = discrepancy(baseline),
    trace = trace_of(fit), trace_null = trace_of(baseline)
  )
}

measures_of <- function(fit, baseline, name, near = 1e-5) {
  # lavaan cannot give robust indices to every model, and warns then.
  measured <- suppressWarnings(fitMeasures(fit))
  measured <- measured[!grepl("^(rmsea.notclose|rmsea.*h0|rmsea.ci.level|cn_|mfi|ecvi|p?nfi|rfi|ifi|nnfi|p?gfi|agfi|crmr|srmr_|rmr|fmin|wrmr)", names(measured))]
  measured <- as.list(measured)
  n <- internal("lav_utils_get_ntotal")(fit)  # n minus groups for least squares
  groups <- fit@Data@ngroups
  tests <- fit@test
  df <- tests[[1]]$df
  scaled <- if (length(tests) > 1) tests[[2]]
  bounds <- function(suffix, ..., checked = TRUE) {
    both <- rmsea_bounds(..., n = n, groups = groups)
    for (k in 1:2) {
      key <- paste0("rmsea.ci.", c("lower", "upper")[k], suffix)
      theirs <- measured[[key]]
      if (is.null(theirs) || is.na(theirs)) next
      if (checked && !isTRUE(abs(theirs - both[k]) < 2e-5)) {
        stop(name, ": ", key, " is ", both[k], ", lavaan has ", theirs)
      }
      measured[[key]] <<- both[k]
    }
  }
  bounds("", tests[[1]]$stat, df)
  shifted <- !is.null(scaled) && identical(scaled$test, "scaled.shifted")
  if (!is.null(scaled) && df > 0) {
    if (shifted) bounds(".scaled", scaled$stat, df) else {
      bounds(".scaled", tests[[1]]$stat, scaled$trace.UGamma)
    }
  }
  if (fit@SampleStats@missing.flag && df > 0 && !is.na(measured$cfi.robust)) {
    parts <- completed(fit, baseline, !is.null(scaled))
    df0 <- baseline@test[[1]]$df
    scale <- parts$trace / df
    scale0 <- parts$trace_null / df0
    excess <- parts$chisq - scale * df
    excess0 <- parts$chisq_null - scale0 * df0
    ours <- list(
      cfi.robust = 1 - max(excess, 0) / max(excess, excess0, 0),
      tli.robust = 1 - excess * df0 / (excess0 * df),
      rmsea.robust = sqrt(max(parts$chisq / n / df - scale / n, 0)) * sqrt(groups)
    )
    # lavaan takes predictors as fixed here even under fixed.x = FALSE, so that its weights of complete
    # data lack their block; and it cuts sums of weights to integers.  Its own values are kept beside
    # ours then.
    sizes <- unlist(fit@SampleStats@nobs)
    apart <- (!fit@Options$fixed.x && length(lavNames(fit, "ov.x")) > 0) ||
      max(abs(sizes - round(sizes))) > 1e-6
    for (key in names(ours)) {
      if (apart) measured[[paste0(key, "_lavaan")]] <- measured[[key]] else
      if (abs(ours[[key]] - measured[[key]]) > near) {
        stop(name, ": ", key, " is ", ours[[key]], ", lavaan has ", measured[[key]])
      }
      measured[[key]] <- ours[[key]]
    }
    if (apart) for (key in c("rmsea.ci.lower.robust", "rmsea.ci.upper.robust")) {
      measured[[paste0(key, "_lavaan")]] <- measured[[key]]
    }
    bounds(".robust", parts$chisq / scale, df, scale = scale, checked = !apart)
    measured$fiml_chisq_completed <- parts$chisq
    measured$fiml_scale_completed <- scale
    measured$fiml_chisq_completed_null <- parts$chisq_null
    measured$fiml_scale_completed_null <- scale0
  } else if (!is.null(scaled) && df > 0 && !fit@Model@categorical) {
    # (For a shifted test lavaan's point estimate has the scale a (df - b) / df, its interval a.)
    bounds(".robust", scaled$stat, df, scale = scaled$scaling.factor)
  }
  if (fit@Model@categorical && isTRUE(is.finite(measured$rmsea.robust)) && df > 0) {
    parts <- internal("lav_fit_catml_dwls")(fit)
    bounds(".robust", parts$XX3.scaled, parts$df3, scale = parts$c.hat3)
    measured$catml_chisq <- parts$XX3
    measured$catml_scale <- parts$c.hat3
    measured$catml_chisq_null <- parts$XX3.null
    measured$catml_scale_null <- parts$c.hat3.null
  }
  if (df == 0) measured$pvalue <- NA
  names(measured) <- gsub(".", "_", names(measured), fixed = TRUE)
  measured
}

test_entry <- function(test) {
  keys <- c(
    "test", "stat", "df", "pvalue", "stat.group", "scaling.factor", "shift.parameter",
    "scaling.factor.h0", "scaling.factor.h1", "trace.UGamma", "trace.UGamma2"
  )
  found <- filled(test[intersect(keys, names(test))])
  names(found) <- tolower(gsub(".", "_", names(found), fixed = TRUE))
  found
}

# --- One model ------------------------------------------------------------------------------------

# vcov at the polished point.  lavaan's observed information is a difference with absolute steps;
# the Hessian of the polishing is more accurate, and takes its place where it is the bread.
vcov_of <- function(fit, solution, name) {
  options <- fit@Options
  theirs <- unname(lavTech(fit, "vcov"))
  ours <- theirs
  plain <- options$information[1] == "observed" && options$observed.information[1] == "hessian"
  if (plain && options$se != "robust.sem") {
    n <- fit@SampleStats@ntotal
    bread <- covariance_matrix(solution$hessian, solution$jacobian, solution$unit, 1)
    ours <- switch(
      options$se, standard = bread / n,
      bread %*% unname(lavTech(fit, "information.first.order")) %*% bread / n
    )
  }
  se <- sqrt(pmax(diag(ours), 0))
  ok <- se > 1e-9 * solution$unit
  off <- max(abs(ours - theirs)[ok, ok] / outer(se, se)[ok, ok])
  if (off > 1e-4) stop(name, ": lavaan's covariance of the estimates differs by ", off)
  note_worst("vcov", off, name)
  ours
}

columns_of <- function(fit, default, solution, v, name, standardise = TRUE) {
  table <- as.data.frame(fit@ParTable, stringsAsFactors = FALSE)
  shown <- which(table$op %in% rows_shown)
  free <- which(table$free > 0)
  index <- table$free[free]
  se <- numeric(nrow(table))
  variance <- pmax(diag(v), 0)
  variance[sqrt(variance) < 1e-9 * solution$unit] <- 0
  se[free] <- sqrt(variance)[index]
  defined <- table$op == ":="
  if (any(defined)) {
    jacobian <- complex_jacobian(fit@Model@def.function, solution$x)
    se[defined] <- sqrt(pmax(diag(jacobian %*% v %*% t(jacobian)), 0))
  }
  est <- user_parameters(fit@Model)
  if (is.null(table$group)) table$group <- 1L
  columns <- c(
    as.list(table[c("lhs", "op", "rhs", "group", "label", "free", "exo")]),
    list(
      default = default@ParTable$est, est = est, se = se, z = ifelse(se > 0, est / se, NA),
      pvalue = 2 * pnorm(-abs(ifelse(se > 0, est / se, NA)))
    )
  )
  types <- if (standardise) c(lv = "lv", all = "all", nox = "all_nox") else character(0)
  for (type in names(types)) {
    s <- standardized_one(fit, types[[type]], solution$x, v, solution$unit)
    columns[[paste0("std_", type)]] <- s$est
    columns[[paste0("std_", type, "_se")]] <- s$se
  }
  if (standardise) {
    theirs <- suppressWarnings(standardizedSolution(fit))
    stopifnot(max(0, abs(theirs$est.std - columns$std_all[shown]), na.rm = TRUE) < 1e-7)
  }
  stopifnot(lengths(columns) == nrow(table))
  lapply(columns, function(x) unname(x[shown]))
}

by_group <- function(x) lapply(unname(x), function(m) {
  if (is.null(m)) NULL else if (is.matrix(m) && ncol(m) > 1) unname(unclass(m)) else as.numeric(m)
})

models <- list()
fits <- list()

arguments_of <- function(options) {
  given <- filled(options)
  names(given) <- gsub("_", ".", names(given))
  given
}

# Option names are those of a Python function; NULL leaves lavaan's default.
reference <- function(name, syntax, data, auto = "sem", missing = NULL, estimator = NULL,
                      group = NULL, group_equal = NULL, group_partial = NULL, fixed_x = NULL,
                      std_lv = NULL, meanstructure = NULL, information = NULL, se = NULL,
                      test = NULL, cluster = NULL, sampling_weights = NULL, ordered = NULL,
                      parameterization = NULL, observed_information = NULL, more = list(),
                      warns = NULL, vcov = TRUE, standardise = TRUE, moments = FALSE, how = NULL) {
  began <- proc.time()[[3]]
  frame <- datasets[[data]]
  options <- list(
    missing = missing, estimator = estimator, group = group, group_equal = group_equal,
    group_partial = group_partial, fixed_x = fixed_x, std_lv = std_lv,
    meanstructure = meanstructure, information = information, se = se, test = test,
    cluster = cluster, sampling_weights = sampling_weights, ordered = ordered,
    parameterization = parameterization, observed_information = observed_information
  )
  silent <- if (is.null(warns)) identity else suppressWarnings
  default <- silent(do.call(auto, c(
    list(model = syntax, data = frame, em.h1.tol = em_tolerance, em.h1.iter.max = 50000),
    arguments_of(options), more
  )))
  if (!lavInspect(default, "converged")) stop(name, ": lavaan did not converge")
  solution <- polish(default)
  fit <- silent(again_at(solution$x, default))
  stopifnot(abs(free_parameters(fit) - solution$x) < 1e-9 * pmax(abs(solution$x), solution$unit))
  least_squares <- fit@Options$estimator != "ML"
  if (!least_squares) {
    gain <- solution$loglik - default@loglik$loglik
    if (gain < (if (length(solution$jacobian)) -1e-3 else -1e-6) || gain > 1e-3) {
      stop(name, ": polishing moved the log-likelihood by ", gain)
    }
  }
  note_worst("moved", solution$moved, name)
  baseline <- polished_baseline(default)
  fit@baseline <- list(
    partable = baseline@ParTable, test = baseline@test
  )
  measures <- measures_of(fit, baseline, name)
  v <- vcov_of(fit, solution, name)
  fit@vcov$vcov <- v
  parameters <- columns_of(fit, default, solution, v, name, standardise)
  complete <- !fit@SampleStats@missing.flag
  means <- fit@Model@meanstructure
  effective <- fit@Options
  table <- as.data.frame(fit@ParTable)
  written <- table$op %in% c("==", "<", ">") & !grepl("^[.]p[0-9]+[.]$", table$lhs)
  fits[[name]] <<- list(fit = fit, baseline = baseline, solution = solution, default = default)
  models[[name]] <<- list(
    name = name, how = how, dataset = data, auto = auto, syntax = syntax, options = options,
    more = if (length(more)) more,
    effective = list(
      missing = if (complete) effective$missing else "fiml", estimator = effective$estimator,
      se = effective$se, test = I(effective$test), information = effective$information[1],
      h1_information = effective$h1.information[1],
      observed_information = effective$observed.information[1],
      fixed_x = isTRUE(effective$fixed.x) && any(table$exo == 1L),
      conditional_x = effective$conditional.x, meanstructure = means,
      parameterization = if (fit@Model@categorical) effective$parameterization
    ),
    warns = warns, n_free = length(solution$x), gradient = solution$norm,
    constraints = if (any(written)) as.list(table[written, c("lhs", "op", "rhs")]),
    group_labels = if (!is.null(group)) I(fit@Data@group.label),
    group_n = if (!is.null(group)) unlist(fit@SampleStats@nobs),
    logl_group = if (!least_squares && !is.null(group)) fit@loglik$loglik.group,
    parameters = parameters,
    rsquare = lapply(if (is.null(group)) list(lavInspect(fit, "rsquare")) else {
      unname(lavInspect(fit, "rsquare"))
    }, as.list),
    tests = unname(lapply(fit@test, test_entry)),
    baseline_tests = unname(lapply(baseline@test, test_entry)),
    fit = measures, variables = lavNames(fit, "ov"),
    implied_cov = if (moments) by_group(fit@implied$cov),
    implied_mean = if (moments && means) by_group(fit@implied$mean),
    h1_cov = if (moments && !complete) by_group(fit@h1$implied$cov),
    h1_mean = if (moments && !complete) by_group(fit@h1$implied$mean),
    vcov = if (vcov) signif(without_noise(v, pmax(sqrt(pmax(diag(v), 0)), 1e-9 * solution$unit)), 10)
  )
  cat(sprintf(
    "%-34s npar %3d df %5.5g  gradient %.0e  moved %.0e SE  %5.1f s\n", name,
    as.integer(measures$npar), measures$df, solution$norm, solution$moved, proc.time()[[3]] - began
  ))
  invisible(fit)
}
