# The ladder as lavaan syntax, and the steps with what each costs.
#
# One dyadic model has a factor for each place (role, wave, or both).  "fixed": the first factor has
# variance 1 and mean 0; the others too, until equal loadings free their variances and equal
# intercepts their means.  "marker": the first item's loading is 1 in every place; means as before.
# Residuals of one item are correlated across all places.

steps <- c("configural", "loadings", "intercepts", "residuals", "variances", "means")

ladder_model <- function(places, step, free = list(), marker = FALSE) {
  reached <- match(step, steps)
  equal <- function(kind) match(kind, steps) <= reached
  label <- function(kind, item, letter) {
    if (equal(kind) && !(item %in% free[[kind]])) paste0(letter, item, "*") else ""
  }
  out <- character(0)
  for (f in names(places)) {
    y <- places[[f]]
    terms <- vapply(seq_along(y), function(i) {
      if (marker && i == 1) return(paste0("1*", y[i]))
      l <- label("loadings", i, "l")
      paste0("NA*", y[i], if (nchar(l)) paste0(" + ", l, y[i]))
    }, "")
    out <- c(out, paste(f, "=~", paste(terms, collapse = " + ")))
  }
  for (y in places) for (i in seq_along(y)) {
    out <- c(
      out, paste0(y[i], " ~ ", label("intercepts", i, "t"), "1"),
      paste0(y[i], " ~~ ", label("residuals", i, "e"), y[i])
    )
  }
  for (k in seq_along(places)) {
    f <- names(places)[k]
    variance <- if (equal("variances")) (if (marker) "v*" else "1*") else if (marker) "" else
      if (k > 1 && equal("loadings")) "NA*" else "1*"
    mean <- if (k > 1 && equal("intercepts") && !equal("means")) "NA*" else "0*"
    out <- c(out, paste0(f, " ~~ ", variance, f), paste0(f, " ~ ", mean, "1"))
  }
  pairs <- combn(length(places), 2)
  for (p in seq_len(ncol(pairs))) {
    one <- pairs[1, p]
    two <- pairs[2, p]
    out <- c(
      out, paste(names(places)[one], "~~", names(places)[two]),
      paste(places[[one]], "~~", places[[two]])
    )
  }
  lines(out)
}

# --- Fitting --------------------------------------------------------------------------------------

# ML and MLR have one discrepancy, hence one solution: it is polished once, and checked to be one.
polish_anew <- polish
solutions <- new.env()
solution_key <- NULL
polish <- function(fit, ...) {
  key <- solution_key
  solution_key <<- NULL
  if (is.null(key)) return(polish_anew(fit, ...))
  if (is.null(solutions[[key]])) solutions[[key]] <- polish_anew(fit, ...)
  found <- solutions[[key]]
  z <- null_space(found$jacobian %*% diag(found$unit), length(found$x))
  gradient <- drop(crossprod(z, problem_of(fit)$gradient(found$x) * found$unit))
  if (max(abs(gradient)) > 1e-10) stop(key, ": not the solution of this model")
  found
}
estimators <- list(
  ml = list(estimator = "ML"), mlr = list(estimator = "MLR"),
  fiml = list(estimator = "ML", missing = "fiml"),
  mlr_fiml = list(estimator = "MLR", missing = "fiml")
)
fitted_step <- function(name, syntax, data, estimator, ...) {
  arguments <- c(list(name, syntax, data, vcov = FALSE, standardise = FALSE), estimators[[estimator]])
  solution_key <<- paste(c(syntax, data, estimators[[estimator]]$missing, unlist(list(...))),
    collapse = "; ")
  do.call(reference, c(arguments, list(...)))
}

# Each step against the one before.
comparisons <- list()
compared <- function(narrow, wide, method = "default", ...) {
  found <- suppressWarnings(  # (a negative scaled difference is said aloud)
    lavTestLRT(fits[[wide]]$fit, fits[[narrow]]$fit, method = method, ...)
  )
  pick <- function(key) models[[narrow]]$fit[[key]] - models[[wide]]$fit[[key]]
  of <- function(keys) {
    present <- keys[keys %in% names(models[[narrow]]$fit) & keys %in% names(models[[wide]]$fit)]
    sapply(present, pick, simplify = FALSE)
  }
  entry <- list(
    wide = wide, narrow = narrow, method = method, difference = found[["Chisq diff"]][2],
    df = found[["Df diff"]][2], pvalue = found[["Pr(>Chisq)"]][2],
    change = of(c(
      "cfi", "tli", "rmsea", "srmr", "aic", "bic", "cfi_scaled", "tli_scaled", "rmsea_scaled",
      "cfi_robust", "tli_robust", "rmsea_robust"
    ))
  )
  tests <- lapply(list(wide, narrow), function(k) fits[[k]]$fit@test)
  if (length(tests[[1]]) > 1 && !fits[[wide]]$fit@Model@categorical) {
    # Satorra & Bentler (2001), by formula.
    df <- vapply(tests, function(t) t[[1]]$df, 0)
    c <- vapply(tests, function(t) t[[2]]$scaling.factor, 0)
    chisq <- vapply(tests, function(t) t[[1]]$stat, 0)
    entry$scaling_factor <- (df[2] * c[2] - df[1] * c[1]) / (df[2] - df[1])
    entry$unscaled <- chisq[2] - chisq[1]
    off <- abs(entry$unscaled / entry$scaling_factor / entry$difference - 1)
    if (off > 1e-8) stop(narrow, ": lavaan's scaled difference is another one, by ", off)
  }
  comparisons[[length(comparisons) + 1L]] <<- entry
}

# All steps of a family under one estimator; the marker variable's chi-squares must be the same.
climb <- function(family, places, data, estimator, marker = FALSE) {
  key <- function(step, ...) paste(c(family, estimator, step, ...), collapse = "_")
  for (k in seq_along(steps)) {
    fitted_step(key(steps[k]), ladder_model(places, steps[k]), data, estimator, auto = "lavaan")
    if (marker) {
      fitted_step(key(steps[k], "marker"), ladder_model(places, steps[k], marker = TRUE), data,
        estimator, auto = "lavaan")
      same_chisq(key(steps[k]), key(steps[k], "marker"))
    }
    if (k > 1) compared(key(steps[k]), key(steps[k - 1]))
  }
}
same_chisq <- function(one, two) {
  off <- abs(models[[one]]$fit$chisq - models[[two]]$fit$chisq)
  if (off > 1e-7 || models[[one]]$fit$df != models[[two]]$fit$df) {
    stop(one, " and ", two, " differ by ", off)
  }
  note_worst("same chi-square", off, two)
}
