# Second opinions: the same models in nlme, lme4 with lmerTest and pbkrtest, and glmmTMB.

limits <- c(
  loglik = 1e-6, coef = 1e-6, se = 1e-6, covariance = 1e-5, df = 1e-3, kr_se = 1e-5, kr_df = 1e-3,
  glmmTMB = 1e-3
)
worst <- new.env()
# Largest |difference| relative to the larger of 1 and |value| (df: relative to df, over 1 only).
compare <- function(fit, package, what, ours, theirs, limit = limits[[what]]) {
  ours <- as.numeric(ours)
  theirs <- as.numeric(theirs)
  stopifnot(length(ours) == length(theirs), length(ours) > 0)
  off <- max(abs(ours - theirs) / pmax(1, abs(theirs)))
  key <- paste(package, what)
  fit$checks[[package]][[what]] <- signif(off, 2)
  if (is.null(worst[[key]]) || off > worst[[key]]$value) {
    worst[[key]] <- list(value = off, name = fit$name)
  }
  if (!(off < limit)) stop(fit$name, ": ", key, " differs by ", off, "\n  ",
    toString(signif(ours, 9)), "\n  ", toString(signif(theirs, 9)))
  fit
}
frame_of <- function(fit) fit$problem$frame
marginal_v <- function(fit) {
  lapply(fit$problem$clusters, function(k) covariance_of(k, fit$best$psi, fit$problem$spec)$v)
}
control_gls <- function() nlme::glsControl(
  tolerance = 1e-12, msTol = 1e-12, maxIter = 500, msMaxIter = 1000
)
check_gls <- function(fit, correlation = NULL, weights = NULL, limit = limits) {
  found <- do.call(nlme::gls, filled(list(
    model = as.formula(fit$spec$formula), data = frame_of(fit), correlation = correlation,
    weights = weights, method = fit$spec$method, control = control_gls()
  )))
  fit <- compare(fit, "nlme_gls", "loglik", fit$loglik, logLik(found))
  fit <- compare(fit, "nlme_gls", "coef", fit$coef, coef(found), 2e-5)
  scale <- if (fit$spec$method == "ML") { # gls gives ML standard errors the factor N / (N - p)
    n <- nrow(fit$problem$x)
    sqrt((n - ncol(fit$problem$x)) / n)
  } else 1
  compare(fit, "nlme_gls", "se", fit$se, sqrt(diag(vcov(found))) * scale, 5e-5)
}
check_lme <- function(fit, random, correlation = NULL, weights = NULL) {
  found <- do.call(nlme::lme, filled(list(
    fixed = as.formula(fit$spec$formula), data = frame_of(fit), random = random,
    correlation = correlation, weights = weights, method = fit$spec$method,
    control = nlme::lmeControl(
      tolerance = 1e-12, msTol = 1e-12, maxIter = 500, msMaxIter = 1000, niterEM = 50
    )
  )))
  fit <- compare(fit, "nlme_lme", "loglik", fit$loglik, logLik(found))
  fit <- compare(fit, "nlme_lme", "coef", fit$coef, nlme::fixef(found), 1e-5)
  compare(fit, "nlme_lme", "se", fit$se, sqrt(diag(vcov(found))), 5e-5)
}
# bobyqa may stop early: started again from where it stopped (moved a little), until nothing is gained.
tight_lmer <- function(formula, frame, reml) {
  run <- function(start = NULL) suppressMessages(suppressWarnings(lmerTest::lmer(  # (over-parameterised)
    as.formula(formula), frame, REML = reml, start = start, control = lme4::lmerControl(
      "bobyqa", check.nobs.vs.nRE = "ignore", check.nobs.vs.nlev = "ignore",
      check.conv.singular = "ignore", optCtrl = list(rhoend = 1e-10, maxfun = 1e5)
    )
  )))
  best <- run()
  for (again in 1:6) {
    theta <- lme4::getME(best, "theta")
    moved <- theta + 0.1 * (again %% 2) * (-1)^seq_along(theta) * pmax(abs(theta), 0.3)
    new <- run(pmax(moved, lme4::getME(best, "lower")))
    gain <- as.numeric(logLik(new)) - as.numeric(logLik(best))
    if (gain > 0) best <- new
    if (abs(gain) < 1e-9) break
  }
  best
}
# The residual covariance is a random part of one level per row: over-parameterised by the residual.
check_lmer <- function(fit, random, df = TRUE) {
  frame <- frame_of(fit)
  if (!is.null(frame$sign)) frame$sign <- as.numeric(frame$sign)
  found <- tight_lmer(paste(fit$spec$formula, "+", random), frame, fit$problem$reml)
  fit <- compare(fit, "lme4", "loglik", fit$loglik, logLik(found))
  fit <- compare(fit, "lme4", "coef", fit$coef, lme4::fixef(found), 1e-5)
  fit <- compare(fit, "lme4", "se", fit$se, sqrt(diag(as.matrix(vcov(found)))), 1e-5)
  v <- lme4::getME(found, "Lambdat") %*% lme4::getME(found, "Zt")
  s <- sigma(found)^2
  ours <- marginal_v(fit)
  theirs <- lapply(fit$problem$clusters, function(k) {
    part <- v[, k$rows, drop = FALSE]
    as.matrix(s * (Matrix::crossprod(part) + Matrix::Diagonal(length(k$rows))))
  })
  fit <- compare(fit, "lme4", "covariance", unlist(ours), unlist(theirs), 1e-4)
  if (df) {
    table <- suppressWarnings(coef(summary(found)))
    fit <- compare(fit, "lmerTest", "df", fit$df, table[, "df"])
    for (k in seq_along(fit$contrasts)) {
      L <- do.call(rbind, fit$contrasts[[k]]$L)
      test <- suppressWarnings(lmerTest::contestMD(found, L))
      fit <- compare(fit, "lmerTest", "contrast_f", fit$contrasts[[k]]$f, test[["F value"]], 1e-4)
      fit <- compare(fit, "lmerTest", "contrast_ddf", fit$contrasts[[k]]$ddf, test$DenDF, 1e-3)
    }
  }
  if (!is.null(fit$kenward_roger)) fit <- check_pbkrtest(fit, found)
  fit
}
check_pbkrtest <- function(fit, found) {
  adjusted <- suppressWarnings(pbkrtest::vcovAdj(found))
  kr <- fit$kenward_roger
  fit <- compare(fit, "pbkrtest", "kr_se", kr$se, sqrt(diag(as.matrix(adjusted))))
  phi <- vcov(found)
  p <- length(fit$coef)
  df <- vapply(seq_len(p), function(k) {
    pbkrtest::ddf_Lb(adjusted, as.numeric(seq_len(p) == k), phi)
  }, 0)
  fit <- compare(fit, "pbkrtest", "kr_df", kr$df, df)
  for (k in seq_along(fit$contrasts)) {
    L <- do.call(rbind, fit$contrasts[[k]]$L)
    test <- suppressWarnings(pbkrtest::KRmodcomp(found, L))$test
    fit <- compare(fit, "pbkrtest", "contrast_f", fit$contrasts[[k]]$kr$f, test["Ftest", "stat"], 1e-4)
    fit <- compare(fit, "pbkrtest", "contrast_ddf", fit$contrasts[[k]]$kr$ddf, test["Ftest", "ddf"], 1e-3)
  }
  fit
}
check_tmb <- function(fit, random, dispersion = "~ 0") {
  # (It warns of "false convergence" near its tolerance; how near it came is what is looked at.)
  found <- suppressMessages(suppressWarnings(glmmTMB::glmmTMB(
    as.formula(paste(fit$spec$formula, "+", random)), frame_of(fit), REML = fit$problem$reml,
    dispformula = as.formula(dispersion)
  )))
  off <- limits[["glmmTMB"]]
  fit <- compare(fit, "glmmTMB", "loglik", fit$loglik, logLik(found), off)
  fit <- compare(fit, "glmmTMB", "coef", fit$coef, glmmTMB::fixef(found)$cond, off)
  compare(fit, "glmmTMB", "se", fit$se, sqrt(diag(vcov(found)$cond)), 5e-3)
}
check_lm <- function(fit) {
  found <- lm(as.formula(fit$spec$formula), frame_of(fit))
  table <- coef(summary(found))
  n <- nrow(fit$problem$x)
  p <- length(fit$coef)
  fit <- compare(fit, "lm", "loglik", fit$loglik, logLik(found, REML = fit$problem$reml))
  fit <- compare(fit, "lm", "coef", fit$coef, table[, 1])
  scale <- if (fit$problem$reml) 1 else sqrt((n - p) / n)
  fit <- compare(fit, "lm", "se", fit$se, table[, 2] * scale)
  if (fit$problem$reml) fit <- compare(fit, "lm", "df", fit$df, rep(n - p, p), 1e-6)
  fit
}
