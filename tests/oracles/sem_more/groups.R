# Several groups, maximum likelihood.

two <- lines("trust =~ t1 + t2 + t3", "learn =~ l1 + l2 + l3")
three_sites <- lines("a =~ a1 + a2 + a3", "b =~ b1 + b2 + b3")
programmes <- function(name, syntax = two, ...) {
  reference(name, syntax, "programmes", group = "programme", ...)
}
sites <- function(name, syntax = three_sites, ...) {
  reference(name, syntax, "sites", group = "site", ...)
}

ladder <- list(
  configural = NULL, loadings = "loadings", intercepts = c("loadings", "intercepts"),
  residuals = c("loadings", "intercepts", "residuals"),
  lv_variances = c("loadings", "intercepts", "residuals", "lv.variances"),
  lv_covariances = c("loadings", "intercepts", "residuals", "lv.variances", "lv.covariances"),
  means = c("loadings", "intercepts", "residuals", "lv.variances", "lv.covariances", "means")
)
for (step in names(ladder)) {
  programmes(
    paste0("programmes_", step), auto = "cfa", group_equal = ladder[[step]],
    moments = step %in% c("configural", "intercepts")
  )
}
programmes(
  "programmes_partial", auto = "cfa", group_equal = ladder$intercepts,
  group_partial = c("trust =~ t3", "l2 ~ 1")
)
programmes(
  "programmes_std_lv_loadings", auto = "cfa", group_equal = "loadings", std_lv = TRUE
)
programmes(
  "programmes_std_lv_intercepts", auto = "cfa", group_equal = ladder$intercepts, std_lv = TRUE
)
programmes(
  "programmes_without_means", auto = "cfa", group_equal = "loadings", meanstructure = FALSE,
  moments = TRUE
)
programmes(
  "programmes_residual_covariances", lines(two, "t1 ~~ l1", "t2 ~~ l3"), auto = "cfa",
  group_equal = c("loadings", "residual.covariances")
)
programmes(
  "programmes_observed", auto = "cfa", group_equal = ladder$intercepts, information = "observed"
)
programmes("programmes_labels", lines(
  "trust =~ t1 + c(u, u)*t2 + c(v1, v2)*t3", "learn =~ l1 + l2 + c(1, NA)*l3",
  "learn ~ c(b1, b2)*trust", "gap := b1 - b2", "ratio := v1 / v2"
))
programmes("programmes_regressions", lines(two, "learn ~ trust + tenure", "trust ~ tenure"),
  group_equal = c("loadings", "regressions"))
programmes("programmes_path", lines(
  "hours ~ t1 + tenure", "goal ~ c(b, b)*hours + l1 + c(d1, d2)*tenure", "gap := d1 - d2"
))
programmes("programmes_path_random_x", lines(
  "hours ~ t1 + tenure", "goal ~ c(b, b)*hours + l1 + c(d1, d2)*tenure", "gap := d1 - d2"
), fixed_x = FALSE)
programmes("programmes_path_means_equal", lines("hours ~ t1", "goal ~ hours"),
  group_equal = c("regressions", "intercepts", "residuals"), meanstructure = TRUE)
programmes("programmes_path_nonlinear", lines(
  "hours ~ c(a1, a2)*t1", "goal ~ c(b1, b2)*hours", "a1*b1 == a2*b2", "indirect := a1*b1"
))
sites("sites_configural", auto = "cfa")
sites("sites_loadings", auto = "cfa", group_equal = "loadings")
sites("sites_intercepts", auto = "cfa", group_equal = ladder$intercepts, moments = TRUE)
sites("sites_partial", auto = "cfa", group_equal = ladder$residuals,
  group_partial = c("a =~ a3", "a3 ~ 1", "b1 ~~ b1"))
sites("sites_means", auto = "cfa", group_equal = c("loadings", "intercepts", "means"))
sites("sites_labels", lines(
  "a =~ a1 + c(p, p, q)*a2 + a3", "b =~ b1 + b2 + b3", "b ~ c(r, s, s)*a", "r == 2*s"
))
sites("sites_labels_two_of_three", lines(
  "a =~ a1 + c(NA, 1, NA)*a2 + a3", "b =~ NA*b1 + c(1, 1, 1)*b2 + b3",
  "a1 ~~ c(e, e, e)*a1"
), auto = "cfa", group_equal = "intercepts")
reference("programmes_fiml_configural", two, "programmes_mar", auto = "cfa", group = "programme",
  missing = "fiml", moments = TRUE)
reference("programmes_fiml_intercepts", two, "programmes_mar", auto = "cfa", group = "programme",
  missing = "fiml", group_equal = ladder$intercepts, moments = TRUE)
reference("programmes_fiml_expected", two, "programmes_mar", auto = "cfa", group = "programme",
  missing = "fiml", group_equal = "loadings", information = "expected")
reference("programmes_fiml_path", lines("l1 ~ c(b, b)*t1 + tenure", "goal ~ l1 + t2 + tenure"),
  "programmes_mar", group = "programme", missing = "fiml", fixed_x = FALSE)
reference("programmes_fiml_path_fixed_x", lines("l1 ~ c(b, b)*t1 + tenure", "goal ~ l1 + tenure"),
  "programmes_mar", group = "programme", missing = "fiml", fixed_x = TRUE,
  warns = "rows that miss a fixed predictor are dropped")
reference("programmes_listwise", two, "programmes_mar", auto = "cfa", group = "programme",
  group_equal = "loadings")

# Random-intercept cross-lagged panel models; the same label in every wave, or in both groups.
dynamics <- function(label) unlist(lapply(2:4, function(t) c(
  sprintf("wx%d ~ %s*wx%d + %s*wy%d", t, label("sx", t), t - 1, label("cy", t), t - 1),
  sprintf("wy%d ~ %s*wy%d + %s*wx%d", t, label("sy", t), t - 1, label("cx", t), t - 1),
  sprintf("wx%d ~~ wy%d", t, t)
)))
riclpm <- function(label) lines(
  "ix =~ 1*x1 + 1*x2 + 1*x3 + 1*x4", "iy =~ 1*y1 + 1*y2 + 1*y3 + 1*y4",
  sprintf("wx%d =~ 1*x%d", 1:4, 1:4), sprintf("wy%d =~ 1*y%d", 1:4, 1:4), dynamics(label),
  "wx1 ~~ wy1", sprintf("x%d ~~ 0*x%d", 1:4, 1:4), sprintf("y%d ~~ 0*y%d", 1:4, 1:4),
  "ix ~~ iy + 0*wx1 + 0*wy1", "iy ~~ 0*wx1 + 0*wy1"
)
waves_equal <- riclpm(function(name, t) sprintf("c(%s_old, %s_new)", name, name))
all_equal <- riclpm(function(name, t) sprintf("c(%s, %s)", name, name))
reference("riclpm_teams", lines(waves_equal, "difference := cx_old - cx_new"), "teams",
  group = "team", vcov = FALSE)
reference("riclpm_teams_equal", all_equal, "teams", group = "team", vcov = FALSE)
reference("riclpm_teams_regressions", riclpm(function(name, t) "c(NA, NA)"), "teams", group = "team",
  group_equal = "regressions", vcov = FALSE)
reference("riclpm_teams_fiml", all_equal, "teams_mar", group = "team", missing = "fiml",
  vcov = FALSE)

write_family(
  "groups",
  paste(
    "lavaan with group = and maximum likelihood, polished by Newton steps (gradient per standard",
    "error of one observation). parameters, vcov (in the order of free) and rsquare, implied_cov by",
    "group in the order of group_labels; tests[0].stat_group is each group's part of chi-square."
  ),
  models
)
