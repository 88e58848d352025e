# Growth and panel models.

growth_factors <- function(y, times, level = "level", slope = "slope") lines(
  paste(level, "=~", paste0("1*", y, times, collapse = " + ")),
  paste(slope, "=~", paste0(seq_along(times) - 1, "*", y, times, collapse = " + "))
)
linear <- growth_factors("skill", 1:5)
reference("growth_linear", linear, "growth", auto = "growth", vcov = TRUE, residuals = TRUE)
reference("growth_linear_fiml", linear, "growth_mar", auto = "growth", vcov = TRUE)
reference("growth_three_waves", growth_factors("skill", 1:3), "growth", auto = "growth")
reference(
  "growth_quadratic",
  lines(linear, "bend =~ 0*skill1 + 1*skill2 + 4*skill3 + 9*skill4 + 16*skill5"), "growth",
  auto = "growth"
)
reference(
  "growth_quadratic_fiml",
  lines(
    linear, "bend =~ 0*skill1 + 1*skill2 + 4*skill3 + 9*skill4 + 16*skill5",
    "bend ~~ 0*bend + 0*level + 0*slope", "skill1 ~~ e*skill1", "skill2 ~~ e*skill2",
    "skill3 ~~ e*skill3", "skill4 ~~ e*skill4", "skill5 ~~ e*skill5"
  ),
  "growth_mar", auto = "growth"
)
reference(
  "growth_latent_basis",
  lines(
    "level =~ 1*skill1 + 1*skill2 + 1*skill3 + 1*skill4 + 1*skill5",
    "slope =~ 0*skill1 + skill2 + start(2)*skill3 + start(3)*skill4 + 4*skill5"
  ),
  "growth", auto = "growth"
)
reference(
  "growth_covariates",
  lines(
    linear, "level ~ age + coached", "slope ~ age + coached", "skill3 ~ load3", "skill4 ~ load4"
  ),
  "growth", auto = "growth"
)
reference(
  "growth_covariates_random_x",
  lines(linear, "level ~ age + coached", "slope ~ a*coached + g*level", "h := a*g"), "growth",
  auto = "growth", fixed_x = FALSE,
  warns = "growth() fixes the means of random covariates at zero, and says so"
)
reference(
  "growth_covariates_fiml", lines(linear, "level + slope ~ age + coached"), "growth_mar",
  auto = "growth", fixed_x = TRUE
)
reference(
  "growth_equal_residuals", lines(linear, sprintf("skill%d ~~ e*skill%d", 1:5, 1:5)), "growth",
  auto = "growth", information = "observed"
)
dyadic_growth <- lines(
  growth_factors("m", 1:4, "level_m", "slope_m"), growth_factors("d", 1:4, "level_d", "slope_d"),
  sprintf("m%d ~~ d%d", 1:4, 1:4)
)
reference("growth_dyadic", dyadic_growth, "dyadic_growth", auto = "growth", vcov = TRUE)
reference(
  "growth_dyadic_equal",
  lines(
    dyadic_growth, "slope_m ~ s*1", "slope_d ~ s*1", sprintf("m%d ~~ e*m%d", 1:4, 1:4),
    sprintf("d%d ~~ f*d%d", 1:4, 1:4)
  ),
  "dyadic_growth", auto = "growth"
)

clpm <- function(waves, equal = FALSE, first = "x", second = "y") {
  label <- function(name, t) if (equal) paste0(name, "*") else paste0(name, t, "*")
  unlist(lapply(2:waves, function(t) c(
    paste0(first, t, " ~ ", label("sx", t), first, t - 1, " + ", label("cy", t), second, t - 1),
    paste0(second, t, " ~ ", label("sy", t), second, t - 1, " + ", label("cx", t), first, t - 1),
    paste0(first, t, " ~~ ", second, t)
  )))
}
reference("clpm_two_waves", lines(clpm(2)), "panel")
reference("clpm_three", lines(clpm(3)), "panel", residuals = TRUE)
reference("clpm_four", lines(clpm(4)), "panel", meanstructure = TRUE)
reference(
  "clpm_four_equal", lines(clpm(4, TRUE), "ratio := cx / cy", "difference := cx - cy"), "panel",
  fixed_x = FALSE
)
reference("clpm_five_equal_observed", lines(clpm(5, TRUE)), "panel", information = "observed")
reference(
  "clpm_five_second_order",
  lines(clpm(5), "x3 ~ x1", "x4 ~ x2", "x5 ~ x3", "y3 ~ y1", "y4 ~ y2", "y5 ~ y3"), "panel",
  meanstructure = TRUE
)
reference(
  "clpm_covariate", lines(clpm(3), "x1 + y1 ~ z", "x1 ~~ y1", "x2 + y2 + x3 + y3 ~ z"), "panel"
)
reference("clpm_fiml", lines(clpm(4)), "panel_mar", fixed_x = FALSE)
reference("clpm_fiml_equal", lines(clpm(4, TRUE)), "panel_mar", fixed_x = FALSE, residuals = TRUE)
reference(
  "clpm_fiml_expected", lines(clpm(3)), "panel_mar", fixed_x = FALSE, information = "expected",
  warns = "a row that misses every variable is dropped"
)
reference("clpm_listwise", lines(clpm(4, TRUE)), "panel_mar", missing = "listwise")

riclpm <- function(waves, equal = FALSE, ...) {
  within <- function(v) paste0("w", v, seq_len(waves), " =~ 1*", v, seq_len(waves))
  lines(
    paste("ix =~", paste0("1*x", seq_len(waves), collapse = " + ")),
    paste("iy =~", paste0("1*y", seq_len(waves), collapse = " + ")),
    within("x"), within("y"), clpm(waves, equal, "wx", "wy"), "wx1 ~~ wy1",
    paste0("x", seq_len(waves), " ~~ 0*x", seq_len(waves)),
    paste0("y", seq_len(waves), " ~~ 0*y", seq_len(waves)),
    "ix ~~ 0*wx1 + 0*wy1", "iy ~~ 0*wx1 + 0*wy1", "ix ~~ iy", ...
  )
}
# The same written for lavaan(), as the field's tutorials do.
covary <- c("ix ~~ ix", "iy ~~ iy", "ix ~~ iy")
bare_riclpm <- function(waves, equal = FALSE, between = covary, ...) {
  t <- seq_len(waves)
  lines(
    paste("ix =~", paste0("1*x", t, collapse = " + ")),
    paste("iy =~", paste0("1*y", t, collapse = " + ")),
    paste0("wx", t, " =~ 1*x", t), paste0("wy", t, " =~ 1*y", t), clpm(waves, equal, "wx", "wy"),
    "wx1 ~~ wy1", paste0("wx", t, " ~~ wx", t), paste0("wy", t, " ~~ wy", t), between, ...
  )
}
means <- function(waves) paste0(c("x", "y"), rep(seq_len(waves), each = 2), " ~ 1")
reference("riclpm_three", riclpm(3), "panel", meanstructure = TRUE, vcov = TRUE)
reference(
  "riclpm_four", bare_riclpm(4, FALSE, c("ix ~~ ix + iy", "iy ~~ iy"), means(4)), "panel",
  auto = "lavaan", vcov = TRUE, residuals = TRUE
)
reference(
  "riclpm_four_covariances_only", bare_riclpm(4), "panel", auto = "lavaan", meanstructure = FALSE
)
reference(
  "riclpm_four_equal",
  bare_riclpm(4, TRUE, c("ix ~~ ix + iy", "iy ~~ iy"), means(4), "d := cx - cy"), "panel",
  auto = "lavaan"
)
reference(
  "riclpm_four_observed", bare_riclpm(4, FALSE, c("ix ~~ ix + iy", "iy ~~ iy"), means(4)), "panel",
  auto = "lavaan", information = "observed"
)
reference(
  "riclpm_five", bare_riclpm(5, TRUE, c("ix ~~ ix + iy", "iy ~~ iy"), means(5)), "panel",
  auto = "lavaan"
)
reference(
  "riclpm_no_intercept_variance",
  bare_riclpm(4, FALSE, c("ix ~~ 0*ix + 0*iy", "iy ~~ 0*iy"), means(4)), "panel", auto = "lavaan"
)
reference(
  "riclpm_fixed_grand_mean",
  bare_riclpm(
    4, TRUE, NULL, paste0("x", 1:4, " ~ mx*1"), paste0("y", 1:4, " ~ my*1"), "ix ~~ ix + iy",
    "iy ~~ iy"
  ),
  "panel", auto = "lavaan"
)
reference("riclpm_covariate", riclpm(4, FALSE, "ix + iy ~ z"), "panel", meanstructure = TRUE)
reference(
  "riclpm_covariate_random_x", riclpm(3, TRUE, "wx1 + wy1 ~ z", "ix ~~ 0*z", "iy ~~ 0*z"), "panel",
  fixed_x = FALSE, meanstructure = TRUE
)
reference(
  "riclpm_covariate_written",
  bare_riclpm(
    3, FALSE, c("ix ~~ ix + iy", "iy ~~ iy"), means(3), "x1 + x2 + x3 ~ bx*z",
    "y1 + y2 + y3 ~ by*z", "z ~~ z", "z ~ 1"
  ),
  "panel", auto = "lavaan"
)
reference(
  "riclpm_fiml", bare_riclpm(4, FALSE, c("ix ~~ ix + iy", "iy ~~ iy"), means(4)), "panel_mar",
  auto = "lavaan", vcov = TRUE, residuals = TRUE
)
reference(
  "riclpm_fiml_equal",
  bare_riclpm(4, TRUE, c("ix ~~ ix + iy", "iy ~~ iy"), means(4), "d := cx - cy"), "panel_mar",
  auto = "lavaan"
)
reference(
  "riclpm_fiml_expected", bare_riclpm(4, FALSE, c("ix ~~ ix + iy", "iy ~~ iy"), means(4)),
  "panel_mar", auto = "lavaan", information = "expected"
)
reference(
  "riclpm_fiml_no_intercept_variance",
  bare_riclpm(4, TRUE, c("ix ~~ 0*ix + 0*iy", "iy ~~ 0*iy"), means(4)), "panel_mar", auto = "lavaan"
)
reference(
  "riclpm_product_constraint",
  bare_riclpm(
    5, FALSE, c("ix ~~ ix + iy", "iy ~~ iy"), means(5), "sx4 == sx2 * sx3 + 0.2", "cy2 == cy3"
  ),
  "panel", auto = "lavaan",
  warns = "lavaan warns of the zero eigenvalue that a nonlinear constraint brings"
)

# Equal effects across waves carry labels: who is moved, by whom.
dyadic_clpm <- function(waves, equal = FALSE) {
  v <- c("trust_m", "learn_m", "trust_d", "learn_d")
  effect <- function(from, to) {
    if (!equal) return("")
    same <- sub(".*_", "", from) == sub(".*_", "", to)
    paste0(substr(from, 1, 2), substr(to, 1, 2), if (same) "A" else "P", "*")
  }
  equation <- function(to, t) {
    paste0(to, t, " ~ ", paste0(vapply(v, effect, "", to = to), v, t - 1, collapse = " + "))
  }
  unlist(lapply(2:waves, function(t) c(
    vapply(v, equation, "", t = t),
    apply(combn(v, 2), 2, function(p) paste0(p[1], t, " ~~ ", p[2], t))
  )))
}
reference("dyadic_clpm", lines(dyadic_clpm(3)), "dyadic_panel", meanstructure = TRUE)
reference("dyadic_clpm_equal", lines(dyadic_clpm(3, TRUE)), "dyadic_panel")
reference("dyadic_clpm_fiml", lines(dyadic_clpm(3, TRUE)), "dyadic_panel_mcar", fixed_x = FALSE)
# Stability of each view and influence of the other's.
stability <- function(waves) unlist(lapply(2:waves, function(t) c(
  paste0("trust_m", t, " ~ sm*trust_m", t - 1, " + im*trust_d", t - 1),
  paste0("trust_d", t, " ~ sd*trust_d", t - 1, " + id*trust_m", t - 1),
  paste0("trust_m", t, " ~~ trust_d", t)
)))
reference(
  "stability_influence", lines(stability(3), "converge := sm + im", "sm_minus_sd := sm - sd"),
  "dyadic_panel"
)
reference(
  "stability_influence_sum_one", lines(stability(3), "sm + im == 1", "sd + id == 1"),
  "dyadic_panel", vcov = TRUE
)
reference("stability_influence_fiml", lines(stability(3)), "dyadic_panel_mcar", fixed_x = FALSE)

reference(
  "latent_change",
  lines(
    "x2 ~ 1*x1", "change =~ 1*x2", "x2 ~~ 0*x2", "x2 ~ 0*1", "change ~ 1 + b*x1 + c*y1",
    "x1 ~~ x1 + y1", "y1 ~~ y1", "x1 + y1 ~ 1", "change ~~ change"
  ),
  "panel", auto = "lavaan"
)
reference(
  "latent_change_fiml",
  lines(
    "x2 ~ 1*x1", "change =~ 1*x2", "x2 ~~ 0*x2", "x2 ~ 0*1", "change ~ 1 + b*x1 + c*y1",
    "x1 ~~ x1 + y1", "y1 ~~ y1", "x1 + y1 ~ 1", "change ~~ change"
  ),
  "panel_mar", auto = "lavaan", warns = "a row that misses every variable is dropped"
)
reference(
  "longitudinal_scalar",
  lines(
    "t1 =~ trust1_m + l2*trust2_m + l3*trust3_m", "t2 =~ trust1_d + l2*trust2_d + l3*trust3_d",
    sprintf("trust%d_m ~~ trust%d_d", 1:3, 1:3), sprintf("trust%d_m ~ i%d*1", 1:3, 1:3),
    sprintf("trust%d_d ~ i%d*1", 1:3, 1:3), "t1 ~ 0*1", "t2 ~ d*1", "t2 ~~ v2*t2", "t1 ~~ v1*t1",
    "effect := d / sqrt((v1 + v2) / 2)"
  ),
  "dyadic_items_mar", auto = "cfa"
)
v <- c("trust_m", "learn_m", "trust_d", "learn_d")
dyadic_riclpm <- lines(
  vapply(v, function(x) paste0("i_", x, " =~ ", paste0("1*", x, 1:3, collapse = " + ")), ""),
  paste0("w", v, rep(1:3, each = 4), " =~ 1*", v, rep(1:3, each = 4)),
  unlist(
    lapply(2:3, function(t) paste0("w", v, t, " ~ ", paste0("w", v, t - 1, collapse = " + ")))
  ),
  unlist(
    lapply(
      1:3, function(t) apply(combn(v, 2), 2, function(p) paste0("w", p[1], t, " ~~ w", p[2], t))
    )
  ),
  paste0("w", v, rep(1:3, each = 4), " ~~ w", v, rep(1:3, each = 4)), paste0("i_", v, " ~~ i_", v),
  apply(combn(v, 2), 2, function(p) paste0("i_", p[1], " ~~ i_", p[2])),
  paste0(v, rep(1:3, each = 4), " ~ 1")
)
reference(
  "dyadic_riclpm", dyadic_riclpm, "dyadic_panel", auto = "lavaan",
  warns = "an intercept variance is negative where there are no stable differences"
)

wide <- lines(
  vapply(
    1:7, function(k) paste0("F", letters[k], " =~ ", paste0(letters[k], 1:4, collapse = " + ")), ""
  )
)
reference("wide_fiml", lines(wide, "Fg ~ Fa + Fb + Fc", "Ff ~ Fa + Fd + Fe"), "wide")
