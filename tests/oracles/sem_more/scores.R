# Factor scores, casewise log-likelihoods, auxiliary variables, influence of single rows.

scores <- list()
two <- lines("trust =~ t1 + t2 + t3", "learn =~ l1 + l2 + l3")
score_model <- function(name, ..., bartlett = TRUE) {
  reference(name, ..., vcov = FALSE)
  fit <- fits[[name]]$fit
  several <- function(x) if (is.list(x)) x else list(x)
  entry <- list(model = name, latent = I(lavNames(fit, "lv")),
    rows = lapply(several(lavInspect(fit, "case.idx")), as.integer))
  for (method in c("regression", if (bartlett) "bartlett")) {
    found <- lavPredict(fit, method = method, se = "standard")
    errors <- several(attr(found, "se"))
    entry[[method]] <- lapply(several(found), function(m) unname(unclass(m))[, , drop = FALSE])
    entry[[method]] <- lapply(entry[[method]], function(m) { attributes(m) <- list(dim = dim(m)); m })
    entry[[paste0(method, "_se")]] <- lapply(errors, unname)
  }
  likelihoods <- several(lavInspect(fit, "loglik.casewise"))
  stopifnot(abs(sum(unlist(likelihoods), na.rm = TRUE) - fitMeasures(fit, "logl")) < 1e-7)
  entry$loglik <- lapply(likelihoods, as.numeric)
  for (key in names(entry)) if (is.list(entry[[key]])) names(entry[[key]]) <- NULL
  scores[[length(scores) + 1L]] <<- entry
}
score_model("scores_cfa", two, "programmes", auto = "cfa")
score_model("scores_cfa_means", two, "programmes", auto = "cfa", meanstructure = TRUE)
score_model("scores_groups", two, "programmes", auto = "cfa", group = "programme",
  group_equal = c("loadings", "intercepts"))
score_model("scores_regression", lines(two, "learn ~ trust"), "programmes")
score_model("scores_fiml", two, "programmes_mar", auto = "cfa", missing = "fiml")
score_model("scores_fiml_groups", two, "programmes_mar", auto = "cfa", missing = "fiml",
  group = "programme", group_equal = c("loadings", "intercepts"))

# Casewise log-likelihoods of models without latent variables, with fixed and random predictors.
casewise <- list()
casewise_model <- function(name, ...) {
  reference(name, ..., vcov = FALSE)
  fit <- fits[[name]]$fit
  l <- lavInspect(fit, "loglik.casewise")
  if (!is.list(l)) l <- list(l)
  casewise[[length(casewise) + 1L]] <<- list(
    model = name, loglik = unname(lapply(l, as.numeric)),
    rows = unname(lapply(fit@Data@case.idx, as.integer)), total = sum(unlist(l), na.rm = TRUE),
    logl = fitMeasures(fit, "logl")[[1]]
  )
}
path <- lines("hours ~ t1 + tenure", "goal ~ hours + t1")
casewise_model("casewise_fixed_x", path, "programmes", meanstructure = TRUE)
casewise_model("casewise_random_x", path, "programmes", fixed_x = FALSE, meanstructure = TRUE)
casewise_model("casewise_fiml", lines("l1 ~ t1 + t2", "goal ~ l1"), "programmes_mar",
  missing = "fiml", fixed_x = FALSE)
casewise_model("casewise_groups", path, "programmes", group = "programme")

# Auxiliary variables: saturated correlates (semTools::cfa.auxiliary and sem.auxiliary).
auxiliary <- list()
auxiliary_model <- function(name, syntax, data, aux, auto, warns = NULL, ...) {
  runner <- getExportedValue("semTools", paste0(auto, ".auxiliary"))
  silent <- if (is.null(warns)) identity else suppressWarnings
  default <- silent(runner(syntax, datasets[[data]], aux = aux, em.h1.tol = 1e-11,
    em.h1.iter.max = 50000, ...))
  solution <- polish(default)
  fit <- silent(again_at(solution$x, default))
  v <- vcov_of(fit, solution, name)
  fit@vcov$vcov <- v
  baseline <- default@external$baseline.model
  again <- again_at(polish(baseline)$x, baseline)
  chisq0 <- again@test[[1]]$stat
  df0 <- again@test[[1]]$df
  chisq <- fit@test[[1]]$stat
  df <- fit@test[[1]]$df
  free_baseline <- with(as.data.frame(baseline@ParTable), paste(lhs, op, rhs)[free > 0])
  entry <- list(
    name = name, dataset = data, auto = auto, syntax = syntax, auxiliary = I(aux),
    options = list(...), parameters = columns_of(fit, default, solution, v, name, FALSE),
    tests = unname(lapply(fit@test, test_entry)), baseline_tests = unname(lapply(again@test, test_entry)),
    baseline_free = I(free_baseline),
    fit = list(
      npar = fit@optim$npar, logl = solution$loglik, chisq = chisq, df = df,
      baseline_chisq = chisq0, baseline_df = df0,
      cfi = 1 - max(chisq - df, 0) / max(chisq - df, chisq0 - df0, 0),
      tli = 1 - (chisq - df) * df0 / ((chisq0 - df0) * df)
    )
  )
  auxiliary[[length(auxiliary) + 1L]] <<- entry
  cat(sprintf("%-34s npar %3d df %3d baseline df %d\n", name, entry$fit$npar, df, df0))
}
auxiliary_model("auxiliary_cfa", two, "programmes_mar", c("hours", "tenure"), "cfa")
auxiliary_model("auxiliary_path", lines("goal ~ a*l1", "l1 ~ b*t1", "ind := a*b"),
  "programmes_mar", c("t2", "hours"), "sem")
auxiliary_model("auxiliary_mlr", two, "programmes_mar", "hours", "cfa", estimator = "MLR")

# Influence: each row left out in turn, refitted and polished; d = full minus left out.
# gcd: d' V(left out)^-1 d (Pek and MacCallum 2011); gcd_full: with V of the full sample; ld:
# 2 (L(full) - L(left out)) of the likelihood of all rows; chisq: that of the fit without the row.
influence <- list()
influence_of <- function(name, syntax, data, ...) {
  reference(name, syntax, data, ...)
  full <- fits[[name]]$solution
  fit <- fits[[name]]$fit
  frame <- datasets[[data]]
  problem <- problem_of(fits[[name]]$default)
  v_full <- vcov_of(fit, full, name)
  given <- arguments_of(list(...)[setdiff(names(list(...)), "auto")])
  rows <- lapply(seq_len(nrow(frame)), function(i) {
    part <- do.call("sem", c(list(model = syntax, data = frame[-i, ], em.h1.tol = 1e-11,
      em.h1.iter.max = 50000, warn = FALSE), given))
    s <- polish(part)
    again <- again_at(s$x, part, list(warn = FALSE))
    v <- vcov_of(again, s, paste(name, i))
    d <- full$x - s$x
    list(est = s$x, gcd = drop(d %*% solve(v, d)), gcd_full = drop(d %*% solve(v_full, d)),
      ld = 2 * (full$loglik - problem$loglik(s$x)), chisq = again@test[[1]]$stat,
      std_change = d / sqrt(diag(v)))
  })
  all <- function(key) do.call(rbind, lapply(rows, `[[`, key))
  influence[[length(influence) + 1L]] <<- list(
    model = name, estimates = unname(all("est")), gcd = drop(all("gcd")),
    gcd_full = drop(all("gcd_full")), likelihood_distance = drop(all("ld")),
    chisq = drop(all("chisq")), standardized_change = unname(all("std_change"))
  )
}
influence_of("influence_path", lines("y ~ e1 + e2", "e1 ~ e3"), "small", meanstructure = TRUE,
  fixed_x = FALSE)
influence_of("influence_cfa", lines("e =~ e1 + e2 + e3 + e4", "y ~ e"), "small",
  meanstructure = TRUE, information = "observed")
influence_of("influence_fiml", lines("y ~ e1 + e2", "e1 ~ e3"), "small_gaps", missing = "fiml",
  fixed_x = FALSE)

write_family(
  "scores",
  paste(
    "scores: lavPredict by group in the order of rows (1-based rows of the data): regression and",
    "bartlett with their errors, and casewise log-likelihoods; casewise: the latter of paths;",
    "auxiliary: semTools' saturated correlates with its own baseline; influence: leave one out."
  ),
  models, scores = scores, casewise = casewise, auxiliary = auxiliary, influence = influence
)
