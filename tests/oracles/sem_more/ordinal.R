# Ordered outcomes: thresholds, polychoric correlations, diagonally weighted least squares.

cat_items <- c(paste0("u", 1:3), paste0("v", 1:3))
measured <- lines("u =~ u1 + u2 + u3", "v =~ v1 + v2 + v3")
# lavaan's gradient (and with it the Jacobian of the moments, hence standard errors) is wrong where a
# continuous outcome predicts an ordered one under the delta parameterization: no such model is here.
check_gradient <- function(fit, solution, name) {
  problem <- problem_of(fit)
  x <- solution$x + 0.3 * solution$unit * sin(seq_along(solution$x)) * 0.1
  value <- function(x) matrix(internal("lav_model_objective")(
    lavmodel = problem$at(x), lavsamplestats = fit@SampleStats, lavdata = fit@Data,
    lavcache = fit@Cache
  ))
  found <- drop(central_jacobian(value, x, 1e-3 * solution$unit)) * solution$unit
  off <- max(abs(found - problem$gradient(x) * solution$unit))
  if (off > 1e-8) stop(name, ": lavaan's gradient is off by ", off)
  note_worst("gradient", off, name)
}
ordinal <- function(name, syntax = measured, ordered = cat_items, data = "likert",
                    estimator = "WLSMV", ..., statistics = FALSE) {
  reference(name, syntax, data, ordered = ordered, estimator = estimator, ...)
  fit <- fits[[name]]$fit
  check_gradient(fit, fits[[name]]$solution, name)
  moments <- lavTech(fit, "sampstat")
  if (!is.list(moments[[1]])) moments <- list(moments)
  models[[name]]$sample_statistics <<- lapply(unname(moments), function(m) {
    lapply(filled(m), function(x) if (is.matrix(x) && min(dim(x)) > 1) unname(unclass(x)) else as.numeric(x))
  })
  models[[name]]$threshold_names <<- I(unname(unlist(lavNames(fit, "th", group = 1))))
  models[[name]]$wls_v_diagonal <<- by_group(fit@SampleStats@WLS.VD)
  models[[name]]$wls_obs <<- by_group(lavTech(fit, "wls.obs"))
  if (statistics) {
    models[[name]]$gamma <<- lapply(lavTech(fit, "gamma"), function(m) signif(unname(m), 11))
  }
}
ordinal("wlsmv_cfa", auto = "cfa", statistics = TRUE, moments = TRUE)
ordinal("wlsmv_cfa_theta", auto = "cfa", parameterization = "theta", moments = TRUE)
ordinal("wlsmv_std_lv_equal", lines("u =~ l*u1 + l*u2 + l*u3", "v =~ v1 + m*v2 + m*v3"),
  auto = "cfa", std_lv = TRUE)
ordinal("wlsmv_binary", "b =~ b1 + b2 + b3 + b4", paste0("b", 1:4), auto = "cfa", statistics = TRUE)
ordinal("wlsmv_binary_theta", "b =~ b1 + b2 + b3 + b4", paste0("b", 1:4), auto = "cfa",
  parameterization = "theta")
ordinal("wlsmv_sem", lines(measured, "v ~ u", "w ~ c*v + d*u", "gap := c - d"), c(cat_items, "w"))
ordinal("wlsmv_sem_theta", lines(measured, "v ~ u", "w ~ c*v + d*u", "gap := c - d"),
  c(cat_items, "w"), parameterization = "theta")
ordinal("wlsmv_covariates", lines(measured, "v ~ b*u + x1", "u ~ a*x1 + x2", "ind := a*b"),
  moments = TRUE)
ordinal("wlsmv_covariates_theta", lines(measured, "v ~ b*u + x1", "u ~ a*x1 + x2", "ind := a*b"),
  parameterization = "theta")
ordinal("wlsmv_path", lines("u1 ~ x1 + x2", "t ~ b*u1 + x1", "v1 ~ u1 + x2"), c("u1", "t", "v1"),
  statistics = TRUE)
ordinal("wlsmv_path_one_outcome", "t ~ x1 + x2", "t")
ordinal("wlsmv_path_mixed", lines("c1 ~ x1 + x2", "t ~ c1 + x1", "b1 ~ t"), c("t", "b1"),
  parameterization = "theta", statistics = TRUE)
ordinal("wlsmv_mixed", lines("u =~ u1 + u2 + c1", "v =~ c2 + v1 + c3"), c("u1", "u2", "v1"),
  auto = "cfa", statistics = TRUE, moments = TRUE)
ordinal("wlsmv_mixed_covariates",
  lines("u =~ u1 + u2 + c1", "v =~ c2 + v1 + c3", "v ~ u + x1", "u ~ x1 + x2"),
  c("u1", "u2", "v1"))
grouped <- function(name, equal = NULL, ...) {
  ordinal(name, auto = "cfa", group = "arm", group_equal = equal, ...)
}
grouped("wlsmv_groups")
grouped("wlsmv_groups_loadings", "loadings")
grouped("wlsmv_groups_thresholds", c("thresholds", "loadings"), moments = TRUE)
grouped("wlsmv_groups_thresholds_theta", c("thresholds", "loadings"), parameterization = "theta",
  moments = TRUE)
grouped("wlsmv_groups_partial", c("thresholds", "loadings"), group_partial = c("u3 | t2", "u3 | t3"))
ordinal("wlsmv_groups_sem", lines(measured, "v ~ c(b1, b2)*u + x1", "gap := b1 - b2"),
  group = "arm", group_equal = c("thresholds", "loadings"), parameterization = "theta")
waves <- lines(
  "f1 =~ i1w1 + b*i2w1 + c*i3w1", "f2 =~ i1w2 + b*i2w2 + c*i3w2", "f3 =~ i1w3 + b*i2w3 + c*i3w3",
  sprintf("i%d%s | t%d_1*t1 + t%d_2*t2", rep(1:3, 3), rep(c("w1", "w2", "w3"), each = 3),
    rep(1:3, 3), rep(1:3, 3)),
  "i1w1 ~~ i1w2 + i1w3", "i1w2 ~~ i1w3", "i2w1 ~~ i2w2 + i2w3", "i2w2 ~~ i2w3",
  "i3w1 ~~ i3w2 + i3w3", "i3w2 ~~ i3w3", "f2 ~ s*f1", "f3 ~ s*f2", "f2 + f3 ~ 1"
)
ordinal("wlsmv_panel", waves, names(datasets$likert_panel), "likert_panel",
  parameterization = "theta")
ordinal("dwls_cfa", auto = "cfa", estimator = "DWLS")
ordinal("wlsm_cfa", auto = "cfa", estimator = "WLSM")
ordinal("ulsmv_cfa", auto = "cfa", estimator = "ULSMV")
ordinal("wlsmv_listwise", auto = "cfa", data = "likert_gaps")
ordinal("wlsmv_pairwise", auto = "cfa", data = "likert_gaps", missing = "pairwise")
ordinal("wlsmv_empty_cell", "f =~ z3 + z1 + z2 + z4 + z5", paste0("z", 1:5), "rare", auto = "cfa",
  warns = "the empty cell of z1 and z2 is the point", statistics = TRUE)

# Tests between nested models, and within one.
tests <- list()
add_test <- function(kind, ...) tests[[length(tests) + 1L]] <<- list(kind = kind, ...)
ordinal("wlsmv_tau", lines("u =~ u1 + 1*u2 + 1*u3", "v =~ v1 + v2 + v3"), auto = "cfa")
ratio <- function(names, a, shifted) {
  found <- lavTestLRT(fits[[names[1]]]$fit, fits[[names[2]]]$fit, method = "satorra.2000",
    A.method = a, scaled.shifted = shifted)
  add_test("likelihood_ratio", models = I(names), method = "satorra.2000", a_method = a,
    scaled_shifted = shifted,
    chisq = found$Chisq, difference = found[["Chisq diff"]][2],
    df_difference = found[["Df diff"]][2], pvalue = found[["Pr(>Chisq)"]][2])
}
pairs <- list(
  c("wlsmv_cfa", "wlsmv_tau"), c("wlsmv_groups", "wlsmv_groups_loadings"),
  c("wlsmv_groups_loadings", "wlsmv_groups_thresholds")
)
for (pair in pairs) for (a in c("delta", "exact")) for (shifted in c(TRUE, FALSE)) {
  if (a == "exact" && identical(pair, pairs[[3]])) next  # not nested parameter by parameter
  ratio(pair, a, shifted)
}
for (name in c("wlsmv_sem", "wlsmv_sem_theta")) {
  found <- lavTestWald(fits[[name]]$fit, "c == d")
  add_test("wald", model = name, tested = I("c == d"), stat = found$stat, df = found$df,
    pvalue = found$p.value)
}
for (name in c("wlsmv_cfa", "wlsmv_cfa_theta", "wlsmv_tau", "wlsmv_groups_thresholds",
  "wlsmv_covariates")) {
  table <- as.list(as.data.frame(unclass(modindices(fits[[name]]$fit))))
  add_test("modification_indices", model = name, table = lapply(table, I))
}

write_family(
  "ordinal",
  paste(
    "lavaan with ordered =. sample_statistics by group: th (thresholds, and minus the means of",
    "continuous variables where mixed), cov (polychoric, polyserial), with covariates res.*;",
    "wls_obs and wls_v_diagonal in lavaan's order (thresholds and means by variable, slopes,",
    "variances, correlations by column below the diagonal), gamma (NACOV) of the same for some.",
    "Estimates polished by Newton steps given lavaan's statistics."
  ),
  models, tests = tests
)
