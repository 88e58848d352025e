# Robust standard errors and tests: MLR, MLM, and variations of the information.

items <- lines("p =~ p1 + p2 + p3", "q =~ q1 + q2 + q3")
outcome <- lines(items, "out ~ p + q + age", "q ~ p", "p ~ age")
paths <- lines("q1 ~ a*p1 + age", "out ~ b*q1 + c*p1", "indirect := a*b", "total := c + a*b")
mlr <- function(name, syntax = items, data = "skewed", ...) {
  reference(name, syntax, data, estimator = "MLR", ...)
}
mlm <- function(name, syntax = items, ...) reference(name, syntax, "skewed", estimator = "MLM", ...)
strong <- c("loadings", "intercepts")

mlr("mlr_cfa", auto = "cfa", moments = TRUE)
mlr("mlr_cfa_std_lv", auto = "cfa", std_lv = TRUE)
mlr("mlr_sem_fixed_x", outcome)
mlr("mlr_sem_random_x", outcome, fixed_x = FALSE)
mlr("mlr_path", paths)
mlr("mlr_saturated", lines("out ~ p1 + q1", "p1 ~~ q1"))
mlr("mlr_equal", lines("p =~ l*p1 + l*p2 + l*p3", "q =~ q1 + m*q2 + m*q3", "p1 ~~ e*p1", "p2 ~~ e*p2"),
  auto = "cfa", std_lv = TRUE)
mlr("mlr_nonlinear", lines(
  "p =~ p1 + a*p2 + b*p3", "q =~ q1 + c*q2 + d*q3", "out ~ u*p + v*q", "a*c == b", "u == v^2",
  "r := u / v"
))
mlr("mlr_expected", auto = "cfa", information = "expected")
mlr("mlr_observed_h1", auto = "cfa", observed_information = "h1")
mlr("mlr_groups", auto = "cfa", group = "arm", moments = TRUE)
mlr("mlr_groups_loadings", auto = "cfa", group = "arm", group_equal = "loadings")
mlr("mlr_groups_intercepts", auto = "cfa", group = "arm", group_equal = strong)
mlr("mlr_groups_sem", outcome, group = "arm", group_equal = c("loadings", "regressions"))
mlr("mlr_groups_nonlinear", lines(
  "p =~ p1 + c(a1, a2)*p2 + p3", "q =~ q1 + c(c1, c2)*q2 + q3", "q ~ c(b1, b2)*p", "a1*c1 == a2*c2"
), group = "arm")
mlr("mlr_fiml", data = "skewed_mar", auto = "cfa", missing = "fiml", moments = TRUE)
mlr("mlr_fiml_equal", lines("p =~ l*p1 + l*p2 + l*p3", "q =~ m*q1 + m*q2 + m*q3"),
  data = "skewed_mar", auto = "cfa", missing = "fiml", std_lv = TRUE)
mlr("mlr_fiml_nonlinear", lines(
  "p =~ p1 + a*p2 + b*p3", "q =~ q1 + c*q2 + d*q3", "out ~ u*p + v*q", "a*c == b"
), data = "skewed_mar", missing = "fiml")
mlr("mlr_fiml_path_random_x", paths, data = "skewed_mar", missing = "fiml", fixed_x = FALSE)
mlr("mlr_fiml_path_fixed_x", paths, data = "skewed_mar", missing = "fiml", fixed_x = TRUE,
  warns = "rows that miss a fixed predictor are dropped")
mlr("mlr_fiml_expected", data = "skewed_mar", auto = "cfa", missing = "fiml",
  information = "expected")
mlr("mlr_fiml_groups", data = "skewed_mar", auto = "cfa", missing = "fiml", group = "arm",
  moments = TRUE)
mlr("mlr_fiml_groups_intercepts", data = "skewed_mar", auto = "cfa", missing = "fiml",
  group = "arm", group_equal = strong)
mlr("mlr_fiml_complete_data", auto = "cfa", missing = "fiml")

mlm("mlm_cfa", auto = "cfa")
mlm("mlm_sem_fixed_x", outcome)
mlm("mlm_sem_random_x", outcome, fixed_x = FALSE)
mlm("mlm_path", paths)
mlm("mlm_equal", lines("p =~ l*p1 + l*p2 + l*p3", "q =~ q1 + m*q2 + m*q3"), auto = "cfa",
  std_lv = TRUE)
mlm("mlm_groups_loadings", auto = "cfa", group = "arm", group_equal = "loadings")
mlm("mlm_groups_intercepts", auto = "cfa", group = "arm", group_equal = strong)
mlm("mlm_groups_path", lines("q1 ~ c(a, a)*p1 + age", "out ~ q1 + p1"), group = "arm")
reference("mlmv_cfa", items, "skewed", auto = "cfa", estimator = "MLMV")

reference("ml_huber_white", items, "skewed", auto = "cfa", se = "robust.huber.white")
reference("ml_huber_white_means", items, "skewed", auto = "cfa", se = "robust.huber.white",
  meanstructure = TRUE, information = "observed")
reference("ml_robust_sem", items, "skewed", auto = "cfa", se = "robust.sem")
reference("ml_yuan_bentler", items, "skewed", auto = "cfa", estimator = "MLR",
  test = "yuan.bentler", warns = "observed.information is set to h1 for this test")
reference("ml_first_order", items, "skewed", auto = "cfa", se = "standard",
  information = "first.order")

write_family(
  "robust",
  paste(
    "lavaan with estimator MLR, MLM or MLMV, or ML with se =; polished. tests[0] is the standard",
    "test, tests[1] the scaled one (scaling_factor, shift_parameter, scaling_factor_h1 and _h0 of",
    "the log-likelihoods); baseline_tests the same of the baseline model; fit has the scaled and",
    "robust indices under lavaan's names with underscores."
  ),
  models
)
