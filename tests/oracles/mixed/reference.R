# One fit: specification, maximum, inference, checks; and its entry in the JSON.

filled <- function(x) x[!vapply(x, is.null, TRUE)]
residual_un <- function(role = "role", unit = "dyad") {
  list(structure = "unstructured", role = role, unit = unit)
}
residual_cs <- function(person = "person", unit = "dyad") {
  list(structure = "compound_symmetry", person = person, unit = unit)
}
residual_ind <- function(unit = "dyad") list(structure = "independent", unit = unit)
residual_diag <- function(role = "role", unit = "dyad") {
  list(structure = "diagonal", role = role, unit = unit)
}
term <- function(formula, group, structure = "unstructured", ...) {
  filled(list(formula = formula, group = group, structure = structure, ...))
}

fits <- list()
fit <- function(name, dataset, formula, residual, method = "REML", random = list(),
                heteroscedastic = NULL, serial = NULL, cluster = residual$unit[1], contrasts = list(),
                kr = FALSE, blup = FALSE, gradient_check = FALSE) {
  started <- proc.time()[[3]]
  spec <- list(
    name = name, dataset = dataset, formula = formula, method = method, residual = residual,
    random = random, heteroscedastic = heteroscedastic, serial = serial, cluster = cluster
  )
  problem <- prepare(spec, datasets[[dataset]])
  best <- maximise(problem)
  at <- diag(length(best$beta))
  out <- list(
    name = name, spec = spec, problem = problem, best = best, loglik = -best$deviance / 2,
    coef = best$beta, se = sqrt(diag(best$phi)), checks = list(),
    df = apply(at, 1, function(l) satterthwaite(best, l))
  )
  if (kr) {
    found <- kenward_roger(problem, best)
    out$kr <- found
    out$kenward_roger <- list(
      se = sqrt(diag(found$adjusted)), vcov = found$adjusted,
      df = apply(at, 1, function(l) kr_test(best, found, t(l))$ddf)
    )
  }
  for (key in names(contrasts)) {
    L <- contrasts[[key]]
    out$contrasts[[key]] <- c(
      list(name = key, L = lapply(seq_len(nrow(L)), function(i) L[i, ])), fai_cornelius(best, L),
      if (kr) list(kr = kr_test(best, out$kr, L))
    )
  }
  if (blup) out$blup <- blups(problem, best)
  numeric_gradient <- numDeriv::grad(function(x) evaluate(problem, best$map(x))$deviance, best$x)
  numeric_hessian <- numDeriv::jacobian(function(x) {
    j <- if (identical(best$map(x), x)) diag(length(x)) else numDeriv::jacobian(best$map, x)
    drop(crossprod(j, evaluate(problem, best$map(x), 1)$gradient))
  }, best$x)
  unit <- sqrt(diag(2 * solve(best$h)))
  out <- compare(out, "dense", "numeric_gradient", numeric_gradient * unit, best$g * unit, 1e-5)
  out <- compare(out, "dense", "numeric_hessian", numeric_hessian * outer(unit, unit),
    best$h * outer(unit, unit), 1e-4)
  cat(sprintf("%-36s %-4s %14.6f  %5.1fs\n", name, method, out$loglik, proc.time()[[3]] - started))
  out
}
keep <- function(x) {
  stopifnot(!(x$name %in% names(fits)))
  fits[[x$name]] <<- x
  invisible(x)
}
# REML and ML fits of the same model, each with the same checks.
both <- function(name, ..., checks = identity, reml = list(), methods = c("REML", "ML")) {
  for (method in methods) {
    extra <- if (method == "REML") reml else list()
    keep(checks(do.call(fit, c(list(
      name = paste0(name, "_", tolower(method)), ..., method = method
    ), extra))))
  }
}
named <- function(x) as.list(x)
rows_of <- function(m) lapply(seq_len(nrow(m)), function(i) unname(m[i, ]))
entry <- function(x) {
  p <- x$problem
  best <- x$best
  spec <- x$spec
  psi <- setNames(best$psi, p$names)
  a <- 2 * solve(best$h)
  ranked <- !isTRUE(all.equal(best$x, best$psi))
  matrices <- list()
  at <- 0
  for (t in seq_along(spec$random)) {
    values <- best$psi[at + seq_len(p$counts[t])]
    at <- at + p$counts[t]
    q <- p$random_size[t]
    names <- colnames(model.matrix(as.formula(spec$random[[t]]$formula), p$frame))
    matrices[[t]] <- list(names = I(names), matrix = switch(spec$random[[t]]$structure,
      diagonal = rows_of(diag(values, q)),
      exchangeable = NULL,
      rows_of(from_vech(values, q))
    ))
    if (spec$random[[t]]$structure == "exchangeable") {
      m <- q * (q + 1) / 2
      matrices[[t]]$same <- rows_of(from_vech(values[seq_len(m)], q))
      matrices[[t]]$different <- rows_of(from_vech(values[m + seq_len(m)], q))
    }
  }
  drop_names <- function(s) s[setdiff(names(s), c("name"))]
  filled(c(drop_names(list(
    dataset = spec$dataset
  ))[0], list(
    name = x$name, dataset = spec$dataset, formula = spec$formula, method = spec$method,
    residual = lapply(spec$residual, function(v) if (length(v) > 1) I(v) else v),
    heteroscedastic = spec$heteroscedastic, serial = spec$serial,
    random = if (length(spec$random)) lapply(spec$random, function(t) lapply(t, function(v) v)),
    n = length(p$y), n_clusters = length(p$clusters), rows = if (length(p$rows) < nrow(datasets[[spec$dataset]])) p$rows - 1L,
    n_parameters = length(x$coef) + length(best$x), loglik = x$loglik, minus2loglik = -2 * x$loglik,
    columns = I(names(x$coef)), coef = I(unname(x$coef)), se = I(unname(x$se)), vcov = rows_of(best$phi),
    df = I(unname(x$df)), covariance = named(psi),
    covariance_se = if (!ranked) setNames(as.list(sqrt(diag(a))), p$names),
    covariance_vcov = if (!ranked) rows_of(a),
    G = if (length(matrices)) matrices,
    gradient = signif(best$size, 2),
    kenward_roger = if (!is.null(x$kenward_roger)) list(
      se = I(unname(x$kenward_roger$se)), vcov = rows_of(x$kenward_roger$vcov), df = I(unname(x$kenward_roger$df))
    ),
    contrasts = if (length(x$contrasts)) unname(x$contrasts),
    random_effects = if (!is.null(x$blup) && length(x$blup$effects)) lapply(x$blup$effects, function(e) {
      e$values <- rows_of(e$values)
      e
    }),
    fitted = if (!is.null(x$blup)) I(unname(x$blup$fitted)),
    fitted_conditional = if (!is.null(x$blup)) I(unname(x$blup$conditional)),
    checks = x$checks
  )))
}
