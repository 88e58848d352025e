# Measurement and structural models with latent variables.

three <- lines("visual =~ x1 + x2 + x3", "verbal =~ x4 + x5 + x6", "speed =~ x7 + x8 + x9")
reference("cfa_three_factors", three, "abilities", auto = "cfa", vcov = TRUE, residuals = TRUE)
reference("cfa_observed", three, "abilities", auto = "cfa", information = "observed")
reference("cfa_std_lv", three, "abilities", auto = "cfa", std_lv = TRUE)
reference("cfa_means", three, "abilities", auto = "cfa", meanstructure = TRUE, residuals = TRUE)
reference("cfa_fiml", three, "abilities_mcar", auto = "cfa", vcov = TRUE, residuals = TRUE)
reference(
  "cfa_fiml_std_lv_expected", three, "abilities_mcar", auto = "cfa", std_lv = TRUE,
  information = "expected"
)
reference("cfa_listwise", three, "abilities_mcar", auto = "cfa", missing = "listwise")
reference("cfa_cross_loading", lines(three, "visual =~ x9", "x2 ~~ x3"), "abilities", auto = "cfa")
reference(
  "cfa_free_marker",
  lines(
    "visual =~ NA*x1 + l1*x1 + x2 + x3", "verbal =~ NA*x4 + x5 + x6", "visual ~~ 1*visual",
    "verbal ~~ 1*verbal", "x1 ~~ start(0.6)*x1", "reliability := l1^2"
  ),
  "abilities", auto = "cfa"
)
reference(
  "cfa_effect_coding",
  lines(
    "visual =~ NA*x1 + a*x1 + b*x2 + c*x3", "verbal =~ NA*x4 + d*x4 + e*x5 + f*x6",
    "a + b + c == 3", "d == 3 - e - f", "x1 ~ i1*1", "x2 ~ i2*1", "x3 ~ i3*1", "i1 + i2 + i3 == 0",
    "visual ~ 1"
  ),
  "abilities", auto = "cfa", meanstructure = TRUE, vcov = TRUE
)
reference(
  "cfa_orthogonal", lines(three, "visual ~~ 0*verbal + 0*speed", "verbal ~~ 0*speed"), "abilities",
  auto = "cfa"
)
reference(
  "cfa_one_factor_poor", "g =~ x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9", "abilities",
  auto = "cfa"
)
reference(
  "cfa_tau_equivalent", lines("verbal =~ l*x4 + l*x5 + l*x6", "speed =~ 1*x7 + 1*x8 + 1*x9"),
  "abilities", auto = "cfa", std_lv = TRUE
)
reference(
  "cfa_parallel",
  lines(
    "verbal =~ 1*x4 + 1*x5 + 1*x6", "x4 ~~ e*x4", "x5 ~~ e*x5", "x6 ~~ e*x6", "x4 + x5 + x6 ~ m*1",
    "verbal ~~ v*verbal", "reliability := v / (v + e)"
  ),
  "abilities", auto = "cfa", meanstructure = TRUE
)
reference(
  "cfa_two_indicators_equal", lines("f =~ l*x1 + l*x2", "g =~ k*x4 + k*x5"), "abilities",
  auto = "cfa", std_lv = TRUE
)
reference("cfa_single_indicator", lines(
  "verbal =~ x4 + x5 + x6", "age_f =~ 1*age", "age ~~ 0.2*age", "spd =~ x7", "verbal ~ age_f + spd"
), "abilities")
reference("second_order", lines(three, "g =~ visual + verbal + speed"), "abilities", auto = "cfa")
reference(
  "second_order_std_lv", lines(three, "g =~ visual + verbal + l*speed", "l > 0"), "abilities",
  auto = "cfa", std_lv = TRUE
)
reference(
  "bare_cfa",
  lines(
    "f =~ 1*x4 + x5 + x6", "f ~~ f", "x4 ~~ x4", "x5 ~~ x5", "x6 ~~ x6", "x4 + x5 + x6 ~ 1",
    "f ~ 0*1", "x7 ~~ f + x7", "x7 ~ 1"
  ),
  "abilities", auto = "lavaan"
)
reference("bare_free_intercepts", lines(
  "f =~ 1*x4 + x5 + x6", "f ~~ f", "x4 ~~ x4", "x5 ~~ x5", "x6 ~~ x6"
), "abilities", auto = "lavaan", int_ov_free = TRUE, meanstructure = TRUE)

mimic <- lines("verbal =~ x4 + x5 + x6", "speed =~ x7 + x8 + x9", "verbal + speed ~ age + group")
reference("mimic_fixed_x", mimic, "abilities")
reference("mimic_random_x", mimic, "abilities", fixed_x = FALSE)
reference("mimic_means", mimic, "abilities", meanstructure = TRUE, information = "observed")
reference(
  "mimic_direct_effect", lines(mimic, "x9 ~ age", "x5 ~ group"), "abilities", residuals = TRUE
)
reference("mimic_fiml_random_x", mimic, "abilities_mcar", fixed_x = FALSE)
reference("mimic_fiml_fixed_x", mimic, "abilities_mcar", fixed_x = TRUE,
          warns = "rows without exogenous variables are deleted under fixed_x")
reference(
  "mimic_fiml_fixed_x_expected", lines("verbal =~ x4 + x5 + x6", "verbal ~ group"),
  "abilities_mcar", fixed_x = TRUE, information = "expected"
)

democracy <- lines(
  "ind60 =~ x1 + x2 + x3", "dem60 =~ y1 + a*y2 + b*y3 + c*y4", "dem65 =~ y5 + a*y6 + b*y7 + c*y8",
  "dem60 ~ ind60", "dem65 ~ ind60 + dem60",
  "y1 ~~ y5", "y2 ~~ y4 + y6", "y3 ~~ y7", "y4 ~~ y8", "y6 ~~ y8"
)
reference("democracy", gsub("[abc]\\*", "", democracy), "democracy", vcov = TRUE, residuals = TRUE)
reference("democracy_equal_loadings", democracy, "democracy")
reference(
  "democracy_means_observed", democracy, "democracy", meanstructure = TRUE, information = "observed"
)
reference(
  "democracy_indirect",
  sub(
    "dem65 ~ ind60 + dem60", "dem65 ~ q*ind60 + r*dem60\ni := p*r",
    sub("dem60 ~ ind60", "dem60 ~ p*ind60", democracy), fixed = TRUE
  ),
  "democracy"
)
wheaton <- lines(
  "ses =~ education + sei", "alien67 =~ anomia67 + powerless67",
  "alien71 =~ anomia71 + powerless71", "alien71 ~ alien67 + ses", "alien67 ~ ses",
  "anomia67 ~~ anomia71", "powerless67 ~~ powerless71"
)
reference("wheaton", wheaton, moments = "wheaton", residuals = TRUE)
reference(
  "wheaton_equal",
  lines(
    "ses =~ education + sei", "alien67 =~ anomia67 + l*powerless67",
    "alien71 =~ anomia71 + l*powerless71", "alien71 ~ b*alien67 + c*ses", "alien67 ~ a*ses",
    "anomia67 ~~ anomia71", "powerless67 ~~ powerless71", "through := a*b"
  ),
  moments = "wheaton"
)

# Latent actor-partner models: the same item of both partners shares residual variance.
measured <- function() lines(
  "trust_m =~ trust1_m + a2*trust2_m + a3*trust3_m + a4*trust4_m",
  "trust_d =~ trust1_d + a2*trust2_d + a3*trust3_d + a4*trust4_d",
  "learn_m =~ learn1_m + b2*learn2_m + b3*learn3_m",
  "learn_d =~ learn1_d + b2*learn2_d + b3*learn3_d",
  sprintf("trust%d_m ~~ trust%d_d", 1:4, 1:4), sprintf("learn%d_m ~~ learn%d_d", 1:3, 1:3)
)
structural <- c(
  "learn_m ~ act_m*trust_m + par_m*trust_d", "learn_d ~ act_d*trust_d + par_d*trust_m",
  "learn_m ~~ learn_d"
)
equal_effects <- c(
  "learn_m ~ act*trust_m + par*trust_d", "learn_d ~ act*trust_d + par*trust_m",
  "learn_m ~~ learn_d", "k := par / act"
)
free_loadings <- function(x) gsub("[ab][0-9]\\*", "", x)
reference(
  "latent_apim", lines(free_loadings(measured()), structural), "dyadic_items", residuals = TRUE
)
reference("latent_apim_equal_loadings", lines(measured(), structural), "dyadic_items", vcov = TRUE)
reference(
  "latent_apim_equal_effects", lines(measured(), equal_effects), "dyadic_items",
  meanstructure = TRUE
)
reference("latent_apim_fiml", lines(measured(), structural), "dyadic_items_mar", vcov = TRUE)
reference(
  "latent_apim_fiml_equal_effects", lines(measured(), equal_effects), "dyadic_items_mar",
  information = "expected"
)
reference(
  "latent_apim_no_cross_residuals",
  lines(grep("~~", strsplit(measured(), "\n")[[1]], invert = TRUE, value = TRUE), structural),
  "dyadic_items"
)
reference(
  "latent_apim_std_lv", lines(free_loadings(measured()), structural), "dyadic_items", std_lv = TRUE
)
reference(
  "latent_apim_moments", lines(measured(), structural), moments = "dyadic_moments",
  information = "observed"
)
reference(
  "latent_apim_scalar",
  lines(
    measured(), equal_effects, sprintf("trust%d_m ~ t%d*1", 1:4, 1:4),
    sprintf("trust%d_d ~ t%d*1", 1:4, 1:4), sprintf("learn%d_m ~ s%d*1", 1:3, 1:3),
    sprintf("learn%d_d ~ s%d*1", 1:3, 1:3), "trust_d ~ 1", "learn_d ~ 1"
  ),
  "dyadic_items", meanstructure = TRUE
)
reference(
  "dyadic_bifactor",
  lines(
    paste(
      "general =~", paste0("g", 1:4, "*trust", 1:4, "_m", collapse = " + "), "+",
      paste0("g", 1:4, "*trust", 1:4, "_d", collapse = " + ")
    ),
    paste("own_m =~", paste0("trust", 1:4, "_m", collapse = " + ")),
    paste("own_d =~", paste0("trust", 1:4, "_d", collapse = " + ")), "general ~~ 0*own_m + 0*own_d",
    "own_m ~~ 0*own_d"
  ),
  "dyadic_items", auto = "cfa", std_lv = TRUE
)
reference("dyadic_second_order", lines(
  grep("learn", strsplit(free_loadings(measured()), "\n")[[1]], invert = TRUE, value = TRUE),
  "climate =~ 1*trust_m + 1*trust_d", "trust_m ~~ v*trust_m", "trust_d ~~ v*trust_d"
), "dyadic_items")
reference("dyadic_second_order_fiml", lines(
  grep("learn", strsplit(measured(), "\n")[[1]], invert = TRUE, value = TRUE),
  "climate =~ 1*trust_m + 1*trust_d", "trust_m ~~ v*trust_m", "trust_d ~~ v*trust_d"
), "dyadic_items_mar")
common_fate <- lines(
  "climate =~ 1*view_m + 1*view_d", "growth =~ 1*gain_m + 1*gain_d", "growth ~ b*climate",
  "view_m ~~ gain_m", "view_d ~~ gain_d"
)
reference("common_fate", common_fate, "views", vcov = TRUE)
reference("common_fate_equal", lines(
  "climate =~ 1*view_m + 1*view_d", "growth =~ 1*gain_m + 1*gain_d", "growth ~ b*climate",
  "view_m ~~ c*gain_m", "view_d ~~ c*gain_d", "view_m ~~ u*view_m", "view_d ~~ u*view_d",
  "gain_m ~~ e*gain_m", "gain_d ~~ e*gain_d"
), "views")
reference("common_fate_fiml", common_fate, "views_mcar")
reference("common_fate_negative", lines(
  "share =~ 1*share_m + 1*share_d", "talk =~ 1*talk_m + 1*talk_d", "talk ~~ share"
), "opposed", warns = "the shared variance is negative, which is the point")
# A negative residual variance, free and held at zero.
reference(
  "heywood", "f =~ i1 + i2 + i3 + i4 + i5", "doublet", auto = "cfa",
  warns = "the Heywood case is the point"
)
reference(
  "heywood_std_lv", lines("f =~ i1 + i2 + i3 + i4 + i5", "i4 ~~ i5"), "doublet", auto = "cfa",
  std_lv = TRUE, warns = "the Heywood case is the point"
)
reference(
  "heywood_bound", lines("f =~ i1 + i2 + i3 + i4 + i5", "i1 ~~ lower(0)*i1"), "doublet",
  auto = "cfa", warns = "the active bound is the point"
)
reference(
  "heywood_inequality", lines("f =~ i1 + i2 + i3 + i4 + i5", "i1 ~~ v*i1", "v > 0.01"), "doublet",
  auto = "cfa", warns = "the active inequality is the point"
)
reference(
  "heywood_positive_variances", "f =~ i1 + i2 + i3 + i4 + i5", "doublet", auto = "cfa",
  bounds = "pos.var", warns = "the active bound is the point"
)
reference(
  "heywood_fixed_zero", lines("f =~ i1 + i2 + i3 + i4 + i5", "i1 ~~ 0*i1"), "doublet", auto = "cfa"
)
# Units that differ by factors of a million; lavaan gets there from good starting values only.
unequal <- lines(
  "wealth =~ rating1 + rating2 + start(4000)*income + start(0.02)*share",
  "work =~ score + start(20)*hours + start(0.001)*rate", "work ~ wealth",
  "income ~~ start(5e6)*income", "share ~~ start(2e-4)*share", "hours ~~ start(1e4)*hours",
  "rate ~~ start(6e-5)*rate"
)
units <- "variables in very different units are the point"
reference("unequal_units", unequal, "unequal", warns = units, baseline_fails = TRUE, vcov = TRUE)
reference(
  "unequal_units_std_lv", unequal, "unequal", std_lv = TRUE, meanstructure = TRUE, warns = units
)
reference(
  "unequal_units_observed", lines("score ~ b*hours + share", "hours ~ a*share", "i := a*b"),
  "unequal", information = "observed", warns = units
)
reference("unequal_units_fiml", unequal, "unequal_mcar", warns = units)
reference(
  "unequal_units_path_fiml", lines("score ~ b*hours + share", "hours ~ a*share", "i := a*b"),
  "unequal_mcar", fixed_x = FALSE, warns = units
)

reference(
  "latent_and_observed_predictors",
  lines(
    "trust =~ trust1_m + trust2_m + trust3_m", "learn1_m ~ b*trust + trust1_d",
    "learn2_m ~ trust + g*learn1_m", "indirect := b*g"
  ),
  "dyadic_items"
)
reference(
  "latent_and_observed_fiml",
  lines(
    "trust =~ trust1_m + trust2_m + trust3_m", "learn1_m ~ b*trust + trust1_d",
    "learn2_m ~ trust + g*learn1_m", "indirect := b*g"
  ),
  "dyadic_items_mar", fixed_x = FALSE
)
reference("cfa_complete_as_fiml", three, "abilities", auto = "cfa", missing = "fiml")
reference(
  "latent_mediation",
  lines(
    free_loadings(measured()), "learn_d ~ b*learn_m + c*trust_m", "learn_m ~ a*trust_m",
    "trust_d ~~ trust_m + learn_m + learn_d", "indirect := a*b",
    "ratio := indirect / (c + indirect)"
  ),
  "dyadic_items"
)
reference(
  "latent_product_constraint",
  lines(
    measured(), "learn_m ~ act_m*trust_m + par_m*trust_d",
    "learn_d ~ act_d*trust_d + par_d*trust_m", "learn_m ~~ learn_d", "act_m*par_d == act_d*par_m"
  ),
  "dyadic_items", vcov = TRUE
)
